import { createHash } from 'node:crypto';
import type { ErpWebhook, ErpWebhookStore } from '../app/ports/erp-webhook-store.ts';
import type { SecretPlace, Vault } from '../app/ports/secrets.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { type ConnectionId, connectionId } from '../kernel/ids.ts';
import type { ErpWebhookRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const webhooks = (tx: Tx) => queriesOf(tx)<ErpWebhookRow>('erp_webhooks').where({ installation_id: tx.installationId });
const of = (tx: Tx, connection: ConnectionId) => webhooks(tx).where({ connection_id: connection });

/** The one that was read, if it is still wanted: an admin may have switched while SAP was asked. */
const still = (tx: Tx, { connectionId: connection, secret }: ErpWebhook) =>
  of(tx, connection)
    .where({ secret_hash: hashOf(secret.reveal()) })
    .whereNot({ state: 'unwanted' });
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

const place = (column: 'secret' | 'credential', row: string): SecretPlace => ({ table: 'erp_webhooks', column, row });

export function createErpWebhookStore(vault: Vault): ErpWebhookStore {
  async function opened(tx: Tx, row: ErpWebhookRow | undefined): Promise<ErpWebhook | undefined> {
    if (!row) return undefined;
    return {
      connectionId: connectionId(row.connection_id),
      webhookId: row.webhook_id,
      secret: await vault.open(tx, place('secret', row.connection_id), row.secret),
      auth: row.auth,
      credential: await vault.open(tx, place('credential', row.connection_id), row.credential),
      url: row.url,
      state: row.state,
      refusedWords: row.refused_words,
      lastEventAt: row.last_event_at,
    };
  }

  return {
    find: async (tx, connection) => opened(tx, await of(tx, connection).first()),
    findBySecret: async (tx, secretHash) =>
      opened(
        tx,
        await webhooks(tx)
          .where({ secret_hash: Buffer.from(secretHash) })
          .first(),
      ),

    async save(tx, connection, { webhookId, secret, auth, credential }) {
      const values = {
        webhook_id: webhookId,
        secret: Buffer.from(await vault.seal(tx, place('secret', connection), secret)),
        secret_hash: hashOf(secret),
        auth,
        credential: Buffer.from(await vault.seal(tx, place('credential', connection), credential)),
        url: null,
        state: 'wanted' as const,
        refused_words: null,
      };
      await queriesOf(tx)('erp_webhooks')
        .insert({ installation_id: tx.installationId, connection_id: connection, ...values })
        .onConflict(['installation_id', 'connection_id'])
        .merge(values);
    },

    async setBasic(tx, webhook, password) {
      const credential = Buffer.from(await vault.seal(tx, place('credential', webhook.connectionId), password));
      return (await still(tx, webhook).update({ auth: 'basic', credential })) > 0;
    },
    setActive: async (tx, webhook, url) =>
      (await still(tx, webhook).update({ state: 'active', url, refused_words: null })) > 0,
    setRefused: async (tx, webhook, words) =>
      (await still(tx, webhook).update({ state: 'refused', refused_words: words })) > 0,
    async setUnwanted(tx, connection) {
      await of(tx, connection).update({ state: 'unwanted', refused_words: null });
    },
    async remove(tx, connection) {
      await of(tx, connection).delete();
    },
    async removeUnwanted(tx, connection) {
      await of(tx, connection).where({ state: 'unwanted' }).delete();
    },

    async book(tx, connection, eventIds, now) {
      if (eventIds.length === 0) return [];
      const rows = [...new Set(eventIds)].map((event_id) => ({
        installation_id: tx.installationId,
        connection_id: connection,
        event_id,
        seen_at: now,
      }));
      const added: { event_id: string }[] = await queriesOf(tx)('erp_events')
        .insert(rows)
        .onConflict(['installation_id', 'connection_id', 'event_id'])
        .ignore()
        .returning('event_id');
      await of(tx, connection).update({ last_event_at: now });
      return added.map(({ event_id }) => event_id);
    },

    async forgetEvents(tx, before) {
      await queriesOf(tx)('erp_events')
        .where({ installation_id: tx.installationId })
        .where('seen_at', '<', before)
        .delete();
    },
  };
}
