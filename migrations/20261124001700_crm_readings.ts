import type { Knex } from 'knex';
import { dropTables, protectTenantTable } from './support/tenant-table.ts';

/** How far each list of Pipedrive was read, how the comparison stands, and when a receiver last showed that it runs. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table crm_readings (
      installation_id uuid not null references installations,
      list text not null check (list in
        ('deals', 'archived_deals', 'deleted_deals', 'organizations', 'persons', 'products')),
      newest timestamptz,
      seen jsonb not null,
      read_from timestamptz,
      suspected_at timestamptz,
      constraint crm_readings_one_per_list primary key (installation_id, list)
    )`);
  await knex.raw(`
    create table crm_comparisons (
      installation_id uuid not null references installations,
      state text not null check (state in ('reading', 'stopped', 'done')),
      started_at timestamptz not null,
      ended_at timestamptz,
      missing jsonb not null,
      approved_at timestamptz,
      constraint crm_comparisons_one_per_installation primary key (installation_id)
    )`);
  for (const table of ['crm_readings', 'crm_comparisons']) await protectTenantTable(knex, table);
  // Belongs to no tenant: a receiver serves them all.
  await knex.raw(`
    create table receiver_marks (
      one boolean primary key default true check (one),
      alive_at timestamptz not null
    )`);
  await knex.raw('grant select, insert, update on receiver_marks to orderline_app');
}

export async function down(knex: Knex): Promise<void> {
  await dropTables(knex, 'receiver_marks', 'crm_comparisons', 'crm_readings');
}
