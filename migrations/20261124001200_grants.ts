import type { Knex } from 'knex';

/**
 * What a grant needs to be kept alive and doubted: personal API tokens beside OAuth, when it was last refreshed, when
 * Pipedrive last said whose it is, and a company host that is not proven yet. Grants that are there already count as
 * refreshed now, since nobody noted when they were: that is well before their 60 days end.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table grants
      add column kind text not null default 'oauth' check (kind in ('oauth', 'api_token')),
      add column refreshed_at timestamptz not null default now(),
      add column proven_at timestamptz,
      add column pending_api_domain text,
      add column doubts integer not null default 0,
      add column doubted_at timestamptz`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table grants
      drop column kind,
      drop column refreshed_at,
      drop column proven_at,
      drop column pending_api_domain,
      drop column doubts,
      drop column doubted_at`);
}
