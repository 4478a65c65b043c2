import { z } from 'zod';

type Issue = z.core.$ZodIssue;

const PLAIN_NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?$/;
const MAX_DIGITS = 15;
const LONG_DIGITS = /^-?\d{16}/;

/**
 * The same record with values of another make put as they are expected, where they can mean one thing only: a plain number
 * sent as text (never with a decimal comma, never with more than 15 digits), a text sent as a whole number, true and
 * false for yes and no. Undefined where anything else is wrong with it.
 */
export function asExpected(raw: unknown, issues: readonly Issue[]): unknown {
  const mended: unknown = structuredClone(raw);
  for (const issue of issues) {
    const place = placeOf(mended, issue.path);
    const value = place && expected(issue, place.holder[place.name]);
    if (!place || value === undefined) return undefined;
    place.holder[place.name] = value;
  }
  return mended;
}

function expected(issue: Issue, value: unknown): string | number | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.expected === 'number' && typeof value === 'string') {
    const digits = value.replace(/[-.]/g, '').length;
    return PLAIN_NUMBER.test(value) && digits <= MAX_DIGITS ? Number(value) : undefined;
  }
  if (issue.expected !== 'string') return undefined;
  if (typeof value === 'boolean') return value ? 'tYES' : 'tNO';
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

/** A plain sentence about the first thing that is wrong with a record. */
export function wrongIn(raw: unknown, issues: readonly Issue[]): string {
  const [issue] = issues;
  if (!issue) return 'SAP sends it in a form that cannot be read.';
  const field = issue.path.filter((step) => typeof step === 'string').join('.');
  const place = placeOf(raw, issue.path);
  const value = place?.holder[place.name];
  if (typeof value === 'string' && LONG_DIGITS.test(value)) return tooManyDigits(field);
  return `SAP sends ${field} in a form that cannot be read.`;
}

/** The sentence for an amount or a number that would have to be rounded. */
export function tooManyDigits(field: string): string {
  return `SAP sends ${field} with more digits than can be carried exactly.`;
}

const Holder = z.custom<Record<PropertyKey, unknown>>((value) => typeof value === 'object' && value !== null);

function placeOf(
  root: unknown,
  path: readonly PropertyKey[],
): { holder: Record<PropertyKey, unknown>; name: PropertyKey } | undefined {
  const name = path.at(-1);
  if (name === undefined) return undefined;
  let at: unknown = root;
  for (const step of path.slice(0, -1)) at = Holder.safeParse(at).data?.[step];
  const holder = Holder.safeParse(at).data;
  return holder && { holder, name };
}
