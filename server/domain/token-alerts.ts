import type { TokenDay } from './token-budget.ts';

/** Percent of the day that is used; 100: nothing is left, or Pipedrive refuses. */
export const ALERT_LEVELS = [60, 80, 95, 100] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

/** So far below its level an alert is taken back: the budget has grown, since what is used never shrinks. */
const CLEARLY_BELOW = 5;

/** How long a spent day keeps calls back at most: what began before midnight says nothing of the day after it. */
const LONGEST_SHUT_MS = 30 * 60_000;

type Reported = Pick<TokenDay, 'budget' | 'remaining' | 'shut' | 'startedAt'>;

/** What was last reported of a day. */
export interface Alerted {
  readonly level: AlertLevel;
  /** The day's beginning. */
  readonly day: Date;
}

/** The level that the day has reached; null: none, or nobody can say. */
export function alertLevel(day: Reported): AlertLevel | null {
  if (isSpent(day)) return 100;
  const { budget, remaining } = day;
  if (budget === null || remaining === null || budget <= 0) return null;
  return levelOf((1 - remaining / budget) * 100);
}

/** Pipedrive has said so on this day, whatever our own count says. */
function isSpent({ shut, startedAt }: Reported): boolean {
  return shut?.reason === 'day' && shut.until.getTime() - LONGEST_SHUT_MS >= startedAt.getTime();
}

function levelOf(percent: number): AlertLevel | null {
  return ALERT_LEVELS.findLast((level) => percent >= level) ?? null;
}

export type NextAlert =
  | { readonly act: 'raise'; readonly level: AlertLevel }
  | { readonly act: 'resolve'; readonly level: AlertLevel | null }
  | { readonly act: 'leave' };

/**
 * What is to be done about the alert: `raise` says it anew, at a higher level or on another day; `resolve` takes it back,
 * and `level` counts as said. A level is said once a day, so that whoever has put it away is not told again.
 */
export function nextAlert(day: Reported, before: Alerted | null): NextAlert {
  const level = alertLevel(day);
  const said = before && before.day.getTime() === day.startedAt.getTime() ? before.level : null;
  if (said === null) {
    if (level !== null) return { act: 'raise', level };
    return before ? { act: 'resolve', level } : { act: 'leave' };
  }
  if (level !== null && level > said) return { act: 'raise', level };
  return isClearlyBelow(day, said) ? { act: 'resolve', level } : { act: 'leave' };
}

function isClearlyBelow(day: Reported, said: AlertLevel): boolean {
  const { budget, remaining } = day;
  if (isSpent(day) || budget === null || remaining === null) return false;
  return (1 - remaining / budget) * 100 < said - CLEARLY_BELOW;
}
