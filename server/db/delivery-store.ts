import { z } from 'zod';
import type { DeliveryStore } from '../app/ports/delivery-store.ts';
import type { DeliveryRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const StoredHeaders = z.record(z.string(), z.string());

export const deliveryStore: DeliveryStore = {
  async find(tx, id) {
    const row = await queriesOf(tx)<DeliveryRow>('deliveries')
      .where({ installation_id: tx.installationId, id })
      .first();
    if (!row || row.state === 'processed') return undefined;
    return {
      id: row.id,
      source: row.source,
      fingerprint: row.fingerprint.toString('utf8'),
      receivedAt: row.received_at,
      headers: StoredHeaders.parse(row.headers),
      body: row.body,
      size: row.size,
      state: row.state,
    };
  },

  async setState(tx, id, state, now, entity) {
    await queriesOf(tx)<DeliveryRow>('deliveries')
      .where({ installation_id: tx.installationId, id })
      .update({ state, settled_at: now, entity });
  },

  async listSigned(tx, limit) {
    const rows = await queriesOf(tx)<DeliveryRow>('deliveries')
      .where({ installation_id: tx.installationId, source: 'pipedrive' })
      .orderBy([
        { column: 'received_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit)
      .select('signed');
    return rows.map(({ signed }) => signed);
  },
};
