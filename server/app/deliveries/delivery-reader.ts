import { z } from 'zod';

/** What a delivery says, whatever its format. A hint: the record is read again before anything is done. */
export interface DeliveryEvent {
  readonly companyId: string | null;
  readonly webhookId: string | null;
  readonly eventId: string | null;
  readonly entity: string;
  readonly action: 'create' | 'change' | 'delete';
  readonly entityId: string;
  readonly timestamp: string;
  /** The winner of a merge, told by the loser's event. */
  readonly mergedInto: string | null;
}

const Id = z.union([z.string().max(64), z.number().int()]).transform(String);
const Loose = z.union([z.string().max(64), z.number()]).transform(String);

const Version2 = z.object({
  meta: z.object({
    version: z.literal('2.0').optional(),
    action: z.enum(['create', 'change', 'delete']),
    entity: z.string().max(64),
    entity_id: Id,
    id: Loose.nullish(),
    company_id: Id.nullish(),
    webhook_id: Id.nullish(),
    timestamp: Loose.nullish(),
    merged_to_id: Id.nullish(),
  }),
});

const ACTIONS_V1 = { added: 'create', updated: 'change', deleted: 'delete', merged: 'change' } as const;
const Version1 = z.object({
  meta: z.object({
    action: z.enum(['added', 'updated', 'deleted', 'merged']),
    object: z.string().max(64),
    id: Id,
    company_id: Id.nullish(),
    webhook_id: Id.nullish(),
    timestamp: Loose.nullish(),
    timestamp_micro: Loose.nullish(),
  }),
});

/** Reads both formats of Pipedrive's webhooks; undefined where the bytes are neither. Never throws. */
export function readDelivery(body: Uint8Array): DeliveryEvent | undefined {
  const json = parseJson(body);
  const two = Version2.safeParse(json);
  if (two.success) {
    const { meta } = two.data;
    return {
      companyId: meta.company_id ?? null,
      webhookId: meta.webhook_id ?? null,
      // Events of users carry the user's id here, which names no event.
      eventId: meta.entity === 'user' ? null : (meta.id ?? null),
      entity: meta.entity,
      action: meta.action,
      entityId: meta.entity_id,
      timestamp: meta.timestamp ?? '',
      mergedInto: meta.merged_to_id ?? null,
    };
  }
  const one = Version1.safeParse(json);
  if (!one.success) return undefined;
  const { meta } = one.data;
  return {
    companyId: meta.company_id ?? null,
    webhookId: meta.webhook_id ?? null,
    eventId: null,
    entity: meta.object,
    action: ACTIONS_V1[meta.action],
    entityId: meta.id,
    timestamp: meta.timestamp_micro ?? meta.timestamp ?? '',
    mergedInto: null,
  };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
