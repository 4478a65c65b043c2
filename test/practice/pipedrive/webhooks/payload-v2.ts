import type { CompanyState } from '../company/state.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { ChangeEvent, HookRecord } from '../records.ts';

export interface EventStamp {
  /** UUID of the event, the same for all hooks and attempts. */
  eventId: string;
  correlationId: string;
  /** Epoch milliseconds. */
  at: number;
}

/** The body of one delivery in format 2.0. */
export function payloadV2(
  company: CompanyState,
  hook: HookRecord,
  event: ChangeEvent,
  stamp: EventStamp,
  attempt: number,
): JsonObject {
  // The guide's user events carry the user's number where others carry the event's, and seconds for a time.
  const ofUser = event.object === 'user';
  const seconds = ofUser || company.switches.hookTime === 'seconds';
  return {
    data: event.after,
    previous: previousOf(event),
    meta: {
      action: event.action,
      company_id: String(company.id),
      correlation_id: stamp.correlationId,
      entity_id: String(event.id),
      entity: event.object,
      id: ofUser ? String(event.id) : stamp.eventId,
      is_bulk_edit: event.bulk ?? false,
      timestamp: seconds ? Math.floor(stamp.at / 1000) : new Date(stamp.at).toISOString(),
      type: hook.client_id === null ? 'general' : 'application',
      user_id: String(event.userId),
      version: '2.0',
      webhook_id: String(hook.id),
      webhook_owner_id: String(hook.user_id),
      change_source: event.source,
      attempt,
      host: new URL(company.apiDomain).host,
      ...(ofUser ? {} : { permitted_user_ids: event.permittedUserIds.map(String) }),
      ...mergeOf(event),
    },
  };
}

function mergeOf({ merge }: ChangeEvent): JsonObject {
  if (!merge) return {};
  return 'to' in merge ? { merged_to_id: String(merge.to) } : { merged_from_id: String(merge.from) };
}

/** Nothing on creation, the whole record on deletion, otherwise old values of what changed. */
function previousOf(event: ChangeEvent): JsonObject | null {
  if (event.action === 'create' || event.before === null) return null;
  if (event.after === null) return event.before;
  const changed = differences(event.before, event.after);
  if (event.object !== 'product') delete changed['update_time'];
  return changed;
}

function differences(before: JsonObject, after: JsonObject): JsonObject {
  const changed: JsonObject = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[name] ?? null, after[name] ?? null];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    changed[name] = name === 'custom_fields' && isJsonObject(old) && isJsonObject(now) ? differences(old, now) : old;
  }
  return changed;
}
