import { keptForOrders, type TokenDay, type TokenPurpose } from './token-budget.ts';

/** What was spent from `at` on, for a quarter of an hour or, longer ago, an hour. */
export interface SpentThen {
  readonly at: Date;
  readonly purpose: TokenPurpose;
  readonly tokens: number;
}

export interface Pace {
  /** Of the day so far. */
  readonly today: readonly SpentThen[];
  /** Of the same weekday in earlier weeks. */
  readonly earlier: readonly SpentThen[];
}

export interface Forecast {
  /** When nothing is left; null: not before the new day. */
  readonly endsAt: Date | null;
  /** From when on what is left is kept for orders; null: not before the new day. */
  readonly ordersOnlyFrom: Date | null;
  /** Part of the budget that will be used when the day ends, 0 to 1. */
  readonly usedInTheEnd: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
const STEP_MS = 5 * MINUTE_MS;
/** Less of the day tells nothing of its rest. */
const SHORTEST_MS = HOUR_MS;
/** How far back today's pace is taken from. */
const LOOK_BACK_MS = 3 * HOUR_MS;
/** A day that spends less than this part of its budget by now is not worth a forecast. */
const WORTH_TELLING = 0.01;
/** Today may be so much busier, or quieter, than the same weekday before. */
const LEAST_FACTOR = 0.25;
const MOST_FACTOR = 4;
/** A class that other weekdays tell something of; first loads come once. */
const WEEKLY: ReadonlySet<TokenPurpose> = new Set(['order', 'person', 'status', 'delta']);
const PURPOSES: readonly TokenPurpose[] = ['order', 'person', 'status', 'delta', 'backfill'];

/**
 * Where the day ends up at this pace, counted on in steps of five minutes: our own calls as in the last three hours,
 * and in equal parts as on the same weekday before where that is known; other apps as today so far; and what the budget's
 * own rules hold back is not spent.
 * @param startsAnew when the next day begins
 * @returns undefined where too little is known
 */
export function forecastDay(
  day: Pick<TokenDay, 'budget' | 'budgetSource' | 'remaining' | 'othersSpent' | 'backgroundShare' | 'startedAt'>,
  pace: Pace,
  { now, startsAnew }: { readonly now: Date; readonly startsAnew: Date },
): Forecast | undefined {
  const { budget, remaining, othersSpent, backgroundShare } = day;
  const begun = day.startedAt.getTime();
  const elapsed = now.getTime() - begun;
  if (budget === null || remaining === null || elapsed < SHORTEST_MS) return undefined;
  if (budget - remaining < WORTH_TELLING * budget) return undefined;
  const rateOf = ratesOf(pace, begun, now.getTime());
  const others = ((othersSpent ?? 0) / elapsed) * STEP_MS;
  const kept = keptForOrders(day);
  let left = remaining;
  let background = sumOf(pace.today, ({ purpose }) => isBackground(purpose));
  const isKept = () => kept > 0 && left <= kept;
  let ordersOnlyFrom = isKept() ? now : null;
  for (let at = now.getTime() - (now.getTime() % STEP_MS); at < startsAnew.getTime(); at += STEP_MS) {
    if (left < 1) return { endsAt: new Date(at), ordersOnlyFrom, usedInTheEnd: 1 };
    left -= others;
    for (const purpose of PURPOSES) {
      const wish = rateOf(purpose, at) * STEP_MS;
      const room = purpose === 'order' ? left : left - kept;
      const share = isBackground(purpose) ? backgroundShare * budget - background : room;
      const taken = Math.max(0, Math.min(wish, room, share));
      left -= taken;
      if (isBackground(purpose)) background += taken;
    }
    if (isKept()) ordersOnlyFrom ??= new Date(at + STEP_MS);
  }
  return { endsAt: null, ordersOnlyFrom, usedInTheEnd: Math.min(1, 1 - left / budget) };
}

/** Tokens a millisecond that each purpose would take at an instant. */
function ratesOf({ today, earlier }: Pace, begun: number, now: number) {
  const since = Math.max(begun, now - LOOK_BACK_MS);
  const weeks = new Set(earlier.map(({ at }) => weekOf(at, begun))).size;
  const paces = new Map(
    PURPOSES.map((purpose) => [
      purpose,
      sumOf(today, (sum) => sum.purpose === purpose && sum.at.getTime() >= since) / (now - since),
    ]),
  );
  const hours = weeks === 0 ? undefined : hoursOf(earlier, begun, weeks);
  const factor = hours === undefined ? 1 : factorOf(today, earlier, { begun, now, weeks });
  return (purpose: TokenPurpose, at: number): number => {
    const current = paces.get(purpose) ?? 0;
    if (!hours || !WEEKLY.has(purpose)) return current;
    const usual = (hours.get(`${purpose} ${hourOf(at, begun)}`) ?? 0) * factor;
    return (current + usual / HOUR_MS) / 2;
  };
}

/** The mean of each hour of the day over the weeks that there are. */
function hoursOf(earlier: readonly SpentThen[], begun: number, weeks: number): ReadonlyMap<string, number> {
  const hours = new Map<string, number>();
  for (const { at, purpose, tokens } of earlier) {
    const key = `${purpose} ${hourOf(at.getTime(), begun)}`;
    hours.set(key, (hours.get(key) ?? 0) + tokens / weeks);
  }
  return hours;
}

function factorOf(
  today: readonly SpentThen[],
  earlier: readonly SpentThen[],
  { begun, now, weeks }: { readonly begun: number; readonly now: number; readonly weeks: number },
): number {
  const usual = sumOf(earlier, ({ at, purpose }) => WEEKLY.has(purpose) && offsetOf(at.getTime(), begun) < now - begun);
  const spent = sumOf(today, ({ purpose }) => WEEKLY.has(purpose));
  if (usual === 0) return 1;
  return Math.min(MOST_FACTOR, Math.max(LEAST_FACTOR, spent / (usual / weeks)));
}

function sumOf(sums: readonly SpentThen[], counts: (sum: SpentThen) => boolean): number {
  return sums.reduce((total, sum) => (counts(sum) ? total + sum.tokens : total), 0);
}

const isBackground = (purpose: TokenPurpose): boolean => purpose === 'delta' || purpose === 'backfill';
const weekOf = (at: Date, begun: number): number => Math.floor((at.getTime() - begun) / WEEK_MS);
/** Milliseconds since that day began, whichever week it is of. */
const offsetOf = (at: number, begun: number): number => (((at - begun) % WEEK_MS) + WEEK_MS) % WEEK_MS;
const hourOf = (at: number, begun: number): number => Math.floor(offsetOf(at, begun) / HOUR_MS);
