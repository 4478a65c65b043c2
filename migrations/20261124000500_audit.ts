import type { Knex } from 'knex';
import { dropTables, protectTenantTable } from './support/tenant-table.ts';

/** The audit trail: one hash chain per installation, appended to and never changed; its head beside it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table audit_entries (
      installation_id uuid not null references installations,
      seq bigint not null,
      id uuid not null,
      verb text not null,
      source_system text not null check (source_system in ('pipedrive', 'sap', 'orderline')),
      source_key text not null,
      source_version text,
      target text not null,
      before bytea,
      after bytea,
      run_id text,
      request_id text,
      user_id bigint,
      at timestamptz not null,
      prev_hash bytea not null,
      hash bytea not null,
      constraint audit_entries_one_chain primary key (installation_id, seq)
    )`);
  await knex.raw(`create index audit_entries_by_target on audit_entries (installation_id, target)`);
  await knex.raw(`
    create table audit_heads (
      installation_id uuid primary key references installations,
      seq bigint not null,
      hash bytea not null
    )`);
  await protectTenantTable(knex, 'audit_entries', 'select, insert');
  await protectTenantTable(knex, 'audit_heads', 'select, insert, update');
  await knex.raw(`
    create function refuse_audit_change() returns trigger language plpgsql as $$
    begin
      raise exception 'The audit trail is only ever added to.';
    end $$`);
  await knex.raw(`
    create trigger audit_entries_append_only before update or delete or truncate on audit_entries
    for each statement execute function refuse_audit_change()`);
}

export async function down(knex: Knex): Promise<void> {
  await dropTables(knex, 'audit_heads', 'audit_entries');
  await knex.raw('drop function refuse_audit_change()');
}
