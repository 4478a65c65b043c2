import type { ConnectionId } from '../../kernel/ids.ts';
import type { Tx } from './unit-of-work.ts';

export type LinkKind = 'partner' | 'contact' | 'item';

/**
 * SAP key and Pipedrive id of one record. `creating` is written before the record is made in Pipedrive, so that an
 * answer that never came can be looked up; `ambiguous` waits for a person; `gone` was deleted in Pipedrive.
 */
export interface EntityLink {
  readonly kind: LinkKind;
  /** CardCode, `CardCode/InternalCode`, or ItemCode. */
  readonly sapKey: string;
  readonly pipedriveId: number | null;
  readonly state: 'to_create' | 'creating' | 'linked' | 'ambiguous' | 'gone';
  /** When the record was last being created; null unless `creating`. */
  readonly creatingSince: Date | null;
  /** Hash of what was last written to Pipedrive or, where that waits for a person, looked at; null: nothing yet. */
  readonly contentHash: string | null;
}

export interface LinkStore {
  findBySapKey(tx: Tx, connectionId: ConnectionId, kind: LinkKind, sapKey: string): Promise<EntityLink | undefined>;
  findBySapKeys(
    tx: Tx,
    connectionId: ConnectionId,
    kind: LinkKind,
    sapKeys: readonly string[],
  ): Promise<readonly EntityLink[]>;
  findByPipedriveId(
    tx: Tx,
    connectionId: ConnectionId,
    kind: LinkKind,
    pipedriveId: number,
  ): Promise<EntityLink | undefined>;
  findByPipedriveIds(
    tx: Tx,
    connectionId: ConnectionId,
    kind: LinkKind,
    pipedriveIds: readonly number[],
  ): Promise<readonly EntityLink[]>;
  /** Contacts of one partner. */
  listContacts(tx: Tx, connectionId: ConnectionId, cardCode: string): Promise<readonly EntityLink[]>;
  /** All Pipedrive ids that are taken, for matching. */
  listLinkedIds(tx: Tx, connectionId: ConnectionId, kind: LinkKind): Promise<ReadonlySet<number>>;
  /** All in this state: Pipedrive id and SAP key. */
  listKeysIn(
    tx: Tx,
    connectionId: ConnectionId,
    kind: LinkKind,
    state: 'linked' | 'gone',
  ): Promise<ReadonlyMap<number, string>>;
  /** Those that wait for a person, `ambiguous` or `gone`, by SAP key. */
  listOpen(tx: Tx, connectionId: ConnectionId, kind: LinkKind): Promise<readonly EntityLink[]>;
  /** Those for which Pipedrive gave no right, or had no room, by SAP key; `gone` ones not among them. */
  listForbidden(tx: Tx, connectionId: ConnectionId, kind: LinkKind, limit: number): Promise<readonly EntityLink[]>;
  /** What was refused counts as not yet tried, so that the next reading writes it. */
  forgetRefusals(tx: Tx, connectionId: ConnectionId): Promise<void>;
  /** Inserts or replaces by SAP key. @throws {ConflictError} when another SAP key holds that Pipedrive id */
  save(tx: Tx, connectionId: ConnectionId, link: EntityLink): Promise<void>;
  /** Ids of one kind, counted by state. */
  count(tx: Tx, connectionId: ConnectionId, kind: LinkKind): Promise<Readonly<Record<EntityLink['state'], number>>>;
}

/** What a Pipedrive deal line cannot hold: which SAP line it became. */
export interface LineDetail {
  readonly dealId: number;
  readonly lineId: number;
  readonly itemCode: string;
  readonly docEntry: number;
  readonly lineNum: number;
}

export interface LineDetailStore {
  save(tx: Tx, connectionId: ConnectionId, details: readonly LineDetail[]): Promise<void>;
  listByDeal(tx: Tx, dealId: number): Promise<readonly LineDetail[]>;
}
