import type { Knex } from 'knex';
import { dropTables } from './support/tenant-table.ts';

/** What belongs to no tenant: an OAuth state is older than its installation, a worker serves them all. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table oauth_states (
      state_hash text primary key,
      browser_hash text not null,
      expires_at timestamptz not null
    )`);
  await knex.raw(`
    create table worker_heartbeats (
      worker_id text primary key,
      started_at timestamptz not null default now(),
      beat_at timestamptz not null default now()
    )`);
  for (const table of ['oauth_states', 'worker_heartbeats'])
    await knex.raw(`grant select, insert, update, delete on ${table} to orderline_app`);
}

export async function down(knex: Knex): Promise<void> {
  await dropTables(knex, 'worker_heartbeats', 'oauth_states');
}
