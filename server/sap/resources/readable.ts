import type { Page, UnreadableRecord } from '../../app/ports/erp.ts';
import { RejectedError } from '../../kernel/errors.ts';
import type { Rows } from '../lists.ts';
import { UncarriedAmountError } from '../mappers/values.ts';
import { unreadable } from '../refusals.ts';

const TOO_LONG = 'SAP sends an amount with more digits than can be carried exactly.';

/** A reading in which one amount would have to be rounded is refused in words. For readings alone: nothing was done. */
export async function inFull<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    if (!(cause instanceof UncarriedAmountError)) throw cause;
    throw new RejectedError({ system: 'sap', code: 'amount', words: '', message: TOO_LONG }, { cause });
  }
}

/** The figure, or the sentence that says why it cannot be shown. */
export function orWords<T>(map: () => T): T | { readonly words: string } {
  try {
    return map();
  } catch (error) {
    if (error instanceof UncarriedAmountError) return { words: TOO_LONG };
    throw error;
  }
}

/**
 * A page in the product's words. A record with an amount that would have to be rounded is named and left out, as one
 * whose form cannot be read.
 */
export function readablePage<Row, T>(
  { rows, more, unreadable: unread }: Rows<Row>,
  keyOf: (row: Row) => string,
  map: (row: Row) => T,
): Page<T> {
  const taken: T[] = [];
  const left: UnreadableRecord[] = [...unread];
  for (const row of rows) {
    try {
      taken.push(map(row));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      left.push({ key: keyOf(row), reason: TOO_LONG });
    }
  }
  // Nothing to go on from.
  if (more && taken.length === 0 && rows.length > 0) throw unreadable(new RangeError('not one amount can be carried'));
  return { rows: taken, done: !more, ...(left.length > 0 ? { unreadable: left } : {}) };
}
