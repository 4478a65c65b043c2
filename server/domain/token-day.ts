/** Where in the UTC day Pipedrive's own day begins, as far as it was seen: told nowhere, and never assumed. */
export interface Midnight {
  /** The first minute of the UTC day at which it may be, a multiple of 15 as all time zones are. */
  readonly from: number;
  /** How many minutes later it may still be. 0: it is known. */
  readonly minutes: number;
  /** How often a day was seen to begin there. */
  readonly seen: number;
}

/** What an answer told of the company's day; milliseconds throughout. */
export interface DayReading {
  readonly limit: number;
  readonly remaining: number;
  readonly at: number;
  /** What we had spent ourselves by then, since that day began. */
  readonly spentThen: number;
}

export interface DayFacts {
  readonly reading: DayReading | null;
  /** Of the day that the reading is of. */
  readonly startedAt: number | null;
  readonly midnight: Midnight | null;
}

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** Sums are kept by it, so that every day begins at the beginning of one. */
export const SLOT_MS = 15 * MINUTE_MS;
const SLOTS = DAY_MS / SLOT_MS;
/** Answers that were on their way together may tell the remainder in another order than it fell. */
const OUT_OF_ORDER = 50;
/** Spent by so little of the day that nobody can tell from the remainder whether a new one has begun. */
const HARDLY_SPENT = 0.05;
/** The longest day of a year, and an hour more. */
const LONGEST_DAY_MS = DAY_MS + 120 * MINUTE_MS;

/** @returns the latest instant, at or before `now`, at which a day is taken to have begun: UTC's own until it is learnt */
export function latestMidnight(midnight: Midnight | null, now: number): number {
  return latestAt(midnight ? likeliest(slotsOf(midnight)) : 0, now);
}

function latestAt(slot: number, now: number): number {
  const today = now - (now % DAY_MS) + slot * SLOT_MS;
  return today <= now ? today : today - DAY_MS;
}

/** @returns the earliest instant at which the day under way may have begun: nearly a day ago while nothing was learnt */
function earliestMidnight(midnight: Midnight | null, now: number): number {
  const slots = midnight ? slotsOf(midnight) : Array.from({ length: SLOTS }, (_, slot) => slot);
  return Math.min(...slots.map((slot) => latestAt(slot, now)));
}

/** A day began after the one instant and not after the other. One that contradicts what was known replaces it. */
export function learnMidnight(known: Midnight | null, after: number, until: number): Midnight | null {
  if (until - after >= DAY_MS || until < after) return known;
  const seen = slotsBetween(after, until);
  const both = known ? slotsOf(known).filter((slot) => seen.includes(slot)) : [];
  if (!known || both.length === 0) return rangeOf(seen, 1);
  return rangeOf(both, known.seen + 1);
}

export interface Told {
  readonly limit: number;
  readonly remaining: number;
  /** When the question left, and when it was answered. */
  readonly sentAt: number;
  readonly at: number;
}

/**
 * The day that an answer is of: another one, when more is left than before.
 * @returns undefined for an answer that may be older than what is known
 */
export function dayOfAnswer(facts: DayFacts, told: Told): Pick<DayFacts, 'startedAt' | 'midnight'> | undefined {
  const { reading, midnight, startedAt } = facts;
  if (!reading) return { startedAt: latestMidnight(midnight, told.at), midnight };
  if (told.sentAt < reading.at) return undefined;
  const spent = told.limit - told.remaining;
  const spentBefore = reading.limit - reading.remaining;
  const expected = latestMidnight(midnight, told.at);
  if (spent < spentBefore - OUT_OF_ORDER) {
    const learnt = learnMidnight(midnight, reading.at, told.at);
    return { startedAt: beginBetween(learnt, reading.at, told.at), midnight: learnt };
  }
  const hasTurned = expected > reading.at && (spentBefore <= HARDLY_SPENT * reading.limit || isTooLong(facts, told.at));
  return { startedAt: hasTurned ? expected : (startedAt ?? expected), midnight };
}

/** When today began, and whether what was told is of today. */
export function todayOf(facts: DayFacts, now: number): { readonly startedAt: number; readonly isTold: boolean } {
  const expected = latestMidnight(facts.midnight, now);
  const { reading, startedAt } = facts;
  if (!reading || startedAt === null) return { startedAt: Math.max(expected, startedAt ?? expected), isTold: false };
  // Nobody has seen a day begin: what was told of this one stands until an answer says otherwise.
  if (!facts.midnight && now - reading.at < DAY_MS) return { startedAt, isTold: true };
  // Told since the day should have begun: then it has begun when the answers said so.
  if (reading.at >= expected && !isTooLong(facts, now)) return { startedAt, isTold: true };
  return expected > startedAt ? { startedAt: expected, isTold: false } : { startedAt, isTold: true };
}

/**
 * Since when is counted what may be spent. Where no answer tells the day, since the earliest instant at which it may
 * have begun: its part is then kept to wherever its midnight lies.
 */
export function countedSince(facts: DayFacts, now: number): number {
  const { startedAt, isTold } = todayOf(facts, now);
  return isTold ? startedAt : Math.min(startedAt, earliestMidnight(facts.midnight, now));
}

/** A beginning that nobody saw says nothing about the end. */
function isTooLong({ midnight, startedAt }: DayFacts, now: number): boolean {
  return midnight !== null && startedAt !== null && now - startedAt > LONGEST_DAY_MS;
}

function beginBetween(midnight: Midnight | null, after: number, until: number): number {
  const expected = latestMidnight(midnight, until);
  if (expected > after) return expected;
  return until - (until % SLOT_MS);
}

function slotsOf({ from, minutes }: Midnight): number[] {
  const first = from / 15;
  return Array.from({ length: minutes / 15 + 1 }, (_, index) => (first + index) % SLOTS);
}

/** The quarters of an hour that begin after the one instant and not after the other; at least the one under way. */
function slotsBetween(after: number, until: number): number[] {
  const last = Math.floor(until / SLOT_MS);
  const first = Math.min(last, Math.floor(after / SLOT_MS) + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) % SLOTS);
}

/** The latest whole hour, since most time zones differ by hours; else the latest of all. */
function likeliest(slots: readonly number[]): number {
  return slots.findLast((slot) => slot % 4 === 0) ?? slots.at(-1) ?? 0;
}

function rangeOf(slots: readonly number[], seen: number): Midnight {
  const [first = 0] = slots;
  let length = 1;
  while (slots[length] === (first + length) % SLOTS) length += 1;
  return { from: first * 15, minutes: (length - 1) * 15, seen };
}
