import { after } from '../../kernel/clock.ts';
import type { CrmWebhookInfo } from '../ports/crm.ts';
import type { CrmWebhook, CrmWebhookKind, Heard } from '../ports/delivery-store.ts';

/**
 * What the app listens to, as narrow as can be: one webhook each, so that a ban of one leaves the others, 17 of the 40
 * that Pipedrive allows (reference pipedrive-api.md, section 3.1). Users are never deleted there.
 */
export const WEBHOOKS = [
  { object: 'deal', action: 'create' },
  { object: 'deal', action: 'change' },
  { object: 'deal', action: 'delete' },
  { object: 'deal_product', action: 'create' },
  { object: 'deal_product', action: 'change' },
  { object: 'deal_product', action: 'delete' },
  { object: 'organization', action: 'create' },
  { object: 'organization', action: 'change' },
  { object: 'organization', action: 'delete' },
  { object: 'person', action: 'create' },
  { object: 'person', action: 'change' },
  { object: 'person', action: 'delete' },
  { object: 'product', action: 'create' },
  { object: 'product', action: 'change' },
  { object: 'product', action: 'delete' },
  { object: 'user', action: 'create' },
  { object: 'user', action: 'change' },
] as const satisfies readonly CrmWebhookKind[];

/** Without these no order comes by itself: a refusal of one is a failure, a refusal of any other is noted. */
export function isEssential({ object }: CrmWebhookKind): boolean {
  return object === 'deal';
}

/** What an overload answers; everything else that is not 2xx came from somebody who does not know the webhook. */
const OVERLOADED: ReadonlySet<number> = new Set([408, 429]);
const TAKEN = 200;
const REFUSED = 401;
/** Clocks differ, and an attempt takes its time. */
const SLACK_MS = 10 * 60_000;
/** A little less than the 14 days for which it is known what was heard. */
const KNOWN_MS = 13 * 24 * 60 * 60_000;
/** Pipedrive repeats a delivery for three minutes (section 3.4), with the credentials it began with. */
export const LAST_REPEATS_MS = 10 * 60_000;
/** A refused kind is asked for again after so long: a little less than a day, found at the same hour of the next. */
const REFUSAL_KEPT_MS = 23.5 * 60 * 60_000;

export function sameKind(a: CrmWebhookKind, b: CrmWebhookKind): boolean {
  return a.object === b.object && a.action === b.action;
}

/** Listens where it should, is not banned, and its last delivery was taken. */
export function isSound(row: CrmWebhook, present: readonly CrmWebhookInfo[], url: string): boolean {
  if (row.retiredAt) return false;
  const webhook = present.find(({ id }) => id === row.webhookId);
  if (!webhook || !sameKind(webhook, row)) return false;
  const { lastStatus } = webhook;
  return webhook.url === url && webhook.active && (lastStatus === null || isTaken(lastStatus));
}

/** The status by which whoever listens at its address refused its last delivery; null: it did not. */
export function turnedAway({ lastStatus }: CrmWebhookInfo): number | null {
  const isRefused = lastStatus !== null && !isTaken(lastStatus) && lastStatus < 500 && !OVERLOADED.has(lastStatus);
  return isRefused ? lastStatus : null;
}

/** What is known here of how a webhook does. */
export interface Known {
  readonly heard: Heard;
  /** Whose webhooks may be counted on; null: nobody's are any better than they are. */
  readonly owners: ReadonlySet<number> | null;
  /** Their signatures are missing or wrong, which is told: making the webhooks anew helps nobody. */
  readonly refusedHere: boolean;
  readonly now: Date;
}

/**
 * As it is listed, but as taken where only its signature is refused, and not as active where it cannot be counted on: its owner's rights are gone, so that it says nothing
 * any more (reference pipedrive-api.md, section 3.1), or its last delivery got no answer and did not arrive.
 */
export function judged(webhook: CrmWebhookInfo, { heard, owners, refusedHere, now }: Known): CrmWebhookInfo {
  const { ownerId, lastStatus, lastDeliveryAt: at, object } = webhook;
  const isOwned = owners === null || ownerId === null || owners.has(ownerId);
  const isRecent = at !== null && after(at, KNOWN_MS) > now;
  const last = lastHeard(heard, object);
  const isLost = lastStatus === null && isRecent && (last === null || at > after(last, SLACK_MS));
  if (!isOwned || isLost) return { ...webhook, active: false };
  return refusedHere && lastStatus === REFUSED ? { ...webhook, active: true, lastStatus: TAKEN } : webhook;
}

/** When it was last heard of records of this kind; what is not known may have been about them. */
export function lastHeard({ of, unknown }: Heard, object: string): Date | null {
  const known = of.get(object) ?? null;
  return known && unknown ? (known > unknown ? known : unknown) : (known ?? unknown);
}

function isTaken(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Kinds of which there is none that is sound; those that Pipedrive refused lately are left out. */
export function missingKinds(
  stored: readonly CrmWebhook[],
  present: readonly CrmWebhookInfo[],
  refusals: readonly (CrmWebhookKind & { readonly at: Date })[],
  { url, now }: { readonly url: string; readonly now: Date },
): readonly CrmWebhookKind[] {
  const isRefused = (kind: CrmWebhookKind) =>
    refusals.some((refusal) => sameKind(refusal, kind) && after(refusal.at, REFUSAL_KEPT_MS) > now);
  return WEBHOOKS.filter(
    (kind) => !stored.some((row) => sameKind(row, kind) && isSound(row, present, url)) && !isRefused(kind),
  );
}

/**
 * Webhooks that were made although the answer never came, and the rows they belong to: by the user of their credentials
 * or, where Pipedrive does not show that, where there is only one of either.
 */
export function unanswered(
  stored: readonly CrmWebhook[],
  present: readonly CrmWebhookInfo[],
  url: string,
): readonly { readonly row: CrmWebhook; readonly id: number }[] {
  const known = new Set(stored.map(({ webhookId }) => webhookId));
  const waiting = stored.filter(({ webhookId, retiredAt }) => webhookId === 0 && !retiredAt);
  return waiting.flatMap((row) => {
    const found = present.filter((one) => !known.has(one.id) && one.url === url && sameKind(one, row));
    const [only, ...more] = found;
    const named = found.find(({ user }) => user === row.user);
    if (named) return [{ row, id: named.id }];
    const alone = only && more.length === 0 && waiting.filter((one) => sameKind(one, row)).length === 1;
    return alone && only.user === null ? [{ row, id: only.id }] : [];
  });
}
