import type { Stamp } from '../../app/ports/erp.ts';
import type { SapCompany } from '../company.ts';
import { type Rows, readAll } from '../lists.ts';
import { stamp } from '../mappers/values.ts';
import type { Condition } from '../odata.ts';
import type { Position, StampedSet, StampedWalk } from './stamped-set.ts';
import { stampedPage } from './stamped-walk.ts';

interface StampedRow {
  readonly UpdateDate?: string | null | undefined;
  readonly UpdateTime?: string | null | undefined;
  readonly CreateDate?: string | null | undefined;
  readonly CreateTime?: string | null | undefined;
}

type StampFields<S extends StampedSet> = Pick<StampedWalk<S, never>, 'date' | 'time'>;

/** The two ways of walking what changed: by the last change, and by the creation of what was never changed. */
export interface ChangedRecords<S extends StampedSet, Row> {
  readonly updated: StampedWalk<S, Row>;
  readonly neverUpdated: StampedWalk<S, Row>;
}

/** Only for rows that a filter on the stamp cannot have found. */
const NEVER: Stamp = { date: '0001-01-01', time: '00:00:00' };

/** Some systems leave UpdateDate empty until a record is changed for the first time (reference 6.2). */
export function changedRecords<S extends StampedSet, Row extends StampedRow>(
  shared: Pick<StampedWalk<S, Row>, 'set' | 'key' | 'select' | 'row'> & { readonly keyOf: (row: Row) => string },
  fields: { readonly updated: StampFields<S>; readonly created: StampFields<S>; readonly unchanged: Condition<S> },
): ChangedRecords<S, Row> {
  const { keyOf, ...walk } = shared;
  return {
    updated: {
      ...walk,
      ...fields.updated,
      positionOf: (row) => ({ stamp: stamp(row.UpdateDate, row.UpdateTime) ?? NEVER, key: keyOf(row) }),
    },
    neverUpdated: {
      ...walk,
      ...fields.created,
      only: fields.unchanged,
      positionOf: (row) => ({ stamp: stamp(row.CreateDate, row.CreateTime) ?? NEVER, key: keyOf(row) }),
    },
  };
}

/**
 * A page of what changed. Records never stamped come with the last page, all of them: the walk's position stays one of the
 * stamped rows, and whoever keeps the newest stamp seen is not led past pages that are still to come.
 */
export async function changedPage<S extends StampedSet, Row>(
  company: SapCompany,
  { updated, neverUpdated }: ChangedRecords<S, Row>,
  from: Stamp,
  after: Position | null,
  limit: number,
): Promise<Rows<Row>> {
  const page = await stampedPage(company, updated, from, after, limit);
  if (page.more) return page;
  const unread = [...page.unreadable];
  const fresh = await readAll<Row>(async (last) => {
    const next = await stampedPage(company, neverUpdated, from, last ? neverUpdated.positionOf(last) : null, limit);
    unread.push(...next.unreadable);
    return next;
  });
  return { rows: [...page.rows, ...fresh], more: false, unreadable: unread };
}
