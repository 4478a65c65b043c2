import { badRequest } from '../failures.ts';
import { integerParameter } from '../validation/query.ts';
import type { ApiCall } from './route.ts';

export interface StartPage<T> {
  rows: T[];
  pagination: { start: number; limit: number; more_items_in_collection: boolean; next_start?: number };
}

/** v1 paging by `start` and `limit`. @throws ApiFailure 400 for a limit over the resource's largest */
export function startPage<T>(call: ApiCall, all: readonly T[], largest = 500): StartPage<T> {
  const start = integerParameter(call.query, 'start') ?? 0;
  const limit = integerParameter(call.query, 'limit') ?? 100;
  if (limit < 1 || limit > largest) throw badRequest(`limit must be between 1 and ${largest}`);
  const more = all.length > start + limit;
  return {
    rows: all.slice(start, start + limit),
    pagination: { start, limit, more_items_in_collection: more, ...(more ? { next_start: start + limit } : {}) },
  };
}
