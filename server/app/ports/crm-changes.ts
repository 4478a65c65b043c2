import type { ConnectionId } from '../../kernel/ids.ts';
import type { LinkKind } from './link-store.ts';
import type { Tx } from './unit-of-work.ts';

/** Kinds of records in Pipedrive whose changes mean something to us. */
export const CRM_ENTITIES = ['deal', 'organization', 'person', 'product', 'user'] as const;
export type CrmEntity = (typeof CRM_ENTITIES)[number];

/** That something happened to a record, as it was heard; the record itself is read before anything follows from it. */
export interface CrmChangeHint {
  readonly entity: CrmEntity;
  readonly id: number;
  /** It was said to be deleted. */
  readonly gone: boolean;
  /** The record it was merged into, where that was told. */
  readonly mergedInto: number | null;
}

export interface CrmChange extends CrmChangeHint {
  /** Grows with every hint: a change that was noted anew while it was being read is not settled by that reading. */
  readonly revision: string;
}

/** Changes that wait to be read, one per record however often it was heard of. */
export interface CrmChangeStore {
  /** One row per entity and id. `gone` and the winner of a merge stay once they were heard, whatever the order. */
  note(tx: Tx, hints: readonly CrmChangeHint[], now: Date): Promise<void>;
  /** Those that wait longest, first. They stay until they are settled. */
  listWaiting(tx: Tx, entity: CrmEntity, limit: number): Promise<readonly CrmChange[]>;
  /** Kinds of which any waits. */
  listEntitiesWaiting(tx: Tx): Promise<readonly CrmEntity[]>;
  /** Removes those that were not noted anew since they were listed. */
  settle(tx: Tx, changes: readonly CrmChange[]): Promise<void>;
}

/** What a linked record showed in Pipedrive of the values that are SAP's. */
export interface CrmView {
  readonly pipedriveId: number;
  /** A mark of each value that we wrote, by its name, as it stands there untouched; empty: not known. */
  readonly shown: Readonly<Record<string, string>>;
  /** Mark of the last difference for which it was queued to be written again; null: it was seen untouched since. */
  readonly answered: string | null;
  /** When that was; null with `answered`. */
  readonly answeredAt: Date | null;
  /** How often that very difference came back after it was written again. */
  readonly repeats: number;
}

export interface CrmViewStore {
  /** Of those that have one. */
  find(
    tx: Tx,
    connectionId: ConnectionId,
    kind: LinkKind,
    pipedriveIds: readonly number[],
  ): Promise<readonly CrmView[]>;
  save(tx: Tx, connectionId: ConnectionId, kind: LinkKind, view: CrmView): Promise<void>;
}
