import { type ChangeStamp, cursorDuring, newer, startOfDelta } from '../../domain/sync-cursor.ts';
import type { Page, Stamp } from '../ports/erp.ts';

/** What a walk over changes has to know of its rows. */
export interface ChangeSource<Row> {
  listChanged(from: Stamp, after: { stamp: Stamp; key: string } | null, limit: number): Promise<Page<Row>>;
  keyOf(row: Row): string;
  stampOf(row: Row): Stamp | null;
}

/**
 * Everything that changed since a stamp, page by page, with the newest stamp seen so far: where the next walk begins, once
 * the page is stored. Only stamps of the source count, never a clock of ours, by which no more is told than how long the
 * walk takes.
 * @param now milliseconds of any clock
 */
export async function* walkDelta<Row>(
  source: ChangeSource<Row>,
  seen: ChangeStamp,
  limit: number,
  now: () => number,
): AsyncGenerator<{ readonly page: Page<Row>; readonly newest: ChangeStamp }, void, undefined> {
  const start = startOfDelta(seen);
  const begun = now();
  let newest: ChangeStamp = seen;
  let after: { stamp: Stamp; key: string } | null = null;
  for (;;) {
    const page: Page<Row> = await source.listChanged(start, after, limit);
    for (const row of page.rows) newest = newer(newest, source.stampOf(row)) ?? newest;
    yield { page, newest: cursorDuring(seen, newest, now() - begun) };
    const last = page.rows.at(-1);
    const stamp = last ? source.stampOf(last) : null;
    if (page.done || !last || !stamp) return;
    after = { stamp, key: source.keyOf(last) };
  }
}
