import type { Handoff, HandoffStore } from '../app/ports/handoff-store.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { type AttemptEnd, type HandoffState, statesBefore } from '../domain/order-handoff.ts';
import { ConflictError } from '../kernel/errors.ts';
import type { HandoffId } from '../kernel/ids.ts';
import { toHandoff } from './handoff-row.ts';
import { type HandoffRow, safeInteger } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const handoffs = (tx: Tx) => queriesOf(tx)<HandoffRow>('handoffs').where({ installation_id: tx.installationId });

/** The row as long as this attempt still holds it. */
const heldBy = (tx: Tx, { id, attempt }: Handoff) => handoffs(tx).where({ id, attempt, state: 'posting' });

const IN_SAP: readonly HandoffState[] = ['posted', 'written_back'];

/** The deal has had its receipt, and gets it once more: after a field was made anew, years of orders at once. */
const writtenAnew = (tx: Tx) => handoffs(tx).where({ state: 'posted' }).whereNotNull('note_id');
const MOST_ANEW = 500;

/** Drafts in SAP that nobody is looking at. */
const drafts = (tx: Tx, now: Date) =>
  handoffs(tx)
    .where({ document: 'draft' })
    .whereIn('state', IN_SAP)
    .where((query) => query.whereNull('settle_at').orWhere('settle_at', '<=', now));

export const handoffStore: HandoffStore = {
  async find(tx, id) {
    const row = await handoffs(tx).where({ id }).first();
    return row && toHandoff(row);
  },

  async findByDeal(tx, connectionId, dealId) {
    const row = await handoffs(tx)
      .where({ connection_id: connectionId, deal_id: String(dealId) })
      .orderBy('generation', 'desc')
      .first();
    return row && toHandoff(row);
  },

  async listDealsOnRecord(tx, connectionId, dealIds) {
    const ids = await handoffs(tx)
      .where({ connection_id: connectionId })
      .whereIn('deal_id', dealIds.map(String))
      .distinct()
      .pluck<string[]>('deal_id');
    return new Set(ids.map(safeInteger));
  },

  async listDealsInErp(tx, dealIds) {
    const ids = await handoffs(tx)
      .whereIn('deal_id', dealIds.map(String))
      .whereNotNull('doc_entry')
      .distinct()
      .pluck<string[]>('deal_id');
    return new Set(ids.map(safeInteger));
  },

  async listByDeal(tx, dealId) {
    const rows = await handoffs(tx)
      .where({ deal_id: String(dealId) })
      .orderBy('position');
    return rows.map(toHandoff);
  },

  async ensure(tx, row) {
    const [made] = await queriesOf(tx)<HandoffRow>('handoffs')
      .insert({
        installation_id: tx.installationId,
        id: row.id,
        connection_id: row.connectionId,
        deal_id: String(row.dealId),
        step: row.step,
        generation: row.generation,
        key: row.key,
        state: 'pending',
        trigger: row.trigger,
        by_user_id: row.byUserId === null ? null : String(row.byUserId),
        created_at: row.now,
        updated_at: row.now,
      })
      .onConflict()
      .ignore()
      .returning('*');
    if (made) return { handoff: toHandoff(made), created: true };
    return { handoff: await existing(tx, row), created: false };
  },

  async freeze(tx, id, draft, draftHash, now) {
    const changed = await handoffs(tx)
      .where({ id })
      .where((query) => query.where({ state: 'needs_attention' }).orWhere({ state: 'pending', draft: null }))
      .update({
        state: 'pending',
        draft: JSON.stringify(draft),
        draft_hash: draftHash,
        problems: '[]',
        updated_at: now,
      });
    return changed === 1;
  },

  async refuse(tx, id, problems, now) {
    const changed = await handoffs(tx)
      .where({ id })
      .whereIn('state', ['pending', 'needs_attention'])
      .update({ state: 'needs_attention', problems: JSON.stringify(problems), updated_at: now });
    return changed === 1;
  },

  async claim(tx, id, now, leaseUntil, settleMs) {
    const queries = queriesOf(tx);
    const lapsed = () => handoffs(tx).where({ id, state: 'posting' }).where('lease_until', '<=', now);
    await lapsed()
      .where({ sent: true })
      .update({
        state: 'unconfirmed',
        settle_at: queries.raw(`lease_until + ? * interval '1 millisecond'`, [settleMs]),
        lease_until: null,
        updated_at: now,
      });
    const [row] = await handoffs(tx)
      .where({ id })
      .where((query) =>
        query
          .where((pending) => pending.where({ state: 'pending' }).whereNotNull('draft'))
          .orWhere((settled) => settled.where({ state: 'unconfirmed' }).where('settle_at', '<=', now))
          .orWhere((unsent) => unsent.where({ state: 'posting', sent: false }).where('lease_until', '<=', now)),
      )
      .update({
        state: 'posting',
        attempt: queries.raw('attempt + 1'),
        lease_until: leaseUntil,
        settle_at: null,
        updated_at: now,
      })
      .returning('*');
    return row && toHandoff(row);
  },

  async markSent(tx, handoff, leaseUntil) {
    return (await heldBy(tx, handoff).update({ sent: true, lease_until: leaseUntil })) === 1;
  },

  async settle(tx, handoff, { docEntry, docNum, document }, now) {
    await finishAttempt(tx, handoff, now, {
      state: 'posted',
      doc_entry: docEntry,
      doc_num: docNum,
      document,
      problems: '[]',
    });
  },

  async release(tx, handoff, now) {
    await finishAttempt(tx, handoff, now, { state: 'pending', sent: handoff.sent });
  },

  async markUnconfirmed(tx, handoff, settleAt, now) {
    await finishAttempt(tx, handoff, now, { state: 'unconfirmed', settle_at: settleAt });
  },

  async park(tx, handoff, problems, now) {
    await finishAttempt(tx, handoff, now, {
      state: 'needs_attention',
      sent: handoff.sent,
      problems: JSON.stringify(problems),
    });
  },

  async cancel(tx, id, now) {
    const changed = await handoffs(tx)
      .where({ id, sent: false })
      .whereIn('state', statesBefore('cancelled'))
      .update({ state: 'cancelled', updated_at: now });
    return changed === 1;
  },

  async markNotePosting(tx, { id, notePosting }, now, until) {
    const changed = await handoffs(tx)
      .where({ id, note_id: null, note_posting: notePosting })
      .whereIn('state', ['posted', 'written_back'])
      .where((query) => query.whereNull('lease_until').orWhere('lease_until', '<=', now))
      .update({ note_posting: true, lease_until: until });
    return changed === 1;
  },

  async setNote(tx, id, noteId) {
    await handoffs(tx)
      .where({ id })
      .update({ note_id: String(noteId), note_posting: false, lease_until: null });
  },

  async listDraftsToFollow(tx, now) {
    return (await drafts(tx, now).orderBy('position')).map(toHandoff);
  },

  async takeDraft(tx, id, now, until) {
    const [row] = await drafts(tx, now).where({ id }).update({ settle_at: until }).returning('*');
    return row && toHandoff(row);
  },

  async draftBecameOrder(tx, { id }, { docEntry, docNum }, now) {
    const stillDraft = handoffs(tx).where({ id, document: 'draft' }).whereIn('state', IN_SAP);
    const changed = await stillDraft.update({
      state: 'posted',
      document: 'order',
      doc_entry: docEntry,
      doc_num: docNum,
      problems: '[]',
      settle_at: null,
      updated_at: now,
    });
    return changed === 1;
  },

  async leaveDraft(tx, taken, problems, again, now) {
    const held = () => handoffs(tx).where({ id: taken.id, document: 'draft', settle_at: taken.settleAt });
    const text = JSON.stringify(problems);
    if (text !== JSON.stringify(taken.problems)) {
      await held().update({ state: 'posted', problems: text, updated_at: now });
    }
    await held().update({ settle_at: again });
  },

  async markWrittenBack(tx, id, now) {
    return (await handoffs(tx).where({ id, state: 'posted' }).update({ state: 'written_back', updated_at: now })) === 1;
  },

  async countDealsInSap(tx, connectionId) {
    const [row] = await handoffs(tx)
      .where({ connection_id: connectionId })
      .whereIn('state', IN_SAP)
      .countDistinct<{ count: string }[]>({ count: 'deal_id' });
    return Number(row?.count ?? 0);
  },

  async writeBackAnew(tx, connectionId, now) {
    await handoffs(tx)
      .where({ connection_id: connectionId, state: 'written_back' })
      .update({ state: 'posted', updated_at: now });
  },

  async listUnfinished(tx) {
    const again = writtenAnew(tx).select('id').orderBy('position', 'desc').limit(MOST_ANEW);
    const rows = await handoffs(tx)
      .whereNotIn('state', ['written_back', 'cancelled'])
      .where((query) => query.whereNot('state', 'posted').orWhereNull('note_id').orWhereIn('id', again))
      .orderBy('position');
    return rows.map(toHandoff);
  },
};

/** Ends an attempt in the state given, unless a later one has taken the row over. */
async function finishAttempt(
  tx: Tx,
  handoff: Handoff,
  now: Date,
  values: Partial<HandoffRow> & { state: AttemptEnd },
): Promise<void> {
  const changed = await heldBy(tx, handoff).update({ ...values, lease_until: null, updated_at: now });
  if (changed === 0) throw new ConflictError('A later attempt has taken this hand-off over.');
}

/**
 * The row that is there already. One with the same key is the same order in the same SAP company, also when that was
 * reached by another connection before the app was removed and installed again: it is handed on to the one of now.
 */
async function existing(
  tx: Tx,
  wanted: Pick<Handoff, 'connectionId' | 'dealId' | 'step' | 'generation' | 'key'> & { id: HandoffId },
): Promise<Handoff> {
  const { connectionId, dealId, step, generation, key } = wanted;
  const [sameKey] = await handoffs(tx).where({ key }).update({ connection_id: connectionId }).returning('*');
  if (sameKey) return toHandoff(sameKey);
  const sameStep = await handoffs(tx)
    .where({ connection_id: connectionId, deal_id: String(dealId), step, generation })
    .first();
  if (!sameStep) throw new ConflictError('A hand-off with this id exists already.');
  return toHandoff(sameStep);
}
