import type { Fields, Json } from '../../kernel/json.ts';
import { numberOf } from '../../kernel/json.ts';
import { tableBehind, userFieldsOf } from '../company/user-fields.ts';
import { contextOf, etagOf, present } from '../dialects.ts';
import { badQuery, noMatch } from '../errors.ts';
import type { Scene, SlRequest, SlResponse } from '../messages.ts';
import { json, switchedOn } from '../messages.ts';
import type { OwnFields } from '../schema/payload.ts';
import type { TypeInfo } from '../schema/schema.ts';
import { findType, hasVersion, typeOfSet } from '../schema/schema.ts';
import { compileFilter } from './filter.ts';
import { cutPage, pageSize } from './paging.ts';
import type { QueryOptions } from './query.ts';
import { readQuery } from './query.ts';

export function ownFieldsFor(scene: Scene, set: string): OwnFields {
  return (collection) => userFieldsOf(scene.company, tableBehind(set, collection === '' ? undefined : collection));
}

type Declared = (property: string) => { readonly type: string; readonly collection: boolean } | undefined;

function declaredIn(type: TypeInfo, own: OwnFields): Declared {
  return (name) => {
    const field = type.properties.get(name);
    if (field !== undefined) return field;
    const added = own('').find((entry) => entry.name === name);
    return added === undefined ? undefined : { type: added.type, collection: false };
  };
}

/** One entity by its key. */
export function readOne(scene: Scene, request: SlRequest, set: string, key: string): SlResponse {
  const type = typeOfSet(set);
  const own = ownFieldsFor(scene, set);
  const options = readQuery(request.query, scene.dialect.version);
  checkSelect(scene, type, options.select, declaredIn(type, own));
  const row = scene.company.table(set).get(key);
  if (row === undefined) throw noMatch();
  return oneEntity(scene, set, row, 200, options.select);
}

/** The answer that carries one entity. */
export function oneEntity(
  scene: Scene,
  set: string,
  row: Fields,
  status: 200 | 201,
  select?: readonly string[],
  headers: Record<string, string> = {},
): SlResponse {
  const type = typeOfSet(set);
  const body = {
    ...contextOf(scene.dialect, scene.origin, set, true),
    ...present(scene.dialect, type, row, ownFieldsFor(scene, set), select),
  };
  const etag = hasVersion(type) ? { ETag: etagOf(numberOf(row, 'DataVersion')) } : {};
  return json(scene, status, body, { ...etag, ...headers });
}

/** A list, one page at a time. */
export function readList(scene: Scene, request: SlRequest, set: string): SlResponse {
  const type = typeOfSet(set);
  const own = ownFieldsFor(scene, set);
  const declared = declaredIn(type, own);
  const options = readQuery(request.query, scene.dialect.version);
  checkSelect(scene, type, options.select, declared);
  const found = filtered(scene, request, set, options, declared);
  const sorted = sort(found, options.orderby, type, declared);
  const size = pageSize(scene, request);
  const page = cutPage(sorted, options, size.rows);
  const { prefix } = scene.dialect;
  const body: Record<string, Json> = { ...contextOf(scene.dialect, scene.origin, set, false) };
  if (options.count)
    body[`${prefix}odata.count`] = scene.dialect.version === 'v1' ? String(found.length) : found.length;
  body['value'] = page.rows.map((row) => present(scene.dialect, type, row, own, options.select));
  if (page.next !== undefined) body[`${prefix}odata.nextLink`] = nextLink(scene, set, options, page.next);
  return json(scene, 200, body, size.headers);
}

/** `/$count`: a bare number. */
export function readCount(scene: Scene, request: SlRequest, set: string): SlResponse {
  const type = typeOfSet(set);
  const options = readQuery(request.query, scene.dialect.version);
  const found = filtered(scene, request, set, options, declaredIn(type, ownFieldsFor(scene, set)));
  return { status: 200, headers: { 'Content-Type': 'text/plain;charset=utf-8' }, body: String(found.length) };
}

function filtered(scene: Scene, request: SlRequest, set: string, options: QueryOptions, declared: Declared): Fields[] {
  const rows = scene.company.table(set).all();
  if (options.filter === undefined) return rows;
  const { database, filterTimePrecision } = scene.company.settings;
  const matches = compileFilter(options.filter, {
    typeName: typeOfSet(set).name,
    typeOf: declared,
    caseInsensitive: database === 'mssql' || switchedOn(request, 'b1s-caseinsensitive'),
    timePrecision: filterTimePrecision,
  });
  return rows.filter(matches);
}

function checkSelect(scene: Scene, type: TypeInfo, select: readonly string[] | undefined, declared: Declared): void {
  for (const name of select ?? []) {
    const property = declared(name);
    const refusesCollections = scene.dialect.version === 'v2' && scene.company.settings.rejectsCollectionSelect;
    if (property === undefined || (property.collection && refusesCollections)) {
      throw badQuery(`Property '${name}' of '${type.name}' is invalid`);
    }
  }
}

function sort(rows: Fields[], orderby: string | undefined, type: TypeInfo, declared: Declared): Fields[] {
  if (orderby === undefined) return rows;
  const terms = orderby.split(',').map((term) => {
    const [name = '', direction = 'asc', ...rest] = term.trim().split(/\s+/);
    const property = declared(name);
    const sortable = property !== undefined && !property.collection && findType(property.type) === undefined;
    if (!sortable) throw badQuery(`Property '${name}' of '${type.name}' is invalid`);
    if (rest.length > 0 || (direction !== 'asc' && direction !== 'desc'))
      throw badQuery(`Invalid order '${term.trim()}'`);
    return { name, sign: direction === 'asc' ? 1 : -1 };
  });
  return [...rows].sort((a, b) => {
    for (const { name, sign } of terms) {
      const order = compareValues(a[name], b[name]);
      if (order !== 0) return sign * order;
    }
    return 0;
  });
}

/** Empty values come first. */
function compareValues(a: Json | undefined, b: Json | undefined): number {
  const left = a ?? null;
  const right = b ?? null;
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : 1;
}

/** Relative on v2, rooted on v1; skip-based, so it shifts when rows come and go between pages. */
function nextLink(scene: Scene, set: string, options: QueryOptions, next: { skip: number; top?: number }): string {
  const kept = options.raw.filter(([name]) => name !== '$skip' && name !== '$top');
  if (next.top !== undefined) kept.push(['$top', String(next.top)]);
  kept.push(['$skip', String(next.skip)]);
  const query = kept.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return scene.dialect.version === 'v1' ? `${scene.dialect.root}/${set}?${query}` : `${set}?${query}`;
}
