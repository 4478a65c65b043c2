import type { ConnectionId } from '../../kernel/ids.ts';
import type { LocalDate, LocalTime } from '../../kernel/local-date.ts';
import type { ErpCaller } from './erp.ts';
import type { Tx } from './unit-of-work.ts';

/** `forbidden`: it is there, and the user may not use it. `unknown`: nothing could be told from the answers. */
export type Feature = 'yes' | 'no' | 'forbidden' | 'unknown';

/** What one SAP system can do and how its company is set up, found by asking it; never worked out from a version. */
export interface ErpCapabilities {
  /** What the session speaks: `/b1s/v2` is OData v4, `/b1s/v1` OData v3. */
  readonly dialect: 'v1' | 'v2';
  /** SAP's own text; for diagnosis, never to gate a feature. */
  readonly version: string | null;
  readonly companyName: string | null;
  readonly localCurrency: string | null;
  /** Several requests in one. */
  readonly batch: Feature;
  readonly userTables: Feature;
  /** Orders can be asked for the field that holds the hand-off's key. */
  readonly keyField: Feature;
  /** The user table whose unique code keeps a hand-off from being made twice. */
  readonly ledger: Feature;
  readonly sqlQueries: Feature;
  /** `no` also where the company has them switched off. */
  readonly webhooks: Feature;
  readonly etag: Feature;
  /** Approval procedures hold for documents that come through the Service Layer (`EnableApprovalProcedureInDI`). */
  readonly approvals: Feature;
  readonly branches: Feature;
  /** Digits after the point that the company keeps; null where it did not say. */
  readonly decimals: {
    readonly totals: number;
    readonly prices: number;
    readonly quantities: number;
    readonly rates: number;
    readonly percentages: number;
  } | null;
  /** Collections such as an item's prices may be named in `$select`. */
  readonly collectionSelect: Feature;
  /** An order can be computed without being saved. */
  readonly preview: Feature;
  readonly itemPrice: Feature;
  /** Most rows that came in one page when more were asked for; null: there were too few records to tell. */
  readonly pageSize: number | null;
  readonly clock: ErpClock;
}

/** What is known of the server's clocks. */
export interface ErpClock {
  /** The server's clock less ours, in milliseconds; null where `/ping/` does not answer. */
  readonly skewMs: number | null;
  /** How far the company's own time lies ahead of UTC, in minutes, measured; null: not yet. */
  readonly offsetMinutes: number | null;
  /** Whether stamps of changes carry seconds. */
  readonly stamps: 'second' | 'minute' | 'unknown';
  /** The newest stamp at the time of the look, company-local. */
  readonly newest: { readonly date: LocalDate; readonly time: LocalTime } | null;
  /** When it was looked at: an instant, as ISO text. */
  readonly lookedAt: string;
}

/** The record of one connection, and when it was made. */
export interface KnownCapabilities {
  readonly record: ErpCapabilities;
  readonly at: Date;
}

export interface ErpCapabilityProbe {
  /**
   * Asks the system what it can do: some twenty small requests, none of which changes anything in SAP.
   * @param before the clock as it was found last time: two looks together tell the company's time zone
   * @throws {ReauthRequiredError} {UnavailableError} {RateLimitedError} when SAP could not be asked at all
   */
  probeCapabilities(caller: ErpCaller, before: ErpClock | null): Promise<ErpCapabilities>;
}

export interface CapabilityStore {
  /** Undefined before the first look, and after the connection's access was changed. */
  find(tx: Tx, id: ConnectionId): Promise<KnownCapabilities | undefined>;
  save(tx: Tx, id: ConnectionId, record: ErpCapabilities, at: Date): Promise<void>;
}
