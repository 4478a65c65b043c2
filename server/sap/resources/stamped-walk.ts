import type { z } from 'zod';
import type { Stamp } from '../../app/ports/erp.ts';
import type { LocalTime } from '../../kernel/local-date.ts';
import type { SapCompany } from '../company.ts';
import { type Rows, readPage } from '../lists.ts';
import { allOf, anyOf, type Condition, compare, date, type FieldOf, text, time } from '../odata.ts';

/** Sets whose records SAP stamps. */
export type StampedSet = 'BusinessPartners' | 'Items';

export interface Position {
  readonly stamp: Stamp;
  readonly key: string;
}

/** One way of walking a set: by which pair of stamp fields, over which rows. */
export interface StampedWalk<S extends StampedSet, Row> {
  readonly set: S;
  readonly key: FieldOf<S>;
  readonly date: FieldOf<S>;
  readonly time: FieldOf<S>;
  readonly only?: Condition<S>;
  readonly select: readonly FieldOf<S>[];
  readonly row: z.ZodType<Row>;
  readonly positionOf: (row: Row) => Position;
}

/**
 * A page in the order (minute, key).
 *
 * Filters see hours and minutes only, while sorting sees seconds. So a page ends with a whole minute, and a minute with
 * more rows than a page holds is walked by key alone: nothing is lost between two pages, however many rows share a
 * stamp. A row may come twice; the caller knows it by its content.
 */
export async function stampedPage<S extends StampedSet, Row>(
  company: SapCompany,
  walk: StampedWalk<S, Row>,
  from: Stamp,
  after: Position | null,
  limit: number,
): Promise<Rows<Row>> {
  if (!after) return wholeMinutes(company, walk, notBefore(walk, from), limit);
  const rest = await withinMinute(company, walk, after.stamp, after.key, limit);
  if (rest.more) return rest;
  const later = await wholeMinutes(company, walk, laterThan(walk, after.stamp), limit);
  return { rows: [...rest.rows, ...later.rows], more: later.more };
}

async function wholeMinutes<S extends StampedSet, Row>(
  company: SapCompany,
  walk: StampedWalk<S, Row>,
  bound: Condition<S>,
  limit: number,
): Promise<Rows<Row>> {
  const { rows, more } = await read(company, walk, bound, [walk.date, walk.time, walk.key], limit);
  const last = rows.at(-1);
  if (!more || !last) return { rows: inOrder(walk, rows), more: false };
  const unfinished = minuteOf(walk.positionOf(last).stamp);
  const finished = rows.filter((row) => minuteOf(walk.positionOf(row).stamp) !== unfinished);
  if (finished.length > 0) return { rows: inOrder(walk, finished), more: true };
  const byKey = await withinMinute(company, walk, walk.positionOf(last).stamp, undefined, limit);
  return { rows: byKey.rows, more: true };
}

function withinMinute<S extends StampedSet, Row>(
  company: SapCompany,
  walk: StampedWalk<S, Row>,
  { date: on, time: at }: Stamp,
  afterKey: string | undefined,
  limit: number,
): Promise<Rows<Row>> {
  const minute = allOf<S>(
    compare(walk.date, 'eq', date(on)),
    compare(walk.time, 'ge', time(startOfMinute(at))),
    compare(walk.time, 'le', time(endOfMinute(at))),
  );
  const bound = afterKey === undefined ? minute : allOf<S>(minute, compare(walk.key, 'gt', text(afterKey)));
  return read(company, walk, bound, [walk.key], limit);
}

function read<S extends StampedSet, Row>(
  company: SapCompany,
  walk: StampedWalk<S, Row>,
  bound: Condition<S>,
  orderBy: readonly FieldOf<S>[],
  limit: number,
): Promise<Rows<Row>> {
  const filter = walk.only ? allOf<S>(walk.only, bound) : bound;
  return readPage(company, walk.set, { select: walk.select, filter, orderBy, top: limit }, walk.row);
}

function notBefore<S extends StampedSet, Row>(walk: StampedWalk<S, Row>, stamp: Stamp): Condition<S> {
  return bounded(walk, stamp, compare(walk.time, 'ge', time(startOfMinute(stamp.time))));
}

function laterThan<S extends StampedSet, Row>(walk: StampedWalk<S, Row>, stamp: Stamp): Condition<S> {
  return bounded(walk, stamp, compare(walk.time, 'gt', time(endOfMinute(stamp.time))));
}

/** A later day, or the same day with the time as given: never a date and a time compared each for itself. */
function bounded<S extends StampedSet, Row>(
  walk: StampedWalk<S, Row>,
  { date: on }: Stamp,
  sameDay: Condition<S>,
): Condition<S> {
  return anyOf<S>(compare(walk.date, 'gt', date(on)), allOf<S>(compare(walk.date, 'eq', date(on)), sameDay));
}

const startOfMinute = (at: LocalTime): LocalTime => `${at.slice(0, 5)}:00`;
const endOfMinute = (at: LocalTime): LocalTime => `${at.slice(0, 5)}:59`;
const minuteOf = ({ date: on, time: at }: Stamp): string => `${on}T${at.slice(0, 5)}`;

function inOrder<S extends StampedSet, Row>(walk: StampedWalk<S, Row>, rows: readonly Row[]): readonly Row[] {
  const sortKey = (row: Row) => {
    const { stamp, key } = walk.positionOf(row);
    return `${minuteOf(stamp)}\u0000${key}`;
  };
  return [...rows].sort((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
}
