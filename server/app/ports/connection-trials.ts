import type { Tx } from './unit-of-work.ts';

/** How often an installation tried servers out, over all processes: a form that dials out must be no port scanner. */
export interface ConnectionTrials {
  /**
   * Books one try.
   * @returns undefined when it may be made; otherwise when the next one may
   */
  book(tx: Tx, now: Date): Promise<Date | undefined>;
}
