import { after, type Clock } from '../kernel/clock.ts';
import type { RateLimitedError } from '../kernel/errors.ts';
import { dayIsSpent, guardIsShut, PAUSES } from './errors.ts';

export type BlockReason = 'day' | 'guard';

/** Keeps one company's calls back while Pipedrive would refuse every one of them. */
export interface CompanyBlock {
  /**
   * Passes while nothing is held against the company. After a block has run out it passes one call as a probe and keeps
   * the others back until that one is answered.
   * @throws {RateLimitedError} with the time to come back
   */
  enter(): { readonly probe: boolean };
  /** For a call that is already under way: ends it when another one was refused meanwhile. @throws {RateLimitedError} */
  check(): void;
  /** Refused altogether: gives the error to throw. */
  shut(reason: BlockReason): RateLimitedError;
  /** Answered: nothing is held against the company any more. */
  open(): void;
}

export function createCompanyBlock(clock: Clock): CompanyBlock {
  let block: { reason: BlockReason; until: Date; refusals: number } | undefined;
  const renew = (reason: BlockReason, refusals: number): Date => {
    const until = after(clock.now(), pauseOf(reason, refusals));
    block = { reason, until, refusals };
    return until;
  };

  return {
    enter() {
      if (!block) return { probe: false };
      if (block.until > clock.now()) throw errorOf(block.reason, block.until);
      renew(block.reason, block.refusals);
      return { probe: true };
    },
    check() {
      if (block && block.until > clock.now()) throw errorOf(block.reason, block.until);
    },
    shut(reason) {
      return errorOf(reason, renew(reason, (block?.refusals ?? 0) + 1));
    },
    open() {
      block = undefined;
    },
  };
}

/** A second refusal in a row keeps everybody away twice as long, so that a bad hour sees a handful of requests. */
function pauseOf(reason: BlockReason, refusals: number): number {
  if (reason === 'guard') return PAUSES.guardMs;
  return refusals > 1 ? 2 * PAUSES.dayMs : PAUSES.dayMs;
}

function errorOf(reason: BlockReason, until: Date): RateLimitedError {
  return reason === 'day' ? dayIsSpent(until) : guardIsShut(until);
}
