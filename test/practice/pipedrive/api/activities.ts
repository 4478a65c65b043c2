import { changeActivity, createActivity, createActivityType, deleteActivity } from '../company/activities.ts';
import { primaryPerson } from '../company/side-hook-views.ts';
import { notFound, validationFailed } from '../failures.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { ActivityRecord } from '../side-records.ts';
import { idsParameter, integerParameter, timeParameter } from '../validation/query.ts';
import { ACTIVITY, ACTIVITY_TYPE } from '../validation/side-specs.ts';
import { checkBody } from '../validation/spec.ts';
import { orderValue } from './record-queries.ts';
import { type ApiAnswer, type ApiCall, idOf, ok, type Route } from './route.ts';

const READ = ['activities:read', 'activities:full'];
const WRITE = ['activities:full'];
const SORTABLE = ['id', 'add_time', 'update_time', 'due_date'];

export const activityRoutes: readonly Route[] = [
  { version: 'v2', method: 'GET', path: '/activities', scopes: READ, handle: list },
  {
    version: 'v2',
    method: 'POST',
    path: '/activities',
    scopes: WRITE,
    handle: (call) =>
      ok(view(createActivity(call.company, call.actor, checkBody(ACTIVITY, call.body, { partial: false })))),
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/activities/{id}',
    scopes: READ,
    handle: (call) => ok(view(activity(call))),
  },
  {
    version: 'v2',
    method: 'PATCH',
    path: '/activities/{id}',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(ACTIVITY, call.body, { partial: true });
      const record = activity(call);
      changeActivity(call.company, call.actor, record, body);
      return ok(view(record));
    },
  },
  {
    version: 'v2',
    method: 'DELETE',
    path: '/activities/{id}',
    scopes: WRITE,
    handle: (call) => {
      const record = activity(call);
      deleteActivity(call.company, call.actor, record);
      return ok({ id: record.id });
    },
  },
  {
    version: 'v1',
    method: 'GET',
    path: '/activityTypes',
    scopes: [...READ, 'admin'],
    handle: (call) => ok(call.company.activityTypes),
  },
  {
    version: 'v1',
    method: 'POST',
    path: '/activityTypes',
    scopes: ['admin'],
    admin: true,
    handle: (call) => ok(createActivityType(call.company, checkBody(ACTIVITY_TYPE, call.body, { partial: false }))),
  },
];

function list(call: ApiCall): ApiAnswer {
  const ids = idsParameter(call.query, 'ids');
  const since = timeParameter(call.query, 'updated_since');
  const until = timeParameter(call.query, 'updated_until');
  const links = (['owner_id', 'deal_id', 'org_id'] as const).map((name) => ({
    name,
    value: integerParameter(call.query, name),
  }));
  const person = integerParameter(call.query, 'person_id');
  const done = call.query.get('done');
  if (done !== null && done !== 'true' && done !== 'false') throw validationFailed('done: must be of type boolean');
  const rows = [...call.company.activities.values()].filter(
    (row) =>
      !row.is_deleted &&
      (!ids || ids.has(row.id)) &&
      links.every(({ name, value }) => value === undefined || row[name] === value) &&
      (person === undefined || primaryPerson(row) === person) &&
      (done === null || row.done === (done === 'true')) &&
      (since === undefined || Date.parse(row.update_time) >= since) &&
      (until === undefined || Date.parse(row.update_time) < until),
  );
  const page = pageOf(rows, pageRequest(call.query, SORTABLE), orderValue);
  return ok(page.rows.map(view), { next_cursor: page.nextCursor });
}

function activity(call: ApiCall): ActivityRecord {
  const record = call.company.activities.get(idOf(call));
  if (!record || record.is_deleted) throw notFound('Activity');
  return record;
}

/** Attendees appear only where `include_fields` asks for them. */
function view({ attendees: _attendees, ...row }: ActivityRecord): object {
  return {
    ...row,
    person_id: row.participants.find((one) => one['primary'] === true)?.['person_id'] ?? null,
    conference_meeting_client: null,
    conference_meeting_url: null,
    conference_meeting_id: null,
  };
}
