import type { CrmWebhookStore } from '../app/ports/delivery-store.ts';
import type { SecretPlace, Vault } from '../app/ports/secrets.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { type CrmWebhookRow, safeInteger } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const webhooks = (tx: Tx) => queriesOf(tx)<CrmWebhookRow>('crm_webhooks').where({ installation_id: tx.installationId });

const passwordPlace = (user: string): SecretPlace => ({ table: 'crm_webhooks', column: 'password', row: user });

export function createCrmWebhookStore(vault: Vault): CrmWebhookStore {
  return {
    async list(tx) {
      const rows = await webhooks(tx).orderBy('position');
      const opened = [];
      for (const row of rows)
        opened.push({
          webhookId: safeInteger(row.webhook_id),
          object: row.object,
          action: row.action,
          user: row.user_name,
          password: await vault.open(tx, passwordPlace(row.user_name), row.password),
        });
      return opened;
    },

    async add(tx, { object, action, user, password, webhookId }) {
      await queriesOf(tx)('crm_webhooks').insert({
        installation_id: tx.installationId,
        user_name: user,
        webhook_id: webhookId,
        object,
        action,
        password: Buffer.from(await vault.seal(tx, passwordPlace(user), password)),
      });
    },

    async remove(tx, user) {
      await webhooks(tx).where({ user_name: user }).delete();
    },

    async setId(tx, user, webhookId) {
      await webhooks(tx)
        .where({ user_name: user })
        .update({ webhook_id: String(webhookId) });
    },
  };
}
