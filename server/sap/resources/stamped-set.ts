import type { z } from 'zod';
import type { Stamp } from '../../app/ports/erp.ts';
import type { Condition, DateField, FieldOf, TextField, TimeField } from '../odata.ts';

/** Sets whose records SAP stamps. */
export type StampedSet = 'BusinessPartners' | 'Items';

export interface Position {
  readonly stamp: Stamp;
  readonly key: string;
}

/** One way of walking a set: by which pair of stamp fields, over which rows. */
export interface StampedWalk<S extends StampedSet, Row> {
  readonly set: S;
  readonly key: TextField<S>;
  readonly date: DateField<S>;
  readonly time: TimeField<S>;
  readonly only?: Condition<S>;
  readonly select: readonly FieldOf<S>[];
  readonly row: z.ZodType<Row>;
  readonly positionOf: (row: Row) => Position;
}

/** How far stamps of a set tell the time of day: always, not in all records, or never (then the day is all there is). */
export type StampUnit = 'always' | 'sometimes' | 'never';
