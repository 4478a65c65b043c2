import { createHash } from 'node:crypto';
import type { Fields, Json } from '../kernel/json.ts';
import { isFields, isList, numberOf } from '../kernel/json.ts';
import type { SapError } from './errors.ts';
import type { OwnFields } from './schema/payload.ts';
import type { TypeInfo } from './schema/schema.ts';
import { findType, hasVersion } from './schema/schema.ts';

/** v1 speaks OData 3, v2 OData 4; the same sessions and the same business logic behind both. */
export interface Dialect {
  readonly version: 'v1' | 'v2';
  /** `/b1s/v1` or `/b1s/v2`. */
  readonly root: string;
  /** In front of context, etag, count and nextLink. */
  readonly prefix: '' | '@';
  readonly batchStatus: 200 | 202;
}

export const V1: Dialect = { version: 'v1', root: '/b1s/v1', prefix: '', batchStatus: 202 };
export const V2: Dialect = { version: 'v2', root: '/b1s/v2', prefix: '@', batchStatus: 200 };

/** The first annotation of an answer. */
export function contextOf(dialect: Dialect, origin: string, what: string, single: boolean): Fields {
  const url = `${origin}${dialect.root}/$metadata#${what}`;
  return dialect.version === 'v1'
    ? { 'odata.metadata': single ? `${url}/@Element` : url }
    : { '@odata.context': single ? `${url}/$entity` : url };
}

/** Uppercase SHA-1 of the decimal version, always weak. */
export function etagOf(version: number): string {
  return `W/"${createHash('sha1').update(String(version)).digest('hex').toUpperCase()}"`;
}

export function errorBody(dialect: Dialect, error: SapError): Json {
  if (dialect.version === 'v1')
    return { error: { code: error.code, message: { lang: 'en-us', value: error.message } } };
  // The manual's answer to a stale version is the one that was recorded without details.
  const details = error.status === 412 ? {} : { details: [{ code: '', message: '' }] };
  return { error: { code: String(error.code), ...details, message: error.message } };
}

/**
 * A stored row as it is answered: every property its type declares (missing ones null, missing collections empty), or
 * the selected ones. Without DataVersion among the selected, the ETag is that of version 1, whatever the truth is.
 */
export function present(
  dialect: Dialect,
  type: TypeInfo,
  row: Fields,
  own: OwnFields,
  select: readonly string[] | undefined,
): Fields {
  const answer: Record<string, Json> = {};
  if (hasVersion(type)) answer[`${dialect.prefix}odata.etag`] = etagOf(shownVersion(row, select));
  const wanted = select === undefined ? undefined : new Set(select);
  for (const property of type.properties.values()) {
    if (wanted !== undefined && !wanted.has(property.name)) continue;
    answer[property.name] = presentValue(
      dialect,
      property.type,
      property.collection,
      row[property.name],
      property.name,
      own,
    );
  }
  addOwnFields(dialect, answer, row, own(''), wanted);
  return answer;
}

function shownVersion(row: Fields, select: readonly string[] | undefined): number {
  return select === undefined || select.includes('DataVersion') ? numberOf(row, 'DataVersion') : 1;
}

function addOwnFields(
  dialect: Dialect,
  answer: Record<string, Json>,
  row: Fields,
  fields: ReturnType<OwnFields>,
  wanted: ReadonlySet<string> | undefined,
): void {
  for (const { name, type } of fields) {
    if (wanted === undefined || wanted.has(name))
      answer[name] = presentValue(dialect, type, false, row[name], name, () => []);
  }
}

function presentValue(
  dialect: Dialect,
  typeName: string,
  collection: boolean,
  value: Json | undefined,
  name: string,
  own: OwnFields,
): Json {
  if (collection)
    return isList(value) ? value.map((entry) => presentValue(dialect, typeName, false, entry, name, own)) : [];
  if (value === undefined || value === null) return null;
  const nested = findType(typeName);
  if (nested !== undefined && isFields(value)) return presentNested(dialect, nested, value, name, own);
  return typeName === 'DateTimeOffset' && dialect.version === 'v2' ? `${value}T00:00:00Z` : value;
}

function presentNested(dialect: Dialect, type: TypeInfo, row: Fields, name: string, own: OwnFields): Fields {
  const answer: Record<string, Json> = {};
  for (const property of type.properties.values()) {
    answer[property.name] = presentValue(
      dialect,
      property.type,
      property.collection,
      row[property.name],
      property.name,
      own,
    );
  }
  addOwnFields(dialect, answer, row, type.open ? own(name) : [], undefined);
  return answer;
}
