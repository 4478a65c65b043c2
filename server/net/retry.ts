import type { Random } from '../kernel/random.ts';
import type { Sleep } from './sleep.ts';

/** No wait is longer: timers beyond 2^31 ms fire at once, and a header may ask for a year. */
export const LONGEST_DELAY_MS = 5 * 60_000;
const SHORTEST_DELAY_MS = 2;
const BASE_DELAY_MS = 200;

/** Full jitter: anything up to the doubled base, so that many callers do not come back together. `attempt` counts from 1. */
export function jitteredDelay(attempt: number, random: Random, base = BASE_DELAY_MS): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, base * 2 ** Math.max(0, attempt - 1));
  return clampDelay(random() * ceiling);
}

/** Into (1 ms, 5 min], for any number at all. */
export function clampDelay(milliseconds: number): number {
  if (Number.isNaN(milliseconds)) return LONGEST_DELAY_MS;
  return Math.min(LONGEST_DELAY_MS, Math.max(SHORTEST_DELAY_MS, milliseconds));
}

/**
 * Milliseconds that a `Retry-After` header asks for, seconds or an HTTP date (RFC 9110 10.2.3), clamped; undefined when
 * it says nothing usable.
 */
export function readRetryAfter(header: string | undefined, now: Date): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return clampDelay(Number(text) * 1000);
  if (/^[+-]?[\d.]/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : clampDelay(date - now.getTime());
}

/** Repeats are paid from what went well: about one for ten requests, so that an outage is not answered with a flood. */
export interface RetryBudget {
  earn(): void;
  /** False: nothing left, do not repeat. */
  spend(): boolean;
}

/** @param start what a new connection may repeat before anything went well */
export function createRetryBudget(start = 5, most = 20, perRequest = 0.1): RetryBudget {
  let tokens = start;
  return {
    earn() {
      tokens = Math.min(most, tokens + perRequest);
    },
    spend() {
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

export interface RetryOptions {
  readonly attempts: number;
  readonly random: Random;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  readonly budget: RetryBudget;
  /** The wait asked for by the server, `true` for the usual one, `false` when the failure is final. */
  readonly again: (error: unknown, attempt: number) => boolean | number;
}

/** Repeats what is safe to repeat. The last failure is thrown as it came. */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const result = await work();
      options.budget.earn();
      return result;
    } catch (error) {
      const again = attempt < options.attempts && !options.signal.aborted && options.again(error, attempt);
      if (again === false || !options.budget.spend()) throw error;
      const wait = again === true ? jitteredDelay(attempt, options.random) : clampDelay(again);
      await options.sleep(wait, options.signal).catch(() => {
        throw error;
      });
    }
  }
}
