import type { Knex } from 'knex';

/** What an admin was last told of the day's budget: the percentage, and the day by its beginning. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table crm_budgets
    add column alerted_level smallint check (alerted_level in (60, 80, 95, 100)),
    add column alerted_day timestamptz`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`alter table crm_budgets drop column alerted_level, drop column alerted_day`);
}
