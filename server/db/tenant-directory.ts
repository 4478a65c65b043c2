import type { Knex } from 'knex';
import type { TenantDirectory } from '../app/ports/unit-of-work.ts';
import { type InstallationId, installationId } from '../kernel/ids.ts';
import { translateDatabaseError } from './database-errors.ts';

/** The three look-ups before a tenant is known, by the database's own functions: they give ids alone. */
export function createTenantDirectory(db: Knex): TenantDirectory {
  async function ask(call: string, bindings: (Buffer | string)[]): Promise<InstallationId[]> {
    try {
      const { rows } = await db.raw<{ rows: { id: string | null }[] }>(`select ${call} as id`, bindings);
      return rows.flatMap(({ id }) => (id === null ? [] : [installationId(id)]));
    } catch (error) {
      throw translateDatabaseError(error);
    }
  }

  return {
    findByWebhookSecret: async (hash) => (await ask('find_installation_by_webhook_secret(?)', [Buffer.from(hash)]))[0],
    findByCompany: async (companyId) => (await ask('find_installation_by_company(?)', [companyId]))[0],
    listDue: () => ask('list_due_installations()', []),
  };
}
