import type { OtherWait, SlotWish } from '../../domain/slot-share.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';

/** Slots of one connection that a process has for a while. */
export interface SlotLease {
  readonly ordinary: number;
  readonly lookup: boolean;
  /** Counted from before it was asked for. */
  readonly leaseMs: number;
  readonly others: OtherWait | null;
}

/** What the processes agree on about one SAP server. Time is the database's; a holder that says nothing loses all. */
export interface ErpSlots {
  /**
   * Gives back, takes and renews slots, and says who waits here, all at once.
   * @throws {UnavailableError} without the database
   */
  share(installationId: InstallationId, connectionId: ConnectionId, wish: SlotWish): Promise<SlotLease>;
  /**
   * One process at a time signs in to a connection, so that refused passwords are counted one by one.
   * @param forMs after which it is free again, should the holder be gone
   * @returns false while another holder is at it
   */
  claimSignIn(
    installationId: InstallationId,
    connectionId: ConnectionId,
    holder: string,
    forMs: number,
  ): Promise<boolean>;
  releaseSignIn(installationId: InstallationId, connectionId: ConnectionId, holder: string): Promise<void>;
}
