import { AppError, RateLimitedError, ReauthRequiredError } from '../kernel/errors.ts';
import type { Random } from '../kernel/random.ts';

/** What becomes of a job that failed. */
export type Disposition =
  /** Try again after a while; counts towards the limit. */
  | { readonly act: 'retry'; readonly delayMs: number }
  /** Told when to come back; does not count. */
  | { readonly act: 'run_at'; readonly at: Date }
  /** Waits, without failing, until somebody has reconnected Pipedrive. */
  | { readonly act: 'park' }
  /** Nothing left to do. */
  | { readonly act: 'drop' }
  /** A person has to act: it surfaces as a finding and is not tried again by itself. */
  | { readonly act: 'surface' };

/** Runs that may fail before a job is given to a person. */
export const MAX_ATTEMPTS = 8;
const FIRST_DELAY_MS = 2_000;
const MAX_DELAY_MS = 5 * 60_000;

/**
 * Turns an error into an act, for every kind of job.
 * @param attempt 1 for the run that failed first
 */
export function disposition(error: unknown, attempt: number, random: Random): Disposition {
  if (!(error instanceof AppError)) return retryOrSurface(attempt, random);
  switch (error.kind) {
    case 'not_found':
    case 'conflict':
      return { act: 'drop' };
    // A right or a plan limit: nobody but a person can change that.
    case 'forbidden':
    case 'invalid_input':
    case 'rejected':
      return { act: 'surface' };
    case 'reauth_required':
      // SAP's connection is parked by whoever noticed; the cron jobs start again once a person has put it right.
      return { act: error instanceof ReauthRequiredError && error.system === 'sap' ? 'drop' : 'park' };
    case 'rate_limited':
      return error instanceof RateLimitedError ? { act: 'run_at', at: error.retryAt } : retryOrSurface(attempt, random);
    case 'unavailable':
    case 'outcome_unknown':
      // Safe to run again: every job looks first where a write may have happened.
      return retryOrSurface(attempt, random);
    default:
      return error.kind satisfies never;
  }
}

function retryOrSurface(attempt: number, random: Random): Disposition {
  if (attempt >= MAX_ATTEMPTS) return { act: 'surface' };
  const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
  return { act: 'retry', delayMs: Math.max(250, Math.round(ceiling * random())) };
}
