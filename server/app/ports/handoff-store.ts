import type { HandoffState, OrderDraft } from '../../domain/order-handoff.ts';
import type { Problem } from '../../kernel/errors.ts';
import type { ConnectionId, HandoffId } from '../../kernel/ids.ts';
import type { Tx } from './unit-of-work.ts';

/** One deal on its way into SAP as one document. */
export interface Handoff {
  readonly id: HandoffId;
  readonly connectionId: ConnectionId;
  readonly dealId: number;
  readonly step: 'order';
  readonly generation: number;
  /** Derived from company, SAP company, deal, step and generation; stands in the document. */
  readonly key: string;
  readonly state: HandoffState;
  /** Frozen before the first attempt; null while the deal cannot become an order. */
  readonly draft: OrderDraft | null;
  readonly draftHash: string | null;
  /** Counts claims; a result is accepted only from the newest. */
  readonly attempt: number;
  /** True once a write may have reached SAP under this key. */
  readonly sent: boolean;
  /** Until then the attempt, or once there is a document whoever posts its note, has the row for itself. */
  readonly leaseUntil: Date | null;
  /** Not before this instant may SAP be asked again after an unknown outcome. */
  readonly settleAt: Date | null;
  readonly problems: readonly Problem[];
  readonly docEntry: number | null;
  readonly docNum: number | null;
  /** Where the document stands in SAP. */
  readonly document: 'order' | 'draft' | null;
  readonly noteId: number | null;
  /** True while the receipt note may have been posted without an answer. */
  readonly notePosting: boolean;
  readonly trigger: 'won' | 'person';
  readonly byUserId: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface HandoffStore {
  find(tx: Tx, id: HandoffId): Promise<Handoff | undefined>;
  /** The newest generation. */
  findByDeal(tx: Tx, connectionId: ConnectionId, dealId: number): Promise<Handoff | undefined>;
  listByDeal(tx: Tx, dealId: number): Promise<readonly Handoff[]>;
  /** Which of these deals have a document in SAP, whatever the connection it came by. */
  listDealsInErp(tx: Tx, dealIds: readonly number[]): Promise<ReadonlySet<number>>;
  /** Which of these deals have a hand-off, of any generation. */
  listDealsOnRecord(tx: Tx, connectionId: ConnectionId, dealIds: readonly number[]): Promise<ReadonlySet<number>>;
  /**
   * Makes the row unless one with that key is there; gives the row either way. Concurrent triggers make one. A row left
   * over from before a re-install is taken over by the new connection.
   */
  ensure(
    tx: Tx,
    row: Pick<Handoff, 'id' | 'connectionId' | 'dealId' | 'step' | 'generation' | 'key' | 'trigger' | 'byUserId'> & {
      now: Date;
    },
  ): Promise<{ handoff: Handoff; created: boolean }>;
  /** Only from `needs_attention` or a fresh `pending` row without a draft. False when the row has moved on. */
  freeze(tx: Tx, id: HandoffId, draft: OrderDraft, draftHash: string, now: Date): Promise<boolean>;
  /** `pending` or `needs_attention` -> `needs_attention`. False when the row has moved on. */
  refuse(tx: Tx, id: HandoffId, problems: readonly Problem[], now: Date): Promise<boolean>;
  /**
   * Takes the row for one attempt (state `posting`, attempt + 1): from `pending`, from `unconfirmed` whose settle time is
   * over, or from `posting` whose lease ran out before anything was sent. A `posting` row whose lease ran out after a
   * write may have gone out becomes `unconfirmed`, to settle for `settleMs` from the end of the lease. Undefined when
   * there is nothing to take now.
   */
  claim(tx: Tx, id: HandoffId, now: Date, leaseUntil: Date, settleMs: number): Promise<Handoff | undefined>;
  /** Written and committed before the first byte of a write goes out; false when a later attempt has the row. */
  markSent(tx: Tx, handoff: Handoff, leaseUntil: Date): Promise<boolean>;
  /** `posting` -> `posted`, fenced by attempt. @throws {ConflictError} when a later attempt has taken the row over */
  settle(
    tx: Tx,
    handoff: Handoff,
    result: { docEntry: number; docNum: number; document: 'order' | 'draft' },
    now: Date,
  ): Promise<void>;
  /** `posting` -> `pending`, fenced by attempt: proven not done. Keeps `sent` as the hand-off says. @throws {ConflictError} */
  release(tx: Tx, handoff: Handoff, now: Date): Promise<void>;
  /** `posting` -> `unconfirmed`, fenced by attempt. @throws {ConflictError} */
  markUnconfirmed(tx: Tx, handoff: Handoff, settleAt: Date, now: Date): Promise<void>;
  /** `posting` -> `needs_attention`, fenced by attempt: proven not done. Keeps `sent` as the hand-off says. @throws {ConflictError} */
  park(tx: Tx, handoff: Handoff, problems: readonly Problem[], now: Date): Promise<void>;
  /** `pending` or `needs_attention` -> `cancelled`, never sent. False when the row has moved on. */
  cancel(tx: Tx, id: HandoffId, now: Date): Promise<boolean>;
  /**
   * Before the note is posted: until the time given nobody else posts it, and an answer that never comes must be looked
   * up. False when there is a note, or somebody else is at it.
   * @param handoff as read in this transaction
   */
  markNotePosting(tx: Tx, handoff: Handoff, now: Date, until: Date): Promise<boolean>;
  setNote(tx: Tx, id: HandoffId, noteId: number): Promise<void>;
  /**
   * Documents that are drafts in SAP and may be looked at now: none is being looked at, and none has a later time set.
   * Also those of connections of before.
   */
  listDraftsToFollow(tx: Tx, now: Date): Promise<readonly Handoff[]>;
  /**
   * Takes such a row for one look, and for what comes of it: nobody else does before `until`, which stands in `settleAt`.
   * Undefined when it is no draft any more, or somebody else is at it.
   */
  takeDraft(tx: Tx, id: HandoffId, now: Date, until: Date): Promise<Handoff | undefined>;
  /** The draft has become its order; written back anew. False when that is on record already. */
  draftBecameOrder(tx: Tx, handoff: Handoff, order: { docEntry: number; docNum: number }, now: Date): Promise<boolean>;
  /**
   * It stays a draft, with what stands against it; written back anew where that is not what the deal says. Not looked at
   * again before `again`. Does nothing when a later look has the row.
   */
  leaveDraft(tx: Tx, taken: Handoff, problems: readonly Problem[], again: Date, now: Date): Promise<void>;
  /** `posted` -> `written_back`. False when the row has moved on. */
  markWrittenBack(tx: Tx, id: HandoffId, now: Date): Promise<boolean>;
  /** Deals that are a document in this SAP company, each counted once. */
  countDealsInSap(tx: Tx, connectionId: ConnectionId): Promise<number>;
  /** `written_back` -> `posted` for all of them: a field of the deals is new, and is to be filled by the next sweep. */
  writeBackAnew(tx: Tx, connectionId: ConnectionId, now: Date): Promise<void>;
  /**
   * Rows in a state that is not terminal, oldest first: what the sweep puts back on its way. Of those whose deal has its
   * note already and is only written once more, the newest 500.
   */
  listUnfinished(tx: Tx): Promise<readonly Handoff[]>;
}
