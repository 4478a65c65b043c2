import type { Tx } from './unit-of-work.ts';

/** Which stored deliveries of one installation are meant. */
export type DeliverySelection =
  /** Received from `from` on, before `to`. */
  { readonly from: Date; readonly to: Date } | { readonly ids: readonly string[] };

/** Where one stands in the order in which they were received. */
export interface DeliveryPlace {
  readonly receivedAt: Date;
  readonly id: string;
}

export interface DeliveryCounts {
  /** Processed, not readable when they came, or not processed with no job left that would do so. */
  readonly replayable: number;
  /** Not processed yet: a job is still to do so. */
  readonly waiting: number;
  /** Only their beginning was kept. */
  readonly tooLarge: number;
}

/** One that is kept, as it came. */
export interface KeptDelivery extends DeliveryPlace {
  readonly state: 'new' | 'processed' | 'unreadable' | 'too_large';
  readonly body: Uint8Array;
}

/** Deliveries as they lie in the inbox, looked at as a whole. */
export interface DeliveryReplayStore {
  count(tx: Tx, selection: DeliverySelection): Promise<DeliveryCounts>;
  /** Up to `limit`, oldest first. */
  list(tx: Tx, selection: DeliverySelection, limit: number): Promise<readonly KeptDelivery[]>;
  /**
   * Makes up to `limit` replayable ones new again, oldest first, beginning behind a place.
   * @returns their places; fewer than `limit`: there are no more
   */
  reopen(
    tx: Tx,
    selection: DeliverySelection,
    behind: DeliveryPlace | undefined,
    limit: number,
  ): Promise<readonly DeliveryPlace[]>;
  /** Removes up to `limit` that were received before then. @returns how many */
  purge(tx: Tx, before: Date, limit: number): Promise<number>;
}
