import { isSilent, isUnheard, type Rhythm } from '../../domain/webhook-silence.ts';
import { after } from '../../kernel/clock.ts';
import type { CrmList, CrmReading } from '../ports/crm-readings.ts';
import type { CrmWebhook, Heard } from '../ports/delivery-store.ts';
import { lastHeard } from './webhook-plan.ts';

/** Why all webhooks are made anew. `unheard`: records of these kinds changed, and nobody told of it. */
export type Renewal =
  | { readonly reason: 'asked' | 'silent' }
  | { readonly reason: 'unheard'; readonly objects: readonly string[] };

const DAY_MS = 24 * 60 * 60_000;

/** Lists that show what should have been notified. Whether archiving is notified is not documented. */
const SHOWN: readonly (readonly [CrmList, string])[] = [
  ['deals', 'deal'],
  ['organizations', 'organization'],
  ['persons', 'person'],
  ['products', 'product'],
];

export interface WhatIsKnown {
  readonly webhooks: readonly CrmWebhook[];
  readonly readings: readonly CrmReading[];
  readonly heard: Heard;
  readonly rhythm: Rhythm;
}

/**
 * Silence counts once: those that were made since the last notification have had no chance to be silent yet. A change that
 * was not told is proof, and counts whatever was heard, but no more often than once a day.
 */
export function reasonToRenew(known: WhatIsKnown, now: Date): Renewal | undefined {
  const made = latestMade(known.webhooks);
  const { lastAt } = known.rhythm;
  const isTold = made && lastAt && made > lastAt;
  if (!isTold && isSilent(known.rhythm, now)) return { reason: 'silent' };
  if (!made || after(made, DAY_MS) > now) return undefined;
  const objects = unheardObjects(known, now);
  return objects.length > 0 ? { reason: 'unheard', objects } : undefined;
}

/** Each kind of records is held against what was heard of that kind: a webhook may go silent alone. */
function unheardObjects({ webhooks, readings, heard }: WhatIsKnown, now: Date): readonly string[] {
  return SHOWN.flatMap(([list, object]) => {
    const made = latestMade(webhooks.filter((one) => one.object === object && one.action === 'change'));
    const changed = readings.find((one) => one.list === list)?.mark.newest ?? null;
    return made && isUnheard({ changed, made, lastAt: lastHeard(heard, object) }, now) ? [object] : [];
  });
}

/** When the newest one that is not retired was made; null: there is none, or that was not noted. */
export function latestMade(webhooks: readonly CrmWebhook[]): Date | null {
  const times = webhooks.flatMap(({ madeAt, retiredAt }) => (madeAt && !retiredAt ? [madeAt.getTime()] : []));
  return times.length > 0 ? new Date(Math.max(...times)) : null;
}

/** Kinds of records that were heard of since their webhooks were made. */
export function heardAgain(webhooks: readonly CrmWebhook[], heard: Heard): readonly string[] {
  return SHOWN.flatMap(([_list, object]) => {
    const made = latestMade(webhooks.filter((one) => one.object === object));
    const last = lastHeard(heard, object);
    return made && last && last > made ? [object] : [];
  });
}
