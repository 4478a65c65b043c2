import type { ConnectionId } from '../../kernel/ids.ts';
import type { Tx } from './unit-of-work.ts';

/** What an admin decided. Each save makes a new version; old versions stay readable for the audit trail. */
export interface Settings {
  /** The admin agreed that we make our fields in Pipedrive. */
  readonly crmFieldsAgreed: boolean;
  /** The admin agreed that we make the key field in SAP. */
  readonly erpFieldAgreed: boolean;
  /** The admin agreed that we make the ledger table in SAP. */
  readonly erpLedgerAgreed: boolean;
  /** Not before this instant are SAP's tables changed; null: at once. */
  readonly erpChangesAt: string | null;
  /** Who turns an approved draft of ours into its order. */
  readonly approvedDrafts: 'turned_by_us' | 'left_to_the_approver';
  /** Won deals go to SAP by themselves; off after install. */
  readonly handoff: {
    readonly enabled: boolean /** Deals won before this instant never start by themselves. */;
    readonly startsAt: string | null;
  };
  readonly whoMaySend: 'everyone_who_sees_the_deal' | 'admins';
  /** Price list whose prices become product prices; null: the first active one. */
  readonly priceList: number | null;
  readonly credit: {
    /** Open orders and deliveries count as exposure. */
    readonly countOpenOrders: boolean;
    /** A customer with anything overdue by more days than this is on hold. */
    readonly holdAfterDaysOverdue: number;
  };
  /** Address of SAP's Web Client, for links; null: links lead to the panel. */
  readonly webClientUrl: string | null;
}

export const DEFAULT_SETTINGS: Settings = {
  crmFieldsAgreed: false,
  erpFieldAgreed: false,
  erpLedgerAgreed: false,
  erpChangesAt: null,
  approvedDrafts: 'turned_by_us',
  handoff: { enabled: false, startsAt: null },
  whoMaySend: 'everyone_who_sees_the_deal',
  priceList: null,
  credit: { countOpenOrders: true, holdAfterDaysOverdue: 30 },
  webClientUrl: null,
};

export interface SettingsStore {
  /** The newest version, or the defaults as version 0. */
  get(tx: Tx, connectionId: ConnectionId): Promise<{ version: number; settings: Settings }>;
  /** @throws {ConflictError} when somebody saved another version meanwhile */
  save(
    tx: Tx,
    connectionId: ConnectionId,
    expectedVersion: number,
    settings: Settings,
    byUserId: number,
  ): Promise<void>;
}
