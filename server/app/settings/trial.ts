import type { Clock } from '../../kernel/clock.ts';
import { InvalidInputError, RateLimitedError, UnavailableError } from '../../kernel/errors.ts';
import type { ConnectionTrials } from '../ports/connection-trials.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';

export interface TrialDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly trials: ConnectionTrials;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** When "nobody answers" is said, before the extension stops waiting (45 s): a port that is closed, one that is filtered and
 * one that hangs sound alike. */
const ANSWERED_AFTER_MS = [6_000, 12_000, 42_000];

/** Work that dials an address that a person gave, before that server has proved to be a Service Layer of theirs. */
export type Trial = <T>(principal: Principal, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** The form must be of no use to somebody who looks for open doors: few tries, and no telling how long each took. */
export function makeTrial({ clock, unitOfWork, trials, sleep }: TrialDeps): Trial {
  return async (principal, signal, work) => {
    const began = clock.now();
    const nextAt = await unitOfWork.within(principal.installationId, (tx) => trials.book(tx, began));
    if (nextAt) {
      throw new RateLimitedError('Servers were tried out ten times within the last hour. Try again later.', nextAt);
    }
    try {
      return await work();
    } catch (error) {
      if (error instanceof UnavailableError || isAboutName(error)) {
        const taken = clock.now().getTime() - began.getTime();
        const answeredAfter = ANSWERED_AFTER_MS.find((limit) => limit >= taken) ?? taken;
        await sleep(answeredAfter - taken, signal).catch(() => undefined);
      }
      throw error;
    }
  };
}

function isAboutName(error: unknown): boolean {
  return error instanceof InvalidInputError && error.problems.some(({ code }) => code === 'address_name');
}
