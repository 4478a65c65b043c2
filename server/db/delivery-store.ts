import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DeliveryStore } from '../app/ports/delivery-store.ts';
import type { DeliveryRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const StoredHeaders = z.record(z.string(), z.string());

export const deliveryStore: DeliveryStore = {
  async add(tx, delivery) {
    const fingerprint = Buffer.from(delivery.fingerprint, 'utf8');
    const added = await queriesOf(tx)('deliveries')
      .insert({
        installation_id: tx.installationId,
        id: delivery.id,
        source: delivery.source,
        fingerprint,
        fingerprint_hash: createHash('sha256').update(fingerprint).digest(),
        received_at: delivery.receivedAt,
        headers: JSON.stringify(delivery.headers),
        body: Buffer.from(delivery.body),
        size: delivery.size,
        state: delivery.state,
      })
      .onConflict(['installation_id', 'source', 'fingerprint_hash'])
      .ignore()
      .returning('id');
    return added.length > 0;
  },

  async find(tx, id) {
    const row = await queriesOf(tx)<DeliveryRow>('deliveries')
      .where({ installation_id: tx.installationId, id })
      .first();
    // A delivery that was processed has nothing left to do: a job that runs again finds none.
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

  async setState(tx, id, state, now) {
    await queriesOf(tx)<DeliveryRow>('deliveries')
      .where({ installation_id: tx.installationId, id })
      .update({ state, settled_at: now });
  },
};
