import type { Knex } from 'knex';
import { dropTables, protectTenantTable } from './support/tenant-table.ts';

const OF_CONNECTION = 'foreign key (installation_id, connection_id) references connections on delete cascade';

/** What SAP tells us by itself where a customer's server can: the subscription, and which events were seen already. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table erp_webhooks (
      installation_id uuid not null,
      connection_id uuid not null,
      webhook_id text not null,
      secret bytea not null,
      secret_hash bytea not null,
      auth text not null check (auth in ('hmac', 'basic')),
      credential bytea not null,
      url text,
      state text not null check (state in ('wanted', 'active', 'refused', 'unwanted')),
      refused_words text,
      last_event_at timestamptz,
      constraint erp_webhooks_one_per_connection primary key (installation_id, connection_id),
      constraint erp_webhooks_secret_once unique (installation_id, secret_hash),
      check ((state = 'refused') = (refused_words is not null)),
      ${OF_CONNECTION}
    )`);
  await knex.raw(`
    create table erp_events (
      installation_id uuid not null,
      connection_id uuid not null,
      event_id text not null,
      seen_at timestamptz not null,
      constraint erp_events_once primary key (installation_id, connection_id, event_id),
      ${OF_CONNECTION}
    )`);
  await knex.raw('create index erp_events_by_age on erp_events (installation_id, seen_at)');
  for (const table of ['erp_webhooks', 'erp_events']) await protectTenantTable(knex, table);
}

export async function down(knex: Knex): Promise<void> {
  await dropTables(knex, 'erp_events', 'erp_webhooks');
}
