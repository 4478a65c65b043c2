/** More than this share of what is linked, or more than this many, never go without a person having said so. */
const MOST_SHARE = 0.05;
const MOST_RECORDS = 100;

/** How many of so many linked records may be taken for gone at once. */
export function mostRemovals(linked: number): number {
  return Math.min(MOST_RECORDS, Math.floor(linked * MOST_SHARE));
}
