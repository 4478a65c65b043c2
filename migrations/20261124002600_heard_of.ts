import type { Knex } from 'knex';

/**
 * What a delivery was about, once it was read: whether one kind of record has gone silent is asked of each kind alone. And
 * until when Pipedrive may keep notifications back, so that each list is read once more after that.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table deliveries add column entity text');
  await knex.raw('alter table crm_readings add column read_again_at timestamptz');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table crm_readings drop column read_again_at');
  await knex.raw('alter table deliveries drop column entity');
}
