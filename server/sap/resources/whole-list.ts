import type { z } from 'zod';
import type { SapCompany } from '../company.ts';
import { PAGE_SIZE, readAll, readPage } from '../lists.ts';
import type { Condition, EntitySet, FieldOf } from '../odata.ts';
import { isUnknownResource } from './unknown-resource.ts';

/** A short list that is read whole, page behind page by its key. */
export interface WholeList<S extends EntitySet, Row, T> {
  readonly set: S;
  readonly select: readonly FieldOf<S>[];
  readonly key: FieldOf<S>;
  readonly row: z.ZodType<Row>;
  /** Narrows the list; then `behind` has to say it again. */
  readonly only?: Condition<S>;
  /** What comes behind this row. */
  readonly behind: (row: Row) => Condition<S>;
  /** Undefined leaves the row out. */
  readonly map: (row: Row) => T | undefined;
}

export async function readWhole<S extends EntitySet, Row, T>(
  company: SapCompany,
  { set, select, key, row, only, behind, map }: WholeList<S, Row, T>,
): Promise<readonly T[]> {
  const rows = await readAll<Row>((last) =>
    readPage(company, set, { select, filter: last ? behind(last) : only, orderBy: [key], top: PAGE_SIZE }, row),
  );
  return rows.flatMap((found) => map(found) ?? []);
}

/** For lists that not every company's localisation has: SAP does not know them, and that is no fault. */
export async function readWholeIfKnown<S extends EntitySet, Row, T>(
  company: SapCompany,
  list: WholeList<S, Row, T>,
): Promise<readonly T[]> {
  try {
    return await readWhole(company, list);
  } catch (error) {
    if (isUnknownResource(error)) return [];
    throw error;
  }
}
