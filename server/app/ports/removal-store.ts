import type { Tx } from './unit-of-work.ts';

/** What is done when a company's data is removed, in this order; each step may be repeated. */
export const REMOVAL_STEPS = ['webhooks', 'sap_events', 'access', 'data'] as const;
export type RemovalStep = (typeof REMOVAL_STEPS)[number];

export interface Removal {
  readonly askedAt: Date;
  /** The admin who asked in Pipedrive; null: the operator, at the customer's wish. */
  readonly askedBy: number | null;
  readonly done: readonly RemovalStep[];
}

/** How an installation ends. */
export interface RemovalStore {
  /** From then on the installation is `removing`; nothing is planned for it. @returns false when it was so already */
  start(tx: Tx, askedBy: number | null, now: Date): Promise<boolean>;
  /** Undefined unless the installation is being removed now. */
  find(tx: Tx): Promise<Removal | undefined>;
  finish(tx: Tx, step: RemovalStep): Promise<void>;
  /**
   * Nothing new begins: jobs that wait, hand-offs that have not reached SAP, and the address at which webhooks arrive are
   * gone. What is on its way to SAP ends by itself.
   */
  stopWork(tx: Tx): Promise<void>;
  /** Whether an order is out to SAP now, whose answer is still to be written down. */
  hasOrderOut(tx: Tx, now: Date): Promise<boolean>;
}
