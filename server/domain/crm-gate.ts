/**
 * Why a company's calls are kept back altogether: its day is spent, Pipedrive's guard answered with its own page, or its
 * account is not open.
 */
export type ShutReason = 'day' | 'guard' | 'account';

/** Milliseconds of the app's clock throughout. */
export interface Shut {
  readonly reason: ShutReason;
  /** When Pipedrive last said so. */
  readonly since: number;
  readonly until: number;
  /** Refusals in a row, the first one counted. */
  readonly refusals: number;
  /** When a call left that asks whether it is over; null: none has since. */
  readonly probedAt: number | null;
}

/** What all processes agree on about one company's traffic to Pipedrive. */
export interface GateBook {
  /** When each turn is, or was; milliseconds of the books' own clock, oldest first. */
  readonly api: readonly number[];
  readonly search: readonly number[];
  /** Nobody's turn comes before; of the books' clock. */
  readonly notBefore: number;
  /** How often in a row calls were refused for coming too fast. */
  readonly rounds: number;
  /** When that last was noticed, of the app's clock. */
  readonly refusedAt: number | null;
  readonly shut: Shut | null;
}

export interface TurnWish {
  readonly kind: 'api' | 'search';
  /** A person or an order waits; others leave a quarter of the window to them. */
  readonly urgent: boolean;
  readonly turns: number;
  /** Calls that this company may make within one window. */
  readonly capacity: number;
  /** How long after its time a turn may still be taken. */
  readonly holdMs: number;
}

export const OPEN_BOOK: GateBook = { api: [], search: [], notBefore: 0, rounds: 0, refusedAt: null, shut: null };

export const WINDOW_MS = 2_000;
/** Of the documented 10 searches in two seconds, whatever the plan (reference pipedrive-api.md, section 2.3). */
const SEARCHES = 8;
const NOT_URGENT = 0.75;
/** What lies further ahead belongs to a clock that was set back since. */
const FAR_AHEAD_MS = 30_000;
const FARTHEST_PAUSE_MS = 60_000;
/** Waiting has not helped so often that it is the day which is spent, and not the window. */
const MOST_ROUNDS = 3;

/** How long the gate stays shut where Pipedrive does not say it itself. */
const SHUT_MS = {
  /** When the day starts anew is not told, so one call asks again. */
  day: 15 * 60_000,
  /** The guard before the API: hammering on would prolong it. */
  guard: 30 * 60_000,
  /** Somebody has to pay for it, or choose a plan. */
  account: 60 * 60_000,
} as const;
/** While a probe is under way the others come back soon. */
const PROBE_ANSWERS_MS = 20_000;

/**
 * @returns when the turns are: now, or so soon as the window has room. No turns: calls are being refused, and somebody
 * tries already; `at` is when to ask again
 */
export function giveTurns(
  book: GateBook,
  wish: TurnWish,
  now: number,
): { readonly book: GateBook; readonly at: number; readonly turns: number } {
  const pausedUntil = book.notBefore < now + FARTHEST_PAUSE_MS ? book.notBefore : now;
  const trying = book.rounds > 0;
  if (trying && pausedUntil > now) return { book, at: pausedUntil, turns: 0 };

  const span = WINDOW_MS + wish.holdMs;
  const isSearch = wish.kind === 'search';
  const api = present(book.api, now, span);
  const search = present(book.search, now, span);
  const capacity = Math.max(1, wish.urgent ? wish.capacity : Math.floor(wish.capacity * NOT_URGENT));
  const most = isSearch ? Math.min(capacity, SEARCHES) : capacity;
  const turns = trying ? 1 : Math.max(1, Math.min(wish.turns, most));
  const windows = [{ given: api, capacity }, ...(isSearch ? [{ given: search, capacity: SEARCHES }] : [])];
  // People and orders go where there is room, the others behind all that were given.
  const earliest = Math.max(now, pausedUntil, wish.urgent ? now : (api.at(-1) ?? now));
  const at = freeAt(windows, { turns, span }, earliest);
  const place = (list: readonly number[]) =>
    [...list, ...Array.from({ length: turns }, () => at)].sort((a, b) => a - b);
  return {
    book: {
      ...book,
      api: place(api),
      search: isSearch ? place(search) : search,
      notBefore: trying ? at + WINDOW_MS : book.notBefore,
    },
    at,
    turns,
  };
}

function present(turns: readonly number[], now: number, span: number): number[] {
  return turns.filter((at) => at > now - span && at < now + FAR_AHEAD_MS);
}

interface Window {
  readonly given: readonly number[];
  readonly capacity: number;
}

/** The first instant at which so many more turns fit into every window around it. */
function freeAt(windows: readonly Window[], wish: { turns: number; span: number }, earliest: number): number {
  const [{ given } = { given: [] }] = windows;
  const ends = [...new Set(given)].map((at) => at + wish.span).filter((at) => at > earliest);
  const fits = (at: number) => windows.every((window) => hasRoom(window, wish, at));
  return [earliest, ...ends].find(fits) ?? Math.max(earliest, ends.at(-1) ?? earliest);
}

function hasRoom({ given, capacity }: Window, { turns, span }: { turns: number; span: number }, at: number): boolean {
  if (given.length + turns <= capacity) return true;
  const near = given.filter((other) => other > at - span && other < at + span);
  const starts = [...new Set(near.filter((other) => other < at)), at];
  const most = (start: number) => near.filter((other) => other >= start && other < start + span).length;
  return starts.every((start) => most(start) + turns <= capacity);
}

/** Nobody's turn comes for so long, counted from now of the books' clock. */
export function pauseGate(book: GateBook, milliseconds: number, now: number): GateBook {
  const earlier = book.notBefore < now + FARTHEST_PAUSE_MS ? book.notBefore : 0;
  return { ...book, notBefore: Math.max(earlier, now + milliseconds) };
}

/**
 * A call was refused for coming too fast. Calls that were on their way together are refused together: they count once.
 * @param sentAt when the refused call had its turn; both of the app's clock
 */
export function countRefusal(book: GateBook, sentAt: number, now: number): GateBook {
  if (book.refusedAt !== null && sentAt <= book.refusedAt) return book;
  return { ...book, rounds: book.rounds + 1, refusedAt: now };
}

export const isRefusedTooOften = ({ rounds }: Pick<GateBook, 'rounds'>): boolean => rounds >= MOST_ROUNDS;

/**
 * Any other answer: the window has room again, unless it is to a call that had left before the refusal.
 * @param sentAt when the answered call had its turn
 */
export function forgetRefusals(book: GateBook, sentAt: number): GateBook {
  const isOlder = book.refusedAt !== null && sentAt <= book.refusedAt;
  return book.rounds === 0 || isOlder ? book : { ...book, rounds: 0, refusedAt: null, notBefore: 0 };
}

/**
 * Shuts the gate, or keeps it shut. Calls that were on their way when it was shut say nothing new. A second refusal in a
 * row keeps everybody away twice as long, so that a bad hour sees a handful of requests.
 */
export function shutGate(
  book: GateBook,
  { reason, sentAt }: { readonly reason: ShutReason; readonly sentAt: number },
  now: number,
): GateBook {
  const { shut } = book;
  if (shut && sentAt < shut.since && now < shut.until && (shut.reason === reason || shut.reason === 'guard'))
    return book;
  const refusals = (shut?.refusals ?? 0) + 1;
  const until = now + SHUT_MS[reason] * (reason === 'day' && refusals > 1 ? 2 : 1);
  return { ...book, shut: { reason, since: now, until, refusals, probedAt: null } };
}

export type Entry =
  | { readonly kind: 'open' }
  /** One call may ask whether it is over. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'shut'; readonly reason: ShutReason; readonly until: number };

/** After its time has run out, a shut gate lets one call through, and the next one only after as long again. */
export function enterGate(book: GateBook, now: number): { readonly book: GateBook; readonly entry: Entry } {
  const { shut } = book;
  if (!shut) return { book, entry: { kind: 'open' } };
  if (shut.until > now) return { book, entry: { kind: 'shut', reason: shut.reason, until: comeBackAt(shut, now) } };
  const until = now + SHUT_MS[shut.reason];
  return { book: { ...book, shut: { ...shut, until, probedAt: now } }, entry: { kind: 'probe' } };
}

/** While a probe is under way the gate may be open again in a moment. */
function comeBackAt({ until, probedAt }: Shut, now: number): number {
  const soon = now + PROBE_ANSWERS_MS;
  return probedAt !== null && now < probedAt + PROBE_ANSWERS_MS ? Math.min(until, soon) : until;
}

/** The probe never left: the next call may be one. */
export function giveBackProbe(book: GateBook, now: number): GateBook {
  const { shut } = book;
  return shut?.probedAt ? { ...book, shut: { ...shut, until: now, probedAt: null } } : book;
}

/** Answered: nothing is held against the company any more. */
export function openGate(book: GateBook): GateBook {
  return { ...book, shut: null, rounds: 0, refusedAt: null, notBefore: 0 };
}
