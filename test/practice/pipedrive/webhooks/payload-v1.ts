import type { CompanyState } from '../company/state.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { ChangeEvent, HookRecord } from '../records.ts';
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
  const action = ACTIONS[event.action];
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
      is_bulk_update: false,
      pipedrive_service_name: false,
      matches_filters: { current: [] },
      webhook_id: String(hook.id),
    },
    current: event.after === null ? null : flat(event.after),
    previous: event.before === null ? null : flat(event.before),
    event: `${action}.${event.object}`,
    retry: attempt - 1,
  };
}

export function v1Action(action: ChangeEvent['action']): string {
  return ACTIONS[action];
}

function flat(record: JsonObject): JsonObject {
  const { custom_fields, owner_id, ...rest } = record;
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(rest)) result[name] = name.endsWith('_time') ? v1Stamp(value) : value;
  if (owner_id !== undefined) result['user_id'] = owner_id;
  for (const [code, value] of Object.entries(isJsonObject(custom_fields) ? custom_fields : {})) {
    if (!isJsonObject(value)) continue;
    result[code] = value['value'] ?? (value['id'] === undefined ? null : String(value['id']));
    if (value['currency'] !== undefined) result[`${code}_currency`] = value['currency'];
  }
  return result;
}

function v1Stamp(value: Json): Json {
  return typeof value === 'string' ? value.replace('T', ' ').replace('Z', '') : value;
}
