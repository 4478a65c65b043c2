/** Seeded randomness: the same seed gives the same practice company everywhere. */
export interface SeededRandom {
  /** 0 <= x < 1. */
  next(): number;
  /** Whole number, both ends included. */
  int(min: number, max: number): number;
  /** @throws RangeError on an empty list. */
  pick<T>(list: readonly T[]): T;
  /** A new list; the given one stays as it is. */
  shuffle<T>(list: readonly T[]): T[];
  /** True with probability p (0..1). */
  chance(p: number): boolean;
}

/** mulberry32: small, fast, and good enough for made-up names and amounts. */
export function createRandom(seed: number): SeededRandom {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  function int(min: number, max: number): number {
    return min + Math.floor(next() * (max - min + 1));
  }

  function pick<T>(list: readonly T[]): T {
    const index = int(0, list.length - 1);
    if (index < 0) throw new RangeError('Nothing to pick from.');
    const [chosen] = list.slice(index, index + 1);
    if (chosen === undefined) throw new RangeError('Nothing to pick from.');
    return chosen;
  }

  function shuffle<T>(list: readonly T[]): T[] {
    return list
      .map((value) => ({ value, rank: next() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ value }) => value);
  }

  return { next, int, pick, shuffle, chance: (p) => next() < p };
}
