import type { Knex } from 'knex';

/** What each SAP system was found to be able to do; empty until it was asked. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table connections add column capabilities jsonb, add column capabilities_at timestamptz');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table connections drop column capabilities, drop column capabilities_at');
}
