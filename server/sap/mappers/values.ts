import { z } from 'zod';
import type { Stamp } from '../../app/ports/erp.ts';
import { isLocalDate, type LocalDate, type LocalTime } from '../../kernel/local-date.ts';
import { type Decimal, decimal } from '../../kernel/money.ts';

/** SAP leaves out what is empty, sends null, or an empty text. */
export const OptionalText = z.string().nullish();
export const OptionalNumber = z.number().nullish();
export const YesNo = z.string().nullish();
export const Key = z.number().int().safe();
/** A member of an enum by its name, or the number behind it. */
export const KindCode = z.union([z.string(), z.number().transform(String)]).nullish();

/** SAP keeps amounts, prices and quantities with at most this many decimals. */
const SAP_SCALE = 6;
const EXACT_DIGITS = 15;

/** SAP's figure would have to be rounded, which no figure may be. */
export class UncarriedAmountError extends RangeError {}

/**
 * An amount that came as a JSON number. A double such as 0.30000000000000004 stands for a number that SAP keeps with six
 * decimals: it is read back at that scale.
 * @throws {UncarriedAmountError} when it has more digits than a double can carry
 */
export function amount(value: number | null | undefined): Decimal {
  if (value === null || value === undefined) return '0';
  const text = String(value);
  if (PLAIN.test(text)) return text;
  try {
    return significantDigits(text) <= EXACT_DIGITS ? decimal(value) : decimal(value.toFixed(SAP_SCALE));
  } catch (cause) {
    throw new UncarriedAmountError('more digits than can be carried exactly', { cause });
  }
}

/** At most 15 digits, without an exponent: the text of the double is the amount. Almost every amount is of this kind. */
const PLAIN = /^-?\d{1,9}(?:\.\d{1,6})?$/;

/** Digits of the shortest text that stands for this double. */
function significantDigits(text: string): number {
  const [mantissa = ''] = text.split('e');
  return mantissa.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;
}

/** The calendar day of `2026-03-04` (v1) or `2026-03-04T00:00:00Z` (v2). Cut, never shifted. */
export function day(value: string | null | undefined): LocalDate | null {
  const text = value?.slice(0, 10) ?? '';
  return isLocalDate(text) ? text : null;
}

/** `HH:MM:SS` from `14:05:00` or `14:05`; midnight when there is none; the end of the day for `24:00:00`. */
export function clockTime(value: string | null | undefined): LocalTime {
  const match = /^(\d{2}):([0-5]\d)(?::([0-5]\d))?/.exec(value ?? '');
  const hour = match?.[1] ?? '';
  if (!match || hour > '24') return '00:00:00';
  return hour === '24' ? '23:59:59' : `${hour}:${match[2]}:${match[3] ?? '00'}`;
}

export function stamp(date: string | null | undefined, time: string | null | undefined): Stamp | null {
  const on = day(date);
  return on === null ? null : { date: on, time: clockTime(time) };
}

export function isYes(value: string | null | undefined): boolean {
  return value === 'tYES' || value === 'Y';
}

export function filled(value: string | null | undefined): string | null {
  const text = value?.trim() ?? '';
  return text === '' ? null : text;
}

/** The switches with which SAP deactivates a partner or an item, for good or for a while. */
export const Validity = z.object({
  Valid: YesNo,
  ValidFrom: OptionalText,
  ValidTo: OptionalText,
  Frozen: YesNo,
  FrozenFrom: OptionalText,
  FrozenTo: OptionalText,
});

/** A range without ends counts always; `Valid` with a range counts inside it, `Frozen` likewise. */
export function isActiveOn(row: z.infer<typeof Validity>, today: LocalDate): boolean {
  if (isYes(row.Frozen) && isWithin(today, day(row.FrozenFrom), day(row.FrozenTo))) return false;
  const from = day(row.ValidFrom);
  const to = day(row.ValidTo);
  return !(isYes(row.Valid) && (from !== null || to !== null)) || isWithin(today, from, to);
}

function isWithin(today: LocalDate, from: LocalDate | null, to: LocalDate | null): boolean {
  return (from === null || from <= today) && (to === null || today <= to);
}
