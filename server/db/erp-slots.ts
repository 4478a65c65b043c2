import type { Knex } from 'knex';
import type { ErpSlots } from '../app/ports/erp-slots.ts';
import type { Tx, UnitOfWork } from '../app/ports/unit-of-work.ts';
import {
  LOOKUP_SLOT,
  type SlotBook,
  type SlotLane,
  type SlotShare,
  type SlotWish,
  shareSlots,
} from '../domain/slot-share.ts';
import type { ConnectionId } from '../kernel/ids.ts';
import { queriesOf } from './unit-of-work.ts';

interface SlotRow {
  slot: number;
  holder: string;
}

interface WaitRow {
  holder: string;
  lane: SlotLane;
  wanted: number;
  since: Date;
}

/** Long enough to outlast a slow renewal, short enough that a dead process is not missed for long. */
const LEASE_MS = 20_000;
/** A process that waits asks several times a second; one that stops asking waits no more. */
const WAIT_SEEN_MS = 2_000;
/** Keeps this lock apart from any other use of advisory locks. */
const LOCK_SEED = 7_302_002;

const inMs = (queries: Knex, milliseconds: number): Knex.Raw =>
  queries.raw(`clock_timestamp() + ? * interval '1 millisecond'`, [milliseconds]);

export function createErpSlots(unitOfWork: UnitOfWork): ErpSlots {
  return {
    share: (installationId, connectionId, wish) =>
      unitOfWork.within(installationId, async (tx) => {
        const book = await openBook(tx, connectionId);
        const { slots, staysInLine, others } = shareSlots(book, wish);
        await writeSlots(tx, connectionId, wish, slots);
        await writeWait(tx, connectionId, wish, { slots, staysInLine });
        const lookup = slots.includes(LOOKUP_SLOT);
        return { ordinary: slots.length - (lookup ? 1 : 0), lookup, leaseMs: LEASE_MS, others };
      }),

    claimSignIn: (installationId, connectionId, holder, forMs) =>
      unitOfWork.within(installationId, async (tx) => {
        const queries = queriesOf(tx);
        const claimed = await queries('erp_sign_ins')
          .insert({ ...ofConnection(tx, connectionId), holder, lease_until: inMs(queries, forMs) })
          .onConflict(['installation_id', 'connection_id'])
          .merge()
          .whereRaw('erp_sign_ins.holder = excluded.holder or erp_sign_ins.lease_until <= clock_timestamp()')
          .returning('holder');
        return claimed.length > 0;
      }),

    releaseSignIn: (installationId, connectionId, holder) =>
      unitOfWork.within(installationId, async (tx) => {
        await queriesOf(tx)('erp_sign_ins')
          .where({ ...ofConnection(tx, connectionId), holder })
          .delete();
      }),
  };
}

const ofConnection = (tx: Tx, connectionId: ConnectionId) => ({
  installation_id: tx.installationId,
  connection_id: connectionId,
});

/** One process at a time reads and writes a connection's book: the lock is a statement of its own, so that what follows sees all that came before. */
async function openBook(tx: Tx, connectionId: ConnectionId): Promise<SlotBook> {
  const queries = queriesOf(tx);
  const own = ofConnection(tx, connectionId);
  await queries.raw('select pg_advisory_xact_lock(hashtextextended(?, ?))', [connectionId, LOCK_SEED]);
  const slots = await queries<SlotRow>('erp_slots')
    .where(own)
    .whereRaw('lease_until > clock_timestamp()')
    .select('slot', 'holder');
  const waits = await queries<WaitRow>('erp_slot_waits')
    .where(own)
    .whereRaw('seen_until > clock_timestamp()')
    .select('holder', 'lane', 'wanted', 'since');
  return { slots, waits: waits.map((wait) => ({ ...wait, since: wait.since.getTime() })) };
}

/** Whatever else stands on these slots has run out. */
async function writeSlots(
  tx: Tx,
  connectionId: ConnectionId,
  { holder }: SlotWish,
  slots: readonly number[],
): Promise<void> {
  const queries = queriesOf(tx);
  const own = ofConnection(tx, connectionId);
  await queries('erp_slots')
    .where({ ...own, holder })
    .whereNotIn('slot', slots)
    .delete();
  if (slots.length === 0) return;
  await queries('erp_slots')
    .insert(slots.map((slot) => ({ ...own, slot, holder, lease_until: inMs(queries, LEASE_MS) })))
    .onConflict(['installation_id', 'connection_id', 'slot'])
    .merge();
}

async function writeWait(
  tx: Tx,
  connectionId: ConnectionId,
  { holder, want, waiting }: SlotWish,
  { slots, staysInLine }: Pick<SlotShare, 'slots' | 'staysInLine'>,
): Promise<void> {
  const queries = queriesOf(tx);
  const own = { ...ofConnection(tx, connectionId), holder };
  const wanted = want.ordinary + (want.lookup ? 1 : 0) - slots.length;
  if (waiting === null || wanted <= 0) {
    await queries('erp_slot_waits').where(own).delete();
    return;
  }
  const [now, seen_until] = [inMs(queries, 0), inMs(queries, WAIT_SEEN_MS)];
  await queries('erp_slot_waits')
    .insert({ ...own, lane: waiting, wanted, since: now, seen_until })
    .onConflict(['installation_id', 'connection_id', 'holder'])
    .merge({
      lane: waiting,
      wanted,
      seen_until,
      // A place is lost by those who stopped asking.
      since: staysInLine
        ? queries.raw('case when erp_slot_waits.seen_until > clock_timestamp() then erp_slot_waits.since else ? end', [
            now,
          ])
        : now,
    });
}
