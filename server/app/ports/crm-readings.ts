import type { ReadingMark } from '../../domain/reading-mark.ts';
import type { Tx } from './unit-of-work.ts';

/** The lists of Pipedrive that are read by their changes. */
export const CRM_LISTS = ['deals', 'archived_deals', 'deleted_deals', 'organizations', 'persons', 'products'] as const;
export type CrmList = (typeof CRM_LISTS)[number];

export interface CrmReading {
  readonly list: CrmList;
  readonly mark: ReadingMark;
  /** When the last reading that came to its end began, by our clock; null: none has yet. */
  readonly readFrom: Date | null;
  /** Notifications may have been lost, and the list was not read since. */
  readonly suspected: boolean;
}

export interface CrmReadingStore {
  list(tx: Tx): Promise<readonly CrmReading[]>;
  /** Inserts or replaces how far the list was read. */
  save(tx: Tx, list: CrmList, mark: ReadingMark): Promise<void>;
  /** A reading came to its end; a suspicion that is older than its start is settled. No effect on a list never saved. */
  finish(tx: Tx, list: CrmList, startedAt: Date): Promise<void>;
  /** Whether Pipedrive notified of anything since, ours and others' doing alike. */
  heardSince(tx: Tx, since: Date): Promise<boolean>;
  /** Notifications may have been lost: every list is read with the next run. */
  suspect(tx: Tx, now: Date): Promise<void>;
}
