import type { CompanyState } from '../company/state.ts';
import type { JsonObject } from '../json.ts';
import type { ChangeEvent, HookRecord } from '../records.ts';
import { flatRecord } from './flat-record.ts';
import type { EventStamp } from './payload-v2.ts';

const ACTIONS = { create: 'added', change: 'updated', delete: 'deleted' } as const;

/** The body of one delivery in the old format: flat records, both whole, numbers in meta, `retry` from 0. */
export function payloadV1(
  company: CompanyState,
  hook: HookRecord,
  event: ChangeEvent,
  stamp: EventStamp,
  attempt: number,
): JsonObject {
  const action = v1Action(event);
  const merged = event.merge && 'from' in event.merge ? event.merge : undefined;
  const before = merged ? merged.loser : event.before;
  return {
    v: 1,
    matches_filters: { current: [] },
    meta: {
      v: 1,
      action,
      object: event.object,
      id: event.id,
      company_id: company.id,
      user_id: event.userId,
      host: new URL(company.apiDomain).host,
      timestamp: Math.floor(stamp.at / 1000),
      timestamp_micro: stamp.at * 1000,
      permitted_user_ids: [...event.permittedUserIds],
      trans_pending: false,
      is_bulk_update: event.bulk ?? false,
      pipedrive_service_name: false,
      matches_filters: { current: [] },
      webhook_id: String(hook.id),
    },
    current: event.after && {
      ...flatRecord(event.object, event.after),
      ...(merged ? { merge_what_id: merged.from } : {}),
    },
    previous: before && flatRecord(event.object, before),
    event: `${action}.${event.object}`,
    retry: attempt - 1,
  };
}

/** A merge has an action of its own, told about the winner. */
export function v1Action({ action, merge }: Pick<ChangeEvent, 'action' | 'merge'>): string {
  return merge && 'from' in merge ? 'merged' : ACTIONS[action];
}
