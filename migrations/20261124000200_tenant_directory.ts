import type { Knex } from 'knex';
import { asRole } from './support/tenant-table.ts';

const FUNCTIONS = [
  {
    signature: 'find_installation_by_webhook_secret(hash bytea)',
    returns: 'uuid',
    body: `select installation_id from public.installations where webhook_secret_hash = hash and status <> 'uninstalled'`,
  },
  {
    signature: 'find_installation_by_company(company text)',
    returns: 'uuid',
    body: `select installation_id from public.installations where company_id = company`,
  },
  {
    signature: 'list_due_installations()',
    returns: 'setof uuid',
    body: `select installation_id from public.installations where status <> 'uninstalled' order by installed_at`,
  },
];

/**
 * What may be asked before a tenant is known. These three functions are the only way around row-level security; they
 * give ids alone and run as a role that may read five columns of one table and nothing else.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`create policy lookup on installations for select to orderline_lookup using (true)`);
  await knex.raw(
    `grant select (installation_id, company_id, webhook_secret_hash, status, installed_at) on installations to orderline_lookup`,
  );
  await asRole(knex, 'orderline_lookup', async () => {
    for (const { signature, returns, body } of FUNCTIONS) {
      await knex.raw(`
        create function public.${signature} returns ${returns}
        language sql stable security definer set search_path = pg_catalog, pg_temp
        as $$ ${body} $$`);
      await knex.raw(`revoke execute on function public.${signature} from public`);
      await knex.raw(`grant execute on function public.${signature} to orderline_app`);
    }
  });
}

export async function down(knex: Knex): Promise<void> {
  await asRole(knex, 'orderline_lookup', async () => {
    for (const { signature } of FUNCTIONS) await knex.raw(`drop function public.${signature}`);
  });
  await knex.raw('drop policy lookup on installations');
  await knex.raw('revoke select on installations from orderline_lookup');
  await knex.raw(
    `revoke select (installation_id, company_id, webhook_secret_hash, status, installed_at) on installations from orderline_lookup`,
  );
}
