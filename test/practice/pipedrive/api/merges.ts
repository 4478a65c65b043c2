import { mergeDeals, mergeOrganizations, mergePersons } from '../company/merges.ts';
import type { Actor, CompanyState } from '../company/state.ts';
import type { BaseRecord } from '../records.ts';
import type { BodySpec } from '../validation/spec.ts';
import { checkBody } from '../validation/spec.ts';
import { visibleRecord } from './record-queries.ts';
import { type ApiCall, idOf, ok, type Route } from './route.ts';

const MERGE: BodySpec = { merge_with_id: { type: 'integer', required: true } };

/** v1 only. The record of `merge_with_id` is the one that stays; the answer names it and the one that is gone. */
export const mergeRoutes: readonly Route[] = [
  route('/deals/{id}/merge', 'deals:full', (call) => merged(call, call.company.deals, 'Deal', mergeDeals)),
  route('/organizations/{id}/merge', 'contacts:full', (call) =>
    merged(call, call.company.organizations, 'Organization', mergeOrganizations),
  ),
  route('/persons/{id}/merge', 'contacts:full', (call) => merged(call, call.company.persons, 'Person', mergePersons)),
];

function route(path: string, scope: string, merge: (call: ApiCall) => object): Route {
  return { version: 'v1', method: 'PUT', path, scopes: [scope], handle: (call) => ok(merge(call)) };
}

function merged<T extends BaseRecord>(
  call: ApiCall,
  records: ReadonlyMap<number, T>,
  what: string,
  merge: (company: CompanyState, actor: Actor, loser: T, winner: T) => void,
): object {
  const body = checkBody(MERGE, call.body, { partial: false });
  const loser = visibleRecord(call, records, idOf(call), what);
  const winner = visibleRecord(call, records, Number(body['merge_with_id']), what);
  merge(call.company, call.actor, loser, winner);
  return { id: winner.id, merge_what_id: loser.id };
}
