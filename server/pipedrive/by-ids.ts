import type { z } from 'zod';
import type { CrmCaller } from '../app/ports/crm.ts';
import type { Api } from './api.ts';
import type { Operation, Query } from './operations.ts';
import { notAskedFor } from './plausibility.ts';

/** Pipedrive takes no more ids in one call (reference pipedrive-api.md, section 4.3). */
const MOST_IDS = 100;

/**
 * Records by their ids, a hundred a call, each once.
 * @throws {TypeError} for what is no id; {UnavailableError} for a record that was not asked for
 */
export async function readByIds<Row extends { readonly id: number }>(
  api: Api,
  caller: CrmCaller,
  operation: Operation,
  ids: readonly number[],
  read: { readonly row: z.ZodType<Row>; readonly query?: Query },
): Promise<readonly Row[]> {
  const found = new Map<number, Row>();
  for (const hundred of inHundreds(ids)) {
    const asked = new Set(hundred);
    const input = { query: { ...read.query, ids: hundred.join(',') } };
    for await (const rows of api.pages(caller, operation, input, read.row)) {
      for (const row of rows) {
        if (!asked.has(row.id)) throw notAskedFor();
        found.set(row.id, row);
      }
    }
  }
  return [...found.values()];
}

/** Each id once. @throws {TypeError} for what is no id: such a value never enters a URL */
export function inHundreds(ids: readonly number[]): readonly (readonly number[])[] {
  const wanted = [...new Set(ids)];
  if (wanted.some((id) => !Number.isSafeInteger(id) || id <= 0)) throw new TypeError('not an id of Pipedrive');
  const hundreds: number[][] = [];
  for (let start = 0; start < wanted.length; start += MOST_IDS) hundreds.push(wanted.slice(start, start + MOST_IDS));
  return hundreds;
}
