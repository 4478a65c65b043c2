import type { Knex } from 'knex';
import { dropTables, protectTenantTable } from './support/tenant-table.ts';

/** Who installed the app, with whose grants, and how their SAP companies are reached. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table installations (
      installation_id uuid primary key,
      company_id text not null constraint installations_one_per_company unique,
      company_name text not null,
      api_domain text not null,
      status text not null check (status in ('active', 'reauth_required', 'uninstalled')),
      installed_at timestamptz not null,
      webhook_secret bytea,
      webhook_secret_hash bytea constraint installations_webhook_secret_once unique,
      check ((webhook_secret is null) = (webhook_secret_hash is null))
    )`);
  await knex.raw(`
    create table data_keys (
      installation_id uuid primary key references installations,
      key_id uuid not null,
      master_key_id text not null,
      wrapped bytea not null
    )`);
  await knex.raw(`
    create table grants (
      installation_id uuid not null references installations,
      user_id bigint not null,
      user_name text not null,
      is_admin boolean not null,
      status text not null check (status in ('active', 'refused')),
      access_token bytea not null,
      refresh_token bytea not null,
      expires_at timestamptz not null,
      scopes text[] not null,
      constraint grants_one_per_user primary key (installation_id, user_id)
    )`);
  await knex.raw(`
    create table connections (
      installation_id uuid not null references installations,
      id uuid not null,
      position bigint generated always as identity,
      label text not null,
      address text not null,
      company_db text not null,
      user_name text not null,
      password bytea not null,
      trust jsonb not null,
      status text not null check (status in ('active', 'password_refused', 'certificate_changed', 'disconnected')),
      refused_passwords integer not null default 0,
      time_zone text not null,
      local_currency text not null,
      primary key (installation_id, id)
    )`);
  await knex.raw(`
    create table settings (
      installation_id uuid not null,
      connection_id uuid not null,
      version integer not null,
      values jsonb not null,
      by_user_id bigint not null,
      constraint settings_one_per_version primary key (installation_id, connection_id, version),
      foreign key (installation_id, connection_id) references connections on delete cascade
    )`);
  for (const table of ['installations', 'data_keys', 'grants', 'connections']) await protectTenantTable(knex, table);
  await protectTenantTable(knex, 'settings', 'select, insert, delete');
}

export async function down(knex: Knex): Promise<void> {
  await dropTables(knex, 'settings', 'connections', 'grants', 'data_keys', 'installations');
}
