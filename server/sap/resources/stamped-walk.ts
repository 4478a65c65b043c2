import type { Stamp } from '../../app/ports/erp.ts';
import type { SapCompany } from '../company.ts';
import { isBadQuery, type Rows, readPage } from '../lists.ts';
import { allOf, type Condition, type FieldOf } from '../odata.ts';
import { unreadable } from '../refusals.ts';
import { behindKey, laterThan, notBefore, unitOf, within } from './stamp-bounds.ts';
import { stampTimesOf, takeTimesAsGiven } from './stamp-times.ts';
import type { Position, StampedSet, StampedWalk, StampUnit } from './stamped-set.ts';

/**
 * A page in the order (unit of time, key). The unit is what filters can tell apart: a minute, or a day where the server's
 * stamps carry no time.
 *
 * Filters see hours and minutes only, while sorting sees seconds. So a page ends with a whole unit, and a unit with
 * more rows than a page holds is walked by key alone: nothing is lost between two pages, however many rows share a
 * stamp. A row may come twice; the caller knows it by its content. Records that cannot be read are named and passed over.
 */
export async function stampedPage<S extends StampedSet, Row>(
  company: SapCompany,
  walk: StampedWalk<S, Row>,
  from: Stamp,
  after: Position | null,
  limit: number,
): Promise<Rows<Row>> {
  const times = await stampTimesOf(company, walk, after === null);
  try {
    return await pageOf({ company, walk, times, limit }, from, after);
  } catch (error) {
    if (times !== 'sometimes' || !isBadQuery(error)) throw error;
    takeTimesAsGiven(company, walk);
    return pageOf({ company, walk, times: 'always', limit }, from, after);
  }
}

async function pageOf<S extends StampedSet, Row>(
  view: View<S, Row>,
  from: Stamp,
  after: Position | null,
): Promise<Rows<Row>> {
  const { walk, times } = view;
  if (!after) return wholeUnits(view, notBefore(walk, from, times), from);
  const rest = await withinUnit(view, after.stamp, after.key);
  if (rest.more) return rest;
  const later = await wholeUnits(view, laterThan(walk, after.stamp, times), after.stamp);
  return {
    rows: [...rest.rows, ...later.rows],
    more: later.more,
    unreadable: [...rest.unreadable, ...later.unreadable],
  };
}

interface View<S extends StampedSet, Row> {
  readonly company: SapCompany;
  readonly walk: StampedWalk<S, Row>;
  readonly times: StampUnit;
  readonly limit: number;
}

async function wholeUnits<S extends StampedSet, Row>(
  view: View<S, Row>,
  bound: Condition<S>,
  start: Stamp,
): Promise<Rows<Row>> {
  const { walk, times } = view;
  const page = await read(view, bound, [walk.date, walk.time, walk.key]);
  const { rows, more } = page;
  // A server that passes over the filter would have us walk in circles. Days are looked at alone: some leave out times.
  if (rows.some((row) => walk.positionOf(row).stamp.date < start.date)) throw passedOver();
  const last = rows.at(-1);
  if (!more || !last) return { ...page, rows: inOrder(view, rows), more: false };
  const unfinished = unitOf(walk.positionOf(last).stamp, times);
  const finished = rows.filter((row) => unitOf(walk.positionOf(row).stamp, times) !== unfinished);
  if (finished.length > 0) return { ...page, rows: inOrder(view, finished) };
  const byKey = await withinUnit(view, walk.positionOf(last).stamp, undefined);
  return { ...byKey, more: true };
}

async function withinUnit<S extends StampedSet, Row>(
  view: View<S, Row>,
  stamp: Stamp,
  afterKey: string | undefined,
): Promise<Rows<Row>> {
  const { walk, times } = view;
  const unit = within(walk, stamp, times);
  const bound = afterKey === undefined ? unit : allOf<S>(unit, behindKey(walk, afterKey));
  const page = await read(view, bound, [walk.key]);
  if (page.rows.some((row) => walk.positionOf(row).key === afterKey)) throw passedOver();
  return page;
}

function read<S extends StampedSet, Row>(
  { company, walk, limit }: View<S, Row>,
  bound: Condition<S>,
  orderBy: readonly FieldOf<S>[],
): Promise<Rows<Row>> {
  const filter = walk.only ? allOf<S>(walk.only, bound) : bound;
  const query = { select: walk.select, filter, orderBy, top: limit };
  return readPage(company, walk.set, query, walk.row, undefined, walk.key);
}

function passedOver(): Error {
  return unreadable(new RangeError('records that were not asked for'));
}

function inOrder<S extends StampedSet, Row>({ walk, times }: View<S, Row>, rows: readonly Row[]): readonly Row[] {
  const sortKey = (row: Row) => {
    const { stamp, key } = walk.positionOf(row);
    return `${unitOf(stamp, times)}\u0000${key}`;
  };
  return rows
    .map((row) => ({ row, by: sortKey(row) }))
    .sort((left, right) => (left.by < right.by ? -1 : 1))
    .map(({ row }) => row);
}
