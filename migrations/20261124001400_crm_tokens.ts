import type { Knex } from 'knex';
import { dropTables, protectTenantTable } from './support/tenant-table.ts';

/**
 * What was spent is kept as sums of a quarter of an hour, later of an hour; rows of single calls, as they were written
 * before, are read alike. Beside it what is known of a company's day, and the book in which all processes agree on the
 * company's traffic. `background` of old rows counts as `delta`.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`alter table token_ledger drop constraint token_ledger_purpose_check`);
  await knex.raw(`
    alter table token_ledger add constraint token_ledger_purpose_check
    check (purpose in ('order', 'person', 'status', 'delta', 'backfill', 'background'))`);
  await knex.raw(`alter table token_ledger add column summed boolean not null default false`);
  await knex.raw(`
    create unique index token_ledger_one_sum on token_ledger (installation_id, at, purpose, operation) where summed`);
  await knex.raw(`
    create table crm_budgets (
      installation_id uuid primary key references installations,
      daily_limit integer,
      remaining integer,
      told_at timestamptz,
      spent_then integer,
      day_started_at timestamptz,
      midnight_from smallint,
      midnight_minutes smallint,
      midnight_seen integer not null default 0,
      stated_plan text check (stated_plan in ('lite', 'growth', 'premium', 'ultimate')),
      stated_seats integer check (stated_seats between 1 and 100000),
      learnt_plan text check (learnt_plan in ('lite', 'growth', 'premium', 'ultimate')),
      learnt_seats integer check (learnt_seats between 1 and 100000),
      background_share smallint check (background_share between 0 and 80)
    )`);
  await knex.raw(`
    create table crm_gates (
      installation_id uuid primary key references installations,
      book jsonb not null
    )`);
  for (const table of ['crm_budgets', 'crm_gates']) await protectTenantTable(knex, table);
}

export async function down(knex: Knex): Promise<void> {
  await dropTables(knex, 'crm_gates', 'crm_budgets');
  await knex.raw(`drop index token_ledger_one_sum`);
  await knex.raw(`alter table token_ledger drop column summed`);
  await knex.raw(`alter table token_ledger drop constraint token_ledger_purpose_check`);
  await knex.raw(`
    alter table token_ledger add constraint token_ledger_purpose_check
    check (purpose in ('person', 'order', 'status', 'background')) not valid`);
}
