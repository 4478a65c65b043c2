import { z } from 'zod';

const Success = z.literal(true);

/** One record. */
export function one<Row extends z.ZodType>(row: Row) {
  return z.object({ success: Success, data: row });
}

/** A list that comes in one piece. */
export function whole<Row extends z.ZodType>(row: Row) {
  return z.object({ success: Success, data: rows(row) });
}

/** A page of API v2; the cursor of the next one is empty on the last. */
export function page<Row extends z.ZodType>(row: Row) {
  return z.object({
    success: Success,
    data: rows(row),
    additional_data: z.object({ next_cursor: z.string().nullish() }).nullish(),
  });
}

/** A page of API v1, which counts its pages by a start number. */
export function oldPage<Row extends z.ZodType>(row: Row) {
  const Next = z.object({ more_items_in_collection: z.boolean().nullish(), next_start: z.number().int().nullish() });
  return z.object({
    success: Success,
    data: rows(row),
    additional_data: Next.extend({ pagination: Next.nullish() }).nullish(),
  });
}

/** Where the list is empty, some calls say null. */
function rows<Row extends z.ZodType>(row: Row) {
  return z
    .array(row)
    .nullable()
    .transform((list) => list ?? []);
}
