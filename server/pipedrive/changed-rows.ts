import type { z } from 'zod';
import type { CrmCaller } from '../app/ports/crm.ts';
import type { Api } from './api.ts';
import type { Operation, Query } from './operations.ts';
import { changedSince, onlyFitting } from './plausibility.ts';
import { wholeSeconds } from './values.ts';

interface Changing {
  readonly id: number;
  readonly updateTime: string;
}

/**
 * All records of a list, or those changed since, in the order of their change. Without an instant each comes once,
 * however the pages shift meanwhile; with one a record that changes meanwhile comes again with its later content.
 */
export async function* changedRows<Row extends Changing>(
  api: Api,
  caller: CrmCaller,
  operation: Operation,
  wanted: { readonly updatedSince: Date | undefined; readonly query: Query; readonly row: z.ZodType<Row> },
): AsyncGenerator<readonly Row[]> {
  const { updatedSince, row } = wanted;
  const order = updatedSince && {
    updated_since: wholeSeconds(updatedSince),
    sort_by: 'update_time',
    sort_direction: 'asc',
  };
  const seen = new Set<string>();
  for await (const rows of api.pages(caller, operation, { query: { ...wanted.query, ...order } }, row)) {
    const fresh = onlyFitting(rows, ({ updateTime }) => changedSince(updateTime, updatedSince)).filter((one) => {
      const mark = updatedSince ? `${one.id} ${one.updateTime}` : String(one.id);
      return !seen.has(mark) && seen.add(mark);
    });
    if (fresh.length > 0 || rows.length === 0) yield fresh;
  }
}
