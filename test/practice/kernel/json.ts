/** Plain JSON values, and readers that tolerate what is not there. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A JSON object. Records are never changed in place: a change is a new record. */
export type Fields = { readonly [name: string]: Json };

export function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !isList(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The text under that name, or '' where there is none. */
export function textOf(record: Fields, name: string): string {
  const value = record[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The number under that name (numbers as text count), or 0 where there is none. */
export function numberOf(record: Fields, name: string): number {
  const value = record[name];
  if (typeof value === 'number') return value;
  const parsed = typeof value === 'string' && value !== '' ? Number(value) : 0;
  return Number.isFinite(parsed) ? parsed : 0;
}

/** The records in the list under that name. */
export function recordsOf(record: Fields, name: string): readonly Fields[] {
  const value = record[name];
  return isList(value) ? value.filter(isFields) : [];
}

/** Parses text into JSON, or gives undefined where it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
