/**
 * How far a set of documents was read. Documents are numbered as they are begun and seen as they are committed, so that a
 * lower number may appear after a higher one.
 */
export interface DocumentMark {
  /** Highest number seen. */
  readonly last: number;
  /** Numbers below it that were not seen, and may still appear. */
  readonly missing: readonly number[];
}

/** How far below the highest number one is waited for. */
export const LATE_DOCUMENTS = 20;

/**
 * Where reading begins. The last few count as not seen: they may be committed after somebody else has read what they
 * move.
 */
export function startAt(last: number): DocumentMark {
  return { last, missing: lastFew(0, last) };
}

/** Numbers above this one are to be asked for. */
export function readAbove({ last, missing }: DocumentMark): number {
  return Math.min(last, ...missing.map((number) => number - 1));
}

export function isNew({ last, missing }: DocumentMark, number: number): boolean {
  return number > last || missing.includes(number);
}

/** The mark after these were seen; what is missing for too long never was a document. */
export function moveOn({ last, missing }: DocumentMark, seen: ReadonlySet<number>): DocumentMark {
  let highest = last;
  for (const number of seen) highest = Math.max(highest, number);
  const awaited = [...missing, ...lastFew(last, highest)];
  return {
    last: highest,
    missing: awaited.filter((number) => number > highest - LATE_DOCUMENTS && !seen.has(number)),
  };
}

/** Above one number, up to another. */
function lastFew(above: number, upTo: number): readonly number[] {
  const from = Math.max(above, upTo - LATE_DOCUMENTS);
  return Array.from({ length: upTo - from }, (_, index) => from + 1 + index);
}
