import { randomUUID } from 'node:crypto';
import type { ErpCaller } from '../app/ports/erp.ts';
import type { ErpSlots } from '../app/ports/erp-slots.ts';
import { UnavailableError } from '../kernel/errors.ts';
import type { StartTimer } from '../net/timer.ts';

/** Longer than a sign-in may take; a process that dies meanwhile holds the others up so long. */
const TURN_MS = 70_000;
const ASK_AGAIN_MS = 250;
const MOST_QUESTIONS = 300;

export interface SignInTurns {
  /**
   * Runs `work` while no other process signs in to this connection: refused passwords are then counted one by one, and
   * SAP, which may refuse sign-ins at a time (code 299), meets one.
   * @throws {UnavailableError} when the turn does not come, or without the database
   */
  take<T>(caller: Pick<ErpCaller, 'installationId' | 'connectionId'>, work: () => Promise<T>): Promise<T>;
}

/** @param slots undefined: this process is alone */
export function createSignInTurns(slots: ErpSlots | undefined, startTimer: StartTimer): SignInTurns {
  if (!slots) return { take: (_caller, work) => work() };
  const pause = () => new Promise<void>((resolve) => void startTimer(ASK_AGAIN_MS, resolve));

  return {
    async take({ installationId, connectionId }, work) {
      const holder = randomUUID();
      try {
        for (let asked = 1; !(await slots.claimSignIn(installationId, connectionId, holder, TURN_MS)); asked += 1) {
          if (asked >= MOST_QUESTIONS) throw new UnavailableError('Another sign-in to SAP is still under way.');
          await pause();
        }
        return await work();
      } finally {
        // Also one whose claim got no answer. One that cannot be given back ends by itself.
        await slots.releaseSignIn(installationId, connectionId, holder).catch(() => undefined);
      }
    },
  };
}
