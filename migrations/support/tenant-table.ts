import type { Knex } from 'knex';

const TENANT = `installation_id = current_setting('orderline.installation_id')::uuid`;

/**
 * Forces row-level security on a table with an `installation_id`, and lets the application work with the rows of the
 * tenant that its transaction has set. Without a tenant the setting is missing or empty: an error, never all rows.
 * The owner has no policy: it changes tables and sees no rows.
 */
export async function protectTenantTable(
  knex: Knex,
  table: string,
  privileges = 'select, insert, update, delete',
): Promise<void> {
  await knex.raw(`alter table ${table} enable row level security`);
  await knex.raw(`alter table ${table} force row level security`);
  await knex.raw(`create policy tenant on ${table} to orderline_app using (${TENANT}) with check (${TENANT})`);
  await knex.raw(`grant ${privileges} on ${table} to orderline_app`);
}

/** Within the migration's transaction: what `work` creates belongs to that role. */
export async function asRole(knex: Knex, role: string, work: () => Promise<void>): Promise<void> {
  await knex.raw(`set local role ${role}`);
  await work();
  await knex.raw('set local role orderline_owner');
}

/** In the order given: first what refers to others. */
export async function dropTables(knex: Knex, ...tables: string[]): Promise<void> {
  for (const table of tables) await knex.raw(`drop table ${table}`);
}
