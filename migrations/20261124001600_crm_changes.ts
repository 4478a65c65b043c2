import type { Knex } from 'knex';
import { asRole, dropTables, protectTenantTable } from './support/tenant-table.ts';

const TABLES = ['crm_webhook_refusals', 'crm_views', 'crm_changes'] as const;

const BY_SECRET = 'public.find_installation_by_webhook_secret(hash bytea)';
const SELECT = 'select installation_id from public.installations where';

/**
 * What was heard of records in Pipedrive and waits to be read; what our records showed there when we wrote them; and
 * webhooks that are renewed without a gap: the address of before is answered until nothing comes to it any more.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table crm_changes (
      installation_id uuid not null references installations,
      entity text not null check (entity in ('deal', 'organization', 'person', 'product', 'user')),
      record_id bigint not null,
      gone boolean not null,
      merged_into bigint,
      noted_at timestamptz not null,
      revision bigint not null,
      constraint crm_changes_one_per_record primary key (installation_id, entity, record_id)
    )`);
  await knex.raw('create index crm_changes_by_age on crm_changes (installation_id, entity, noted_at, record_id)');
  await knex.raw(`
    create table crm_views (
      installation_id uuid not null,
      connection_id uuid not null,
      kind text not null check (kind in ('partner', 'contact', 'item')),
      pipedrive_id bigint not null,
      shown jsonb not null,
      answered text,
      answered_at timestamptz,
      repeats integer not null default 0,
      constraint crm_views_one_per_record primary key (installation_id, connection_id, kind, pipedrive_id),
      check ((answered is null) = (answered_at is null)),
      foreign key (installation_id, connection_id) references connections on delete cascade
    )`);
  await knex.raw(`
    create table crm_webhook_refusals (
      installation_id uuid not null references installations,
      object text not null,
      action text not null,
      refused_at timestamptz not null,
      constraint crm_webhook_refusals_one_per_kind primary key (installation_id, object, action)
    )`);
  for (const table of [...TABLES].reverse()) await protectTenantTable(knex, table);
  await knex.raw('alter table crm_webhooks add column made_at timestamptz, add column retired_at timestamptz');
  await knex.raw('alter table installations add column old_webhook_secret_hash bytea unique');
  await knex.raw('grant select (old_webhook_secret_hash) on installations to orderline_lookup');
  await replaceLookup(
    knex,
    `${SELECT} (webhook_secret_hash = hash or old_webhook_secret_hash = hash) and status <> 'uninstalled'`,
  );
}

export async function down(knex: Knex): Promise<void> {
  await replaceLookup(knex, `${SELECT} webhook_secret_hash = hash and status <> 'uninstalled'`);
  await knex.raw('revoke select (old_webhook_secret_hash) on installations from orderline_lookup');
  await knex.raw('alter table installations drop column old_webhook_secret_hash');
  await knex.raw('alter table crm_webhooks drop column retired_at, drop column made_at');
  await dropTables(knex, ...TABLES);
}

/** The look-up keeps its rights: only what it asks is another question. */
async function replaceLookup(knex: Knex, body: string): Promise<void> {
  await asRole(knex, 'orderline_lookup', () =>
    knex.raw(`
      create or replace function ${BY_SECRET} returns uuid
      language sql stable security definer set search_path = pg_catalog, pg_temp
      as $$ ${body} $$`),
  );
}
