import { z } from 'zod';
import type { CustomFields } from '../app/ports/crm.ts';
import { type Decimal, decimal } from '../kernel/money.ts';

/** Pipedrive's ids are numbers; one that a double cannot hold is refused, never rounded. */
export const Id = z.int().positive();

export const IdOrNull = Id.nullish().transform((id) => id ?? null);

export const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

export const TextOrNull = z
  .string()
  .nullish()
  .transform((text) => text ?? null);

/** A JSON number as decimal text. Empty counts as zero; more than 15 digits are refused. */
export const Amount = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value, context): Decimal => {
    try {
      return decimal(value ?? 0);
    } catch {
      context.addIssue({ code: 'custom', message: 'an amount that cannot be carried exactly' });
      return z.NEVER;
    }
  });

/**
 * An amount that Pipedrive has worked out itself, with the noise of its doubles behind the 15th digit (`0.1 + 0.2`).
 * What people have entered is never rounded: see `Amount`.
 */
export const ComputedAmount = z
  .unknown()
  .transform((value) => (typeof value === 'number' ? Number(value.toPrecision(15)) : value))
  .pipe(Amount);

/** As `ComputedAmount`; null where it cannot be carried exactly, so that it hides nothing else. */
export const ComputedAmountOrNull = z.unknown().transform((value): Decimal | null => {
  const amount = ComputedAmount.safeParse(value);
  return amount.success ? amount.data : null;
});

/** Yes or no: API v2 writes true and false, v1 also 1 and 0. */
export const Flag = z.union([z.boolean(), z.number()]).nullish().transform(Boolean);

export const CustomFieldValues = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((fields) => fields ?? {});

const V1_TIME = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/;
const V2_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339, or the older `YYYY-MM-DD HH:MM:SS` that means UTC; undefined when it is neither. */
export function instantOf(text: string): Date | undefined {
  const inUtc = text.replace(V1_TIME, '$1T$2Z');
  const instant = new Date(V2_TIME.test(inUtc) ? inUtc : Number.NaN);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

/** RFC 3339 in whole seconds, rounded down: Pipedrive refuses fractions in a query. */
export function wholeSeconds(instant: Date): string {
  return instant.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/**
 * As API v2 takes them: what is empty is null, since it refuses an empty list (reference pipedrive-api.md, section 4.4).
 */
export function clearedByNull(fields: CustomFields): CustomFields {
  const isEmpty = (value: unknown) => value === '' || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(fields).map(([code, value]) => [code, isEmpty(value) ? null : value]));
}
