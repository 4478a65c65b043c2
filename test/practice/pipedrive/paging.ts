import { validationFailed } from './failures.ts';
import { isRecord } from './json.ts';
import { choiceParameter, integerParameter } from './validation/query.ts';

interface Sortable {
  id: number;
}

interface Cursor {
  field: string;
  fieldValue: string | number;
  sortDirection: string;
  id: number;
}

export interface PageRequest {
  limit: number;
  sortBy: string;
  direction: 'asc' | 'desc';
  cursor: Cursor | undefined;
}

export interface Page<T> {
  rows: T[];
  nextCursor: string | null;
}

/** @throws ApiFailure 400 for a limit over 500, an unknown order, or a cursor that is not ours or of another order. */
export function pageRequest(query: URLSearchParams, sortable: readonly string[]): PageRequest {
  const limit = integerParameter(query, 'limit') ?? 100;
  if (limit < 1 || limit > 500) throw validationFailed('limit: must be between 1 and 500');
  const sortBy = choiceParameter(query, 'sort_by', sortable, 'id');
  const direction = choiceParameter(query, 'sort_direction', ['asc', 'desc'], 'asc') === 'asc' ? 'asc' : 'desc';
  const text = query.get('cursor');
  const cursor = text === null ? undefined : readCursor(text);
  if (cursor && (cursor.field !== sortBy || cursor.sortDirection !== direction)) {
    throw validationFailed('cursor: does not belong to this order');
  }
  return { limit, sortBy, direction, cursor };
}

/** Keyset paging: rows that move in the order between two pages are skipped or seen twice, as with the real one. */
export function pageOf<T extends Sortable>(
  rows: readonly T[],
  request: PageRequest,
  order: (row: T, field: string) => string | number,
): Page<T> {
  const sign = request.direction === 'asc' ? 1 : -1;
  const compare = (a: [string | number, number], b: [string | number, number]) =>
    sign * (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]);
  const keyed = rows.map((row) => ({
    row,
    key: [order(row, request.sortBy), row.id] satisfies [string | number, number],
  }));
  keyed.sort((a, b) => compare(a.key, b.key));
  const cursor = request.cursor;
  const rest = cursor ? keyed.filter(({ key }) => compare(key, [cursor.fieldValue, cursor.id]) >= 0) : keyed;
  const next = rest[request.limit];
  const nextCursor = next
    ? writeCursor({
        field: request.sortBy,
        fieldValue: next.key[0],
        sortDirection: request.direction,
        id: next.row.id,
      })
    : null;
  return { rows: rest.slice(0, request.limit).map(({ row }) => row), nextCursor };
}

function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function readCursor(text: string): Cursor {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (isRecord(value)) {
      const { field, fieldValue, sortDirection, id } = value;
      const orderable = typeof fieldValue === 'string' || typeof fieldValue === 'number';
      if (typeof field === 'string' && orderable && typeof sortDirection === 'string' && typeof id === 'number') {
        return { field, fieldValue, sortDirection, id };
      }
    }
  } catch {
    // Not JSON: answered below like any other cursor that is not ours.
  }
  throw validationFailed('cursor: is invalid');
}
