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
  /** Pipedrive had tried it before: that attempt failed. */
  readonly isRepeat: boolean;
  /** The winner of a merge, told by the loser's event. */
  readonly mergedInto: string | null;
  /** The loser of a merge, told by the winner's event. */
  readonly mergedFrom: string | null;
  /** Of a line on a deal: the deal. */
  readonly dealId: string | null;
}

const Id = z.union([z.string().max(64), z.number().int()]).transform(String);
const Loose = z.union([z.string().max(64), z.number()]).transform(String);
/** What is only looked into: anything that is no such value counts as absent, and hides nothing of the rest. */
const MaybeId = Id.nullish().catch(null);
const MaybeLoose = Loose.nullish().catch(null);
const MaybeCount = z.number().nullish().catch(null);

const Version2 = z.object({
  meta: z.object({
    version: z.union([z.string().regex(/^2(\.\d+)*$/), z.number().gte(2).lt(3)]).nullish(),
    action: z.enum(['create', 'change', 'delete']),
    entity: z.string().max(64),
    entity_id: Id,
    id: MaybeLoose,
    company_id: Id.nullish(),
    webhook_id: MaybeId,
    timestamp: MaybeLoose,
    merged_to_id: MaybeId,
    merged_from_id: MaybeId,
    attempt: MaybeCount,
  }),
  data: z.unknown().optional(),
  previous: z.unknown().optional(),
});

const ACTIONS_V1 = { added: 'create', updated: 'change', deleted: 'delete', merged: 'change' } as const;
const Version1 = z.object({
  meta: z.object({
    action: z.enum(['added', 'updated', 'deleted', 'merged']),
    object: z.string().max(64),
    id: Id,
    company_id: Id.nullish(),
    webhook_id: MaybeId,
    timestamp: MaybeLoose,
    timestamp_milli: MaybeLoose,
    timestamp_micro: MaybeLoose,
  }),
  retry: MaybeCount,
  current: z.unknown().optional(),
  previous: z.unknown().optional(),
});

const OfDeal = z.object({ deal_id: Id });
const Merged = z.object({ merge_what_id: Id });
const Numbered = z.object({ id: Id });

/**
 * Reads both formats of Pipedrive's webhooks (reference pipedrive-api.md, sections 3.2 and 3.3); undefined where the bytes
 * are neither. Never throws.
 */
export function readDelivery(body: Uint8Array): DeliveryEvent | undefined {
  const json = parseJson(body);
  const two = Version2.safeParse(json);
  if (two.success) return eventOfVersion2(two.data);
  const one = Version1.safeParse(json);
  return one.success ? eventOfVersion1(one.data) : undefined;
}

function eventOfVersion2({ meta, data, previous }: z.output<typeof Version2>): DeliveryEvent {
  return {
    companyId: meta.company_id ?? null,
    webhookId: meta.webhook_id ?? null,
    // Events of users carry the user's id here, which names no event.
    eventId: meta.entity === 'user' ? null : (meta.id ?? null),
    entity: meta.entity,
    action: meta.action,
    entityId: meta.entity_id,
    timestamp: meta.timestamp ?? '',
    isRepeat: (meta.attempt ?? 1) > 1,
    mergedInto: meta.merged_to_id ?? null,
    mergedFrom: meta.merged_from_id ?? null,
    dealId: OfDeal.safeParse(data).data?.deal_id ?? OfDeal.safeParse(previous).data?.deal_id ?? null,
  };
}

function eventOfVersion1({ meta, retry, current, previous }: z.output<typeof Version1>): DeliveryEvent {
  return {
    companyId: meta.company_id ?? null,
    webhookId: meta.webhook_id ?? null,
    eventId: null,
    entity: meta.object,
    action: ACTIONS_V1[meta.action],
    entityId: meta.id,
    timestamp: meta.timestamp_micro ?? meta.timestamp_milli ?? meta.timestamp ?? '',
    isRepeat: (retry ?? 0) > 0,
    mergedInto: null,
    mergedFrom: meta.action === 'merged' ? loserOf(meta.id, current, previous) : null,
    dealId: null,
  };
}

/** Named in the winner, else the record whose last state comes along. */
function loserOf(winner: string, current: unknown, previous: unknown): string | null {
  const named = Merged.safeParse(current).data?.merge_what_id ?? Numbered.safeParse(previous).data?.id;
  return named === undefined || named === winner ? null : named;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
