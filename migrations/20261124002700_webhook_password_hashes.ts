import type { Knex } from 'knex';

/**
 * Of a webhook's password only the hash is kept from now on: whoever compares with it needs no key. One that was made
 * before keeps its sealed password until it is made anew.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table crm_webhooks
    add column password_hash bytea,
    alter column password drop not null,
    add constraint crm_webhooks_known_by_one check (password is not null or password_hash is not null)`);
}

/** Webhooks whose password nobody can tell any more are forgotten: the hourly look makes them anew. */
export async function down(knex: Knex): Promise<void> {
  // The owner is bound by row-level security as well.
  await knex.raw('alter table crm_webhooks no force row level security');
  await knex.raw('delete from crm_webhooks where password is null');
  await knex.raw('alter table crm_webhooks force row level security');
  await knex.raw(`
    alter table crm_webhooks
    drop constraint crm_webhooks_known_by_one,
    alter column password set not null,
    drop column password_hash`);
}
