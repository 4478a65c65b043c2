import type { DeliveryReplayStore, DeliverySelection } from '../app/ports/delivery-replay-store.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { type DeliveryRow, safeInteger } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const deliveries = (tx: Tx) => queriesOf(tx)<DeliveryRow>('deliveries').where({ installation_id: tx.installationId });

/** Looks at rows and jobs in one statement: a delivery and its job are stored, and done with, together. */
const WAITS = `(state = 'new' and id in (select waiting_deliveries(?)))`;
const REPLAYABLE = `(state in ('processed', 'unreadable') or (state = 'new' and id not in (select waiting_deliveries(?))))`;

interface Counted {
  readonly replayable: string;
  readonly waiting: string;
  readonly too_large: string;
}

export const deliveryReplayStore: DeliveryReplayStore = {
  async count(tx, selection) {
    const queries = queriesOf(tx);
    const counted = (condition: string, name: string, values: readonly string[] = []) =>
      queries.raw(`count(*) filter (where ${condition}) as ${name}`, [...values]);
    const [row] = await selected(deliveries(tx), selection).select<Counted[]>(
      counted(REPLAYABLE, 'replayable', [tx.installationId]),
      counted(WAITS, 'waiting', [tx.installationId]),
      counted(`state = 'too_large'`, 'too_large'),
    );
    return {
      replayable: safeInteger(row?.replayable ?? '0'),
      waiting: safeInteger(row?.waiting ?? '0'),
      tooLarge: safeInteger(row?.too_large ?? '0'),
    };
  },

  async list(tx, selection, limit) {
    const rows = await selected(deliveries(tx), selection)
      .orderBy(['received_at', 'id'])
      .limit(limit)
      .select('id', 'received_at', 'state', 'body');
    return rows.map(({ id, received_at, state, body }) => ({ id, receivedAt: received_at, state, body }));
  },

  async reopen(tx, selection, behind, limit) {
    const query = selected(deliveries(tx), selection)
      .whereRaw(REPLAYABLE, [tx.installationId])
      .orderBy(['received_at', 'id'])
      .limit(limit)
      .forUpdate();
    if (behind) query.whereRaw('(received_at, id) > (?, ?)', [behind.receivedAt, behind.id]);
    const places = (await query.select('id', 'received_at')).map((row) => ({
      id: row.id,
      receivedAt: row.received_at,
    }));
    const ids = places.map(({ id }) => id);
    await deliveries(tx).whereIn('id', ids).update({ state: 'new', settled_at: null });
    return places;
  },

  async purge(tx, before, limit) {
    const oldest = deliveries(tx).where('received_at', '<', before).orderBy(['received_at', 'id']).limit(limit);
    return deliveries(tx).whereIn('id', oldest.select('id')).delete();
  },
};

function selected(query: ReturnType<typeof deliveries>, selection: DeliverySelection): typeof query {
  if ('ids' in selection) return query.whereIn('id', [...selection.ids]);
  return query.where('received_at', '>=', selection.from).where('received_at', '<', selection.to);
}
