import { filterOf } from '../company/filters.ts';
import { ALL_FIELDS, type FieldView } from '../company/rest-views.ts';
import type { CompanyState } from '../company/state.ts';
import { canSee } from '../company/visibility.ts';
import { notFound, validationFailed } from '../failures.ts';
import { type Page, pageOf, pageRequest } from '../paging.ts';
import type { BaseRecord } from '../records.ts';
import { flagParameter, idsParameter, integerParameter, timeParameter } from '../validation/query.ts';
import { type ApiAnswer, type ApiCall, ok } from './route.ts';

/** The record, if it exists, is not deleted and is visible to the user. @throws ApiFailure 404 */
export function visibleRecord<T extends BaseRecord>(
  call: ApiCall,
  records: ReadonlyMap<number, T>,
  id: number,
  what: string,
): T {
  const record = records.get(id);
  if (!record || record.is_deleted || !canSee(call.company, call.actor.user, record)) throw notFound(what);
  return record;
}

/** How custom fields are wanted; at most 15 keys. @throws ApiFailure 400 */
export function fieldView(query: URLSearchParams): FieldView {
  const keys = query.get('custom_fields')?.split(',');
  if (keys && keys.length > 15) throw validationFailed('custom_fields: must hold no more than 15 keys');
  const optionLabels = flagParameter(query, 'include_option_labels');
  return keys ? { only: keys, optionLabels } : { ...ALL_FIELDS, optionLabels };
}

/** Filters that all lists share: visible, not deleted, ids, owner, changed since. With `filter_id` the others rest. */
export function filtered<T extends BaseRecord>(call: ApiCall, records: Iterable<T>, includeDeleted = false): T[] {
  const seen = [...records].filter(
    (record) => (includeDeleted || !record.is_deleted) && canSee(call.company, call.actor.user, record),
  );
  const filter = integerParameter(call.query, 'filter_id');
  if (filter !== undefined) return seen.filter(filterOf(call.company, filter));
  const ids = idsParameter(call.query, 'ids');
  const owner = integerParameter(call.query, 'owner_id');
  const since = timeParameter(call.query, 'updated_since');
  const until = timeParameter(call.query, 'updated_until');
  const changed = (record: T) => Date.parse(record.update_time ?? record.add_time);
  return seen.filter(
    (record) =>
      (!ids || ids.has(record.id)) &&
      (owner === undefined || record.owner_id === owner) &&
      (since === undefined || changed(record) >= since) &&
      (until === undefined || changed(record) < until),
  );
}

const SORTABLE = ['id', 'add_time', 'update_time'];

export function listAnswer<T extends BaseRecord>(
  call: ApiCall,
  rows: readonly T[],
  show: (company: CompanyState, row: T, view: FieldView) => object,
  sortable: readonly string[] = SORTABLE,
): ApiAnswer {
  const page: Page<T> = pageOf(rows, pageRequest(call.query, sortable), orderValue);
  const view = fieldView(call.query);
  return ok(
    page.rows.map((row) => show(call.company, row, view)),
    { next_cursor: page.nextCursor },
  );
}

export function orderValue(row: object, field: string): string | number {
  const value: unknown = Reflect.get(row, field);
  if (typeof value === 'number' || typeof value === 'string') return value;
  return '';
}
