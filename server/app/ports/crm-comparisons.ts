import type { Tx } from './unit-of-work.ts';

/** Kinds of records that are linked with SAP, in the order in which they are compared. */
export const COMPARED = ['organization', 'person', 'product'] as const;
export type Compared = (typeof COMPARED)[number];

/** A linked record that Pipedrive no longer gives. */
export interface MissingRecord {
  readonly id: number;
  /** The record that took its place; null: none. */
  readonly mergedInto: number | null;
}

/** The newest comparison of an installation. */
export interface Comparison {
  /** `reading`: under way, or to be gone on with; `stopped`: waits for an admin. */
  readonly state: 'reading' | 'stopped' | 'done';
  readonly startedAt: Date;
  /** By kind, for each that was read to its end. */
  readonly missing: Readonly<Partial<Record<Compared, readonly MissingRecord[]>>>;
  /** An admin has said that what is missing may be taken for gone. */
  readonly approved: boolean;
}

export interface CrmComparisonStore {
  find(tx: Tx): Promise<Comparison | undefined>;
  /** In place of the one before. */
  start(tx: Tx, now: Date): Promise<void>;
  /** One kind was read to its end. */
  saveMissing(tx: Tx, kind: Compared, missing: readonly MissingRecord[]): Promise<void>;
  stop(tx: Tx, now: Date): Promise<void>;
  /** @returns false where none waits for it */
  approve(tx: Tx, now: Date): Promise<boolean>;
  finish(tx: Tx, now: Date): Promise<void>;
}
