import { after } from '../../kernel/clock.ts';
import { AppError, RateLimitedError, UnavailableError } from '../../kernel/errors.ts';
import type { CrmCaller } from '../ports/crm.ts';
import { isPassing } from './record-refused.ts';

/** A creating call leaves this long after it was written down, or not at all. */
const SENT_WITHIN_MS = 50_000;
/** By then it has been answered, or given up by whoever works on it: a request has 30 seconds. */
const SETTLED_AFTER_MS = 90_000;

/** For the call that makes a record. @param since when it was written down that one is being made */
export function sentInTime(caller: CrmCaller, since: Date): CrmCaller {
  return { ...caller, sendBefore: after(since, SENT_WITHIN_MS) };
}

/**
 * Looks whether a record was made although no answer came. Where that cannot be seen, nothing is known of the record: it is
 * neither made nor given up, and the job comes back to it.
 * @param began when it was written down that one is being made; null: never, so there is nothing to wait for
 * @throws {RateLimitedError} while the call may still be on its way or be worked on; {UnavailableError} for whatever
 * refusal the look-up met
 */
export async function lookFirst<T>(
  look: () => Promise<T>,
  { since, now }: { readonly since: Date | null; readonly now: Date },
): Promise<T> {
  const settled = since && after(since, SETTLED_AFTER_MS);
  if (settled && now < settled)
    throw new RateLimitedError('Pipedrive may still be at work on a record that it has not answered for.', settled);
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof AppError) || isPassing(error)) throw error;
    throw new UnavailableError('Pipedrive does not tell whether a record was made already.', { cause: error });
  }
}
