import type { Knex } from 'knex';

/** What each of the app's fields was when it was last looked at: its name, its type, and the options we keep in step. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table crm_fields
      add column field_name text not null default '',
      add column field_type text not null default 'varchar',
      add column options jsonb not null default '[]',
      add column seen_at timestamptz`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table crm_fields drop column field_name, drop column field_type, drop column options, drop column seen_at`);
}
