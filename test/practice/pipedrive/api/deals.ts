import { changeDeal, createDeal, deleteDeal } from '../company/deals.ts';
import { dealView } from '../company/rest-views.ts';
import { notFound, validationFailed } from '../failures.ts';
import type { DealRecord } from '../records.ts';
import { DEAL } from '../validation/body-specs.ts';
import { integerParameter } from '../validation/query.ts';
import { checkBody } from '../validation/spec.ts';
import { fieldView, filtered, listAnswer, visibleRecord } from './record-queries.ts';
import { type ApiCall, idOf, ok, type Route } from './route.ts';

const READ = ['deals:read', 'deals:full'];
const WRITE = ['deals:full'];
const STATUSES = ['open', 'won', 'lost', 'deleted'];
const FILTERS = ['person_id', 'org_id', 'pipeline_id', 'stage_id'] as const;

const deal = (call: ApiCall) => visibleRecord(call, call.company.deals, idOf(call), 'Deal');

export const dealRoutes: readonly Route[] = [
  { version: 'v2', method: 'GET', path: '/deals', scopes: READ, handle: (call) => list(call, false) },
  { version: 'v2', method: 'GET', path: '/deals/archived', scopes: READ, handle: (call) => list(call, true) },
  {
    version: 'v2',
    method: 'POST',
    path: '/deals',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(DEAL, call.body, { partial: false });
      return ok(dealView(call.company, createDeal(call.company, call.actor, body)));
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/deals/{id}',
    scopes: READ,
    handle: (call) => {
      const record = deal(call);
      hideArchived(call, record);
      return ok(dealView(call.company, record, fieldView(call.query)));
    },
  },
  {
    version: 'v2',
    method: 'PATCH',
    path: '/deals/{id}',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(DEAL, call.body, { partial: true });
      const record = deal(call);
      if (body['is_archived'] === undefined) hideArchived(call, record);
      changeDeal(call.company, call.actor, record, body);
      return ok(dealView(call.company, record));
    },
  },
  {
    version: 'v2',
    method: 'DELETE',
    path: '/deals/{id}',
    scopes: WRITE,
    handle: (call) => {
      const record = deal(call);
      deleteDeal(call.company, call.actor, record);
      return ok({ id: record.id });
    },
  },
];

const KEPT_AFTER_DELETION_MS = 30 * 24 * 3_600_000;

/** Deleted records are kept for thirty days. */
function isPurged(row: DealRecord, now: number): boolean {
  return row.is_deleted && now - Date.parse(row.update_time ?? row.add_time) > KEPT_AFTER_DELETION_MS;
}

/** Since 2025-07-15 the normal calls neither return nor edit archived deals. @throws ApiFailure 404 */
function hideArchived(call: ApiCall, record: DealRecord): void {
  if (record.is_archived && !call.company.switches.archivedDealsAnswer) throw notFound('Deal');
}

/** Archived deals have a list of their own; deleted ones appear only when asked for by status. */
function list(call: ApiCall, archived: boolean) {
  const statuses = call.query.get('status')?.split(',');
  const unknown = statuses?.find((status) => !STATUSES.includes(status));
  if (unknown !== undefined) throw validationFailed(`status: ${unknown} is not allowed`);
  const wanted = FILTERS.map((name) => ({ name, value: integerParameter(call.query, name) }));
  const fits = (row: DealRecord) =>
    row.is_archived === archived &&
    !isPurged(row, call.company.clock.now()) &&
    (statuses ? statuses.includes(row.status) : row.status !== 'deleted') &&
    wanted.every(({ name, value }) => value === undefined || row[name] === value);
  return listAnswer(call, filtered(call, call.company.deals.values(), true).filter(fits), dealView);
}
