import type { Knex } from 'knex';

/**
 * Since when an installation has had no access to Pipedrive, by which it is erased one day; one that waits already counts
 * from now on. And which steps of a removal had to be left undone, which is told also after everything is erased.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table installations
      add column waiting_since timestamptz,
      add column removal_left text[] not null default '{}'`);
  // Row-level security is forced on the owner as well, who has no policy: lifted for one statement.
  await knex.raw('alter table installations no force row level security');
  await knex.raw(`update installations set waiting_since = now() where status = 'reauth_required'`);
  await knex.raw('alter table installations force row level security');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table installations drop column waiting_since, drop column removal_left');
}
