import type { Tx } from './unit-of-work.ts';

/** What is done when a company's data is removed, in this order; each step may be repeated. */
export const REMOVAL_STEPS = ['webhooks', 'sap_events', 'access', 'data'] as const;
export type RemovalStep = (typeof REMOVAL_STEPS)[number];
/** Those that need another system: they may have to be left undone. */
export type OutsideStep = Exclude<RemovalStep, 'data'>;

export interface Removal {
  readonly askedAt: Date;
  /** The admin who asked in Pipedrive; null: the operator, at the customer's wish, or nobody: access had ended long ago. */
  readonly askedBy: number | null;
  /** Those that are over, done or not. */
  readonly done: readonly RemovalStep[];
  /** Of those, the ones that had to be left undone. */
  readonly left: readonly OutsideStep[];
}

/** How an installation ends. */
export interface RemovalStore {
  /** From then on the installation is `removing`; nothing is planned for it. @returns false when it was so already */
  start(tx: Tx, askedBy: number | null, now: Date): Promise<boolean>;
  /** Undefined unless the installation is being removed now. */
  find(tx: Tx): Promise<Removal | undefined>;
  finish(tx: Tx, step: OutsideStep, outcome: 'done' | 'left'): Promise<void>;
  /** Steps that the removal had to leave undone; also when all is erased, until somebody installs again. */
  listLeft(tx: Tx): Promise<readonly OutsideStep[]>;
  /** Since when there has been no good grant; undefined unless somebody has to install again. */
  findWaitingSince(tx: Tx): Promise<Date | undefined>;
  /**
   * Nothing new begins: jobs that wait, hand-offs that have not reached SAP, and the address at which webhooks arrive are
   * gone. What is on its way to SAP ends by itself.
   */
  stopWork(tx: Tx): Promise<void>;
  /** Whether an order is out to SAP now, whose answer is still to be written down. */
  hasOrderOut(tx: Tx, now: Date): Promise<boolean>;
}
