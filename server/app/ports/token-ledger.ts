import type { Tx } from './unit-of-work.ts';

/** Who spends: a person's view or click, an order, a status on its way back, or the sync. */
export type TokenPurpose = 'person' | 'order' | 'status' | 'background';

export interface TokenUse {
  readonly purpose: TokenPurpose;
  readonly tokens: number;
  readonly calls: number;
}

export interface TokenLedger {
  add(tx: Tx, at: Date, use: TokenUse & { operation: string }): Promise<void>;
  /** Spent since this instant, by purpose. */
  spentSince(tx: Tx, since: Date): Promise<readonly TokenUse[]>;
  /** What Pipedrive last said of the company's day. */
  saveDaily(tx: Tx, daily: { limit: number; remaining: number; at: Date }): Promise<void>;
  findDaily(tx: Tx): Promise<{ limit: number; remaining: number; at: Date } | undefined>;
}
