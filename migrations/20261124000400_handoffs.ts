import type { Knex } from 'knex';
import { dropTables, protectTenantTable } from './support/tenant-table.ts';

/** Deals on their way into SAP, what a person should look at, and what Pipedrive's tokens were spent on. */
export async function up(knex: Knex): Promise<void> {
  // No reference to connections: when a connection is erased, the key that prevents a second order stays.
  // Draft and problems are json, not jsonb: they are frozen as they were written.
  await knex.raw(`
    create table handoffs (
      installation_id uuid not null references installations,
      id uuid not null,
      position bigint generated always as identity,
      connection_id uuid not null,
      deal_id bigint not null,
      step text not null,
      generation integer not null,
      key text not null,
      state text not null check (state in
        ('pending', 'posting', 'unconfirmed', 'needs_attention', 'posted', 'written_back', 'cancelled')),
      draft json,
      draft_hash text,
      attempt integer not null default 0,
      sent boolean not null default false,
      lease_until timestamptz,
      settle_at timestamptz,
      problems json not null default '[]',
      doc_entry integer,
      doc_num integer,
      document text check (document in ('order', 'draft')),
      note_id bigint,
      note_posting boolean not null default false,
      trigger text not null check (trigger in ('won', 'person')),
      by_user_id bigint,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (installation_id, id),
      constraint handoffs_one_per_generation unique (installation_id, connection_id, deal_id, step, generation),
      constraint handoffs_key_unique unique (installation_id, key),
      check (state not in ('posted', 'written_back') or (doc_entry is not null and document is not null))
    )`);
  await knex.raw(`create index handoffs_by_deal on handoffs (installation_id, deal_id)`);
  await knex.raw(`
    create index handoffs_unfinished on handoffs (installation_id, position)
    where state not in ('written_back', 'cancelled')`);
  await knex.raw(`
    create table findings (
      installation_id uuid not null references installations,
      id uuid not null default gen_random_uuid(),
      kind text not null,
      subject text not null,
      message text not null,
      action text not null,
      link jsonb,
      first_seen_at timestamptz not null,
      last_seen_at timestamptz not null,
      count integer not null default 1,
      resolved_at timestamptz,
      primary key (installation_id, id)
    )`);
  await knex.raw(
    `create unique index findings_one_open on findings (installation_id, kind, subject) where resolved_at is null`,
  );
  await knex.raw(`
    create table token_ledger (
      installation_id uuid not null references installations,
      id bigint generated always as identity,
      at timestamptz not null,
      purpose text not null check (purpose in ('person', 'order', 'status', 'background')),
      operation text not null,
      tokens integer not null,
      calls integer not null,
      primary key (installation_id, id)
    )`);
  await knex.raw(`create index token_ledger_by_time on token_ledger (installation_id, at)`);
  await knex.raw(`
    create table token_budgets (
      installation_id uuid primary key references installations,
      daily_limit integer not null,
      remaining integer not null,
      at timestamptz not null
    )`);
  for (const table of ['handoffs', 'findings', 'token_ledger', 'token_budgets']) await protectTenantTable(knex, table);
}

export async function down(knex: Knex): Promise<void> {
  await dropTables(knex, 'token_budgets', 'token_ledger', 'findings', 'handoffs');
}
