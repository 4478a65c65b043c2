import { after } from '../../kernel/clock.ts';
import type { CrmWebhookInfo } from '../ports/crm.ts';
import type { CrmWebhook, CrmWebhookKind } from '../ports/delivery-store.ts';

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

/** What a delivery got that says: not the one who listens there. Its credentials are suspected and made anew. */
const NOT_KNOWN_HERE: ReadonlySet<number> = new Set([401, 403, 404, 410]);
/** Pipedrive repeats a delivery for three minutes (section 3.4), with the credentials it began with. */
export const LAST_REPEATS_MS = 10 * 60_000;
/** A refused kind is asked for again after so long: a little less than a day, found at the same hour of the next. */
const REFUSAL_KEPT_MS = 23.5 * 60 * 60_000;

export function sameKind(a: CrmWebhookKind, b: CrmWebhookKind): boolean {
  return a.object === b.object && a.action === b.action;
}

/** Listens where it should, is not banned, and its credentials are accepted. */
export function isSound(row: CrmWebhook, present: readonly CrmWebhookInfo[], url: string): boolean {
  if (row.retiredAt) return false;
  const webhook = present.find(({ id }) => id === row.webhookId);
  if (!webhook || !sameKind(webhook, row)) return false;
  return webhook.url === url && webhook.active && turnedAway(webhook) === null;
}

/** The status by which whoever listens at its address refused its last delivery; null: it did not. */
export function turnedAway({ lastStatus }: CrmWebhookInfo): number | null {
  return lastStatus !== null && NOT_KNOWN_HERE.has(lastStatus) ? lastStatus : null;
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
