/** `lookup`: the question that decides whether a write may be repeated; then people; then background work. */
export type SlotLane = 'lookup' | 'person' | 'background';

/** Slots for people's and background work, and the one that only look-ups take. */
export const ORDINARY_SLOTS: readonly number[] = [1, 2, 3];
export const LOOKUP_SLOT = 4;

/** A process's client for one connection to SAP. */
type Holder = string;

export interface SlotWait {
  readonly holder: Holder;
  readonly lane: SlotLane;
  /** Slots it could use at once, beyond those it has. */
  readonly wanted: number;
  /** Any number that grows with time. */
  readonly since: number;
}

/** What stands for one connection; what has run out is left away. */
export interface SlotBook {
  readonly slots: readonly { readonly slot: number; readonly holder: Holder }[];
  readonly waits: readonly SlotWait[];
}

export interface SlotWish {
  readonly holder: Holder;
  /** What is in use and cannot be given back. */
  readonly keep: { readonly ordinary: number; readonly lookup: boolean };
  /** What could be used, `keep` counted. */
  readonly want: { readonly ordinary: number; readonly lookup: boolean };
  /** The most urgent lane that waits here; null: nobody does. */
  readonly waiting: SlotLane | null;
}

/** The most urgent of the other processes that wait. */
export interface OtherWait {
  readonly lane: SlotLane;
  /** Ordinary slots that it has already. */
  readonly held: number;
}

export interface SlotShare {
  /** What is the asker's from now on. */
  readonly slots: readonly number[];
  /** It gave none back and got none: its place in the line is the one it had. Otherwise it joins the line anew. */
  readonly staysInLine: boolean;
  readonly others: OtherWait | null;
}

const URGENCY: Readonly<Record<SlotLane, number>> = { lookup: 0, person: 1, background: 2 };

/** Below 0: `a` goes first. */
export const compareLanes = (a: SlotLane, b: SlotLane): number => URGENCY[a] - URGENCY[b];

/**
 * Who may have which slot now. The asker keeps what it uses and gets what is free, less what is due to processes that go
 * first: those with a more urgent lane, then those that have fewer slots, then those that wait longer.
 */
export function shareSlots(book: SlotBook, wish: SlotWish): SlotShare {
  const { holder, keep, want, waiting } = wish;
  const mine = book.slots.filter((entry) => entry.holder === holder).map(({ slot }) => slot);
  const taken = new Set(book.slots.filter((entry) => entry.holder !== holder).map(({ slot }) => slot));
  const others = book.waits.filter((wait) => wait.holder !== holder);

  const lookup = want.lookup && !taken.has(LOOKUP_SLOT);
  // Where another process looks something up, a look-up takes the next ordinary slot.
  const wanted = want.ordinary + (want.lookup && !lookup && !keep.lookup ? 1 : 0);
  const mineOrdinary = ORDINARY_SLOTS.filter((slot) => mine.includes(slot));
  const kept = mineOrdinary.slice(0, Math.min(keep.ordinary, mineOrdinary.length));
  const free = ORDINARY_SLOTS.filter((slot) => !taken.has(slot) && !kept.includes(slot));
  // Its own slots first, so that a client which may keep them does.
  free.sort((a, b) => Number(mine.includes(b)) - Number(mine.includes(a)) || a - b);
  const gaveBack = kept.length < mineOrdinary.length;
  const since = gaveBack ? undefined : book.waits.find((wait) => wait.holder === holder)?.since;
  const due = waiting === null ? 0 : dueToOthers(book, others, { lane: waiting, since, kept: kept.length });
  const granted = Math.max(0, Math.min(wanted - kept.length, free.length - due));

  const slots = [...kept, ...free.slice(0, granted), ...(lookup ? [LOOKUP_SLOT] : [])].sort((a, b) => a - b);
  return {
    slots,
    staysInLine: !gaveBack && granted === 0,
    others: mostUrgent(book, others),
  };
}

interface Asker {
  readonly lane: SlotLane;
  /** Undefined: it has just come, or had its turn, and stands behind all who have as many. */
  readonly since: number | undefined;
  readonly kept: number;
}

function dueToOthers(book: SlotBook, others: readonly SlotWait[], { lane, since, kept }: Asker): number {
  return others.reduce((due, other) => {
    const order = compareLanes(other.lane, lane);
    if (order < 0) return due + other.wanted;
    if (order > 0) return due;
    const held = ordinaryOf(book, other.holder);
    return held < kept || (held === kept && (since === undefined || other.since < since)) ? due + 1 : due;
  }, 0);
}

function mostUrgent(book: SlotBook, others: readonly SlotWait[]): OtherWait | null {
  const [first] = others
    .map(({ lane, holder }) => ({ lane, held: ordinaryOf(book, holder) }))
    .sort((a, b) => compareLanes(a.lane, b.lane) || a.held - b.held);
  return first ?? null;
}

function ordinaryOf(book: SlotBook, holder: Holder): number {
  return book.slots.filter((entry) => entry.holder === holder && entry.slot !== LOOKUP_SLOT).length;
}
