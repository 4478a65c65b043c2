import type { Knex } from 'knex';
import { dropTables, protectTenantTable } from './support/tenant-table.ts';

const OF_CONNECTION = 'foreign key (installation_id, connection_id) references connections on delete cascade';

/** What refers to others first. */
const TABLES = [
  'deliveries',
  'sync_runs',
  'cursors',
  'line_details',
  'entity_links',
  'crm_webhooks',
  'erp_fields',
  'crm_fields',
] as const;

/** What is where on both sides, how far each stream was read, and the webhooks that arrived. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table crm_fields (
      installation_id uuid not null references installations,
      purpose text not null,
      field_code text not null,
      made_by_us boolean not null,
      constraint crm_fields_one_per_purpose primary key (installation_id, purpose)
    )`);
  await knex.raw(`
    create table erp_fields (
      installation_id uuid not null,
      connection_id uuid not null,
      field text not null,
      constraint erp_fields_one_per_connection primary key (installation_id, connection_id, field),
      ${OF_CONNECTION}
    )`);
  await knex.raw(`
    create table crm_webhooks (
      installation_id uuid not null references installations,
      user_name text not null,
      position bigint generated always as identity,
      webhook_id bigint not null,
      object text not null,
      action text not null,
      password bytea not null,
      constraint crm_webhooks_one_per_user primary key (installation_id, user_name)
    )`);
  await knex.raw(`
    create table entity_links (
      installation_id uuid not null,
      connection_id uuid not null,
      kind text not null check (kind in ('partner', 'contact', 'item')),
      sap_key text collate "C" not null,
      pipedrive_id bigint,
      state text not null check (state in ('to_create', 'creating', 'linked', 'ambiguous', 'gone')),
      creating_since timestamptz,
      content_hash text,
      constraint entity_links_one_per_sap_key primary key (installation_id, connection_id, kind, sap_key),
      constraint entity_links_one_per_pipedrive_id unique (installation_id, connection_id, kind, pipedrive_id),
      check (state <> 'linked' or pipedrive_id is not null),
      check ((state = 'creating') = (creating_since is not null)),
      ${OF_CONNECTION}
    )`);
  await knex.raw(`
    create table line_details (
      installation_id uuid not null,
      connection_id uuid not null,
      deal_id bigint not null,
      line_id bigint not null,
      item_code text not null,
      doc_entry integer not null,
      line_num integer not null,
      constraint line_details_one_per_line primary key (installation_id, connection_id, deal_id, line_id),
      ${OF_CONNECTION}
    )`);
  await knex.raw(`
    create table cursors (
      installation_id uuid not null,
      connection_id uuid not null,
      stream text not null,
      phase text not null check (phase in ('first_load', 'delta')),
      stamp_date date,
      stamp_time text,
      key text,
      documents jsonb not null,
      due_dates_checked_on date,
      restarts integer not null default 0,
      constraint cursors_one_per_stream primary key (installation_id, connection_id, stream),
      ${OF_CONNECTION}
    )`);
  await knex.raw(`
    create table sync_runs (
      installation_id uuid not null,
      id uuid not null,
      position bigint generated always as identity,
      connection_id uuid not null,
      stream text not null,
      kind text not null check (kind in ('first_load', 'delta')),
      state text not null check (state in ('running', 'writing', 'done')),
      started_at timestamptz not null,
      ended_at timestamptz,
      expected integer,
      read integer not null default 0,
      changed integer not null default 0,
      written integer not null default 0,
      unchanged integer not null default 0,
      waiting integer not null default 0,
      primary key (installation_id, id),
      ${OF_CONNECTION}
    )`);
  await knex.raw(`create index sync_runs_by_stream on sync_runs (installation_id, connection_id, stream, position)`);
  // Headers are json, not jsonb: they are kept as they came. Body and fingerprint hold bytes that no text type takes.
  await knex.raw(`
    create table deliveries (
      installation_id uuid not null references installations,
      id uuid not null,
      source text not null check (source in ('pipedrive', 'sap')),
      fingerprint bytea not null,
      fingerprint_hash bytea not null,
      received_at timestamptz not null,
      headers json not null,
      body bytea not null,
      size integer not null,
      state text not null check (state in ('new', 'processed', 'unreadable', 'too_large')),
      settled_at timestamptz,
      primary key (installation_id, id),
      constraint deliveries_once unique (installation_id, source, fingerprint_hash)
    )`);
  for (const table of [...TABLES].reverse()) await protectTenantTable(knex, table);
}

export async function down(knex: Knex): Promise<void> {
  await dropTables(knex, ...TABLES);
}
