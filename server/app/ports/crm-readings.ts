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
  /** Until then notifications may be kept back: it has to be read once more after that. Null: nothing of the kind. */
  readonly readAgainAt: Date | null;
}

export interface CrmReadingStore {
  list(tx: Tx): Promise<readonly CrmReading[]>;
  /** Inserts or replaces how far the list was read. */
  save(tx: Tx, list: CrmList, mark: ReadingMark): Promise<void>;
  /** A reading came to its end; a suspicion that is older than its start is settled. No effect on a list never saved. */
  finish(tx: Tx, list: CrmList, startedAt: Date): Promise<void>;
  /** Whether Pipedrive notified of anything since, ours and others' doing alike. */
  heardSince(tx: Tx, since: Date): Promise<boolean>;
  /** Notifications may be lost until that instant: every list is read with each run up to the first that begins after it. */
  suspect(tx: Tx, until: Date): Promise<void>;
  /**
   * As `suspect`, and more may be lost until another instant: every list is read once more after it.
   * @returns false where that was expected already
   */
  suspectUntil(tx: Tx, now: Date, until: Date): Promise<boolean>;
}
