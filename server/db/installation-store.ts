import { createHash } from 'node:crypto';
import type { Installation, InstallationStore } from '../app/ports/installation-store.ts';
import type { SecretPlace, Vault } from '../app/ports/secrets.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { ConflictError, NotFoundError } from '../kernel/errors.ts';
import { installationId } from '../kernel/ids.ts';
import { eraseInstallation } from './erase-installation.ts';
import type { GrantRow, InstallationRow } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const installations = (tx: Tx) =>
  queriesOf(tx)<InstallationRow>('installations').where({ installation_id: tx.installationId });

const secretPlace = (tx: Tx): SecretPlace => ({
  table: 'installations',
  column: 'webhook_secret',
  row: tx.installationId,
});

/** Only whoever installs anew leads back from here. */
const ENDING: readonly InstallationRow['status'][] = ['removing', 'uninstalled'];

export function createInstallationStore(vault: Vault): InstallationStore {
  return {
    async get(tx) {
      const row = await installations(tx).first();
      if (!row) throw new NotFoundError('This installation does not exist.');
      return toInstallation(row);
    },

    async lock(tx) {
      // The grants first, as whoever installs or refreshes does: neither then waits for the other.
      await queriesOf(tx)<GrantRow>('grants')
        .where({ installation_id: tx.installationId })
        .orderBy('user_id')
        .forUpdate()
        .select('user_id');
      const row = await installations(tx).forUpdate().first();
      if (!row) throw new NotFoundError('This installation does not exist.');
      return toInstallation(row);
    },

    async save(tx, { companyId, companyName, apiDomain, installedAt }) {
      const values = {
        company_name: companyName,
        api_domain: apiDomain,
        status: 'active' as const,
        installed_at: installedAt,
        removal_asked_at: null,
        removal_asked_by: null,
        removal_done: [],
        removal_left: [],
        waiting_since: null,
      };
      const revived = await installations(tx).where({ company_id: companyId }).update(values);
      if (revived > 0) return;
      const made = await queriesOf(tx)('installations')
        .insert({ installation_id: tx.installationId, company_id: companyId, ...values })
        .onConflict()
        .ignore()
        .returning('installation_id');
      if (made.length === 0) throw new ConflictError('This Pipedrive company has another installation already.');
    },

    async setApiDomain(tx, apiDomain) {
      await installations(tx).update({ api_domain: apiDomain });
    },

    async setSignature(tx, rule) {
      await installations(tx).update({ signature: rule });
    },

    async setUninstalled(tx) {
      await installations(tx).update({ status: 'uninstalled', waiting_since: null });
    },

    async waitForAccess(tx, now) {
      await installations(tx).whereNotIn('status', ENDING).update({ status: 'reauth_required', waiting_since: now });
    },

    async setWebhookSecret(tx, secret) {
      const sealed = await vault.seal(tx, secretPlace(tx), secret);
      await installations(tx).update({
        webhook_secret: Buffer.from(sealed),
        webhook_secret_hash: createHash('sha256').update(secret).digest(),
      });
    },

    async renewWebhookSecret(tx, secret) {
      const row = await installations(tx).first();
      const sealed = await vault.seal(tx, secretPlace(tx), secret);
      await installations(tx).update({
        webhook_secret: Buffer.from(sealed),
        webhook_secret_hash: createHash('sha256').update(secret).digest(),
        old_webhook_secret_hash: row?.webhook_secret_hash ?? null,
      });
    },

    async hasOldWebhookSecret(tx) {
      return (await installations(tx).whereNotNull('old_webhook_secret_hash').first()) !== undefined;
    },

    async forgetOldWebhookSecret(tx) {
      await installations(tx).update({ old_webhook_secret_hash: null });
    },

    async findWebhookSecret(tx) {
      const row = await installations(tx).first();
      return row?.webhook_secret ? vault.open(tx, secretPlace(tx), row.webhook_secret) : undefined;
    },

    async erase(tx) {
      await vault.destroyDataKey(tx);
      return eraseInstallation(tx);
    },
  };
}

function toInstallation(row: InstallationRow): Installation {
  return {
    id: installationId(row.installation_id),
    companyId: row.company_id,
    companyName: row.company_name,
    apiDomain: row.api_domain,
    status: row.status,
    installedAt: row.installed_at,
    signature: row.signature,
  };
}
