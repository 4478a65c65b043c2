import { z } from 'zod';
import type { ErpSeries } from '../../app/ports/erp-reference-data.ts';
import type { ShapeOf } from './reference-rows.ts';
import { filled, isYes, OptionalNumber, OptionalText, YesNo } from './values.ts';

/** `Series` of the official description keeps the number of the series in `SeriesProperty`. */
export const SeriesRow = z.object({
  SeriesProperty: z.number().int(),
  Name: OptionalText,
  Prefix: OptionalText,
  NextNumber: OptionalNumber,
  LastNumber: OptionalNumber,
  Locked: YesNo,
  IsManual: YesNo,
  BPLID: OptionalNumber,
  PeriodIndicator: OptionalText,
} satisfies ShapeOf<'Series'>);

export function toSeries(row: z.infer<typeof SeriesRow>): ErpSeries {
  return {
    series: row.SeriesProperty,
    name: filled(row.Name) ?? String(row.SeriesProperty),
    prefix: filled(row.Prefix),
    next: row.NextNumber ?? null,
    last: row.LastNumber || null,
    locked: isYes(row.Locked),
    manual: isYes(row.IsManual),
    branch: row.BPLID ?? null,
    period: filled(row.PeriodIndicator),
  };
}
