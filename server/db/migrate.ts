import type { Knex } from 'knex';
import { listedMigrations } from './listed-migrations.ts';
import { openDatabase } from './open-database.ts';
import { APP_ROLE, OWNER_ROLE } from './roles.ts';
import { withClient } from './with-client.ts';

const CONFIG: Knex.MigratorConfig = { migrationSource: listedMigrations, tableName: 'knex_migrations' };

const MIGRATION_LOCK = 7_302_003;

/**
 * Brings the tables up to date, as `DATABASE_OWNER_URL`'s login acting as the tables' owner.
 * @param ownerUrl of a login that is a member of the owner roles
 * @param migrateQueue brings the job queue's own tables up to date; it gets the same address
 * @returns names of the migrations that ran
 */
export async function migrate(
  ownerUrl: string,
  migrateQueue: (ownerUrl: string) => Promise<void> = async () => undefined,
): Promise<readonly string[]> {
  const names = await asOwner(ownerUrl, async (db) => {
    const [, ran]: [number, string[]] = await db.migrate.latest(CONFIG);
    await db.raw(`grant select on knex_migrations to ${APP_ROLE}`);
    return ran;
  });
  await migrateQueue(ownerUrl);
  return names;
}

/** Takes everything back, newest first: all data is gone. For the tests of the way down. */
export async function rollBackAll(ownerUrl: string): Promise<void> {
  await asOwner(ownerUrl, (db) => db.migrate.rollback(CONFIG, true));
}

/** Names of the migrations that this program knows and the database lacks. */
export async function pendingMigrations(db: Knex): Promise<readonly string[]> {
  const known = await listedMigrations.getMigrations([]);
  if (!(await db.schema.hasTable('knex_migrations'))) return known;
  const done = new Set(await db<{ name: string }>('knex_migrations').pluck('name'));
  return known.filter((name) => !done.has(name));
}

/**
 * One at a time: whoever comes second waits, and finds the work done. knex's own lock is a row that a killed migration
 * leaves behind; ours ends with its connection, so under it that row means nothing and is freed.
 */
async function asOwner<T>(ownerUrl: string, work: (db: Knex) => Promise<T>): Promise<T> {
  return withClient(ownerUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const db = openDatabase({ url: ownerUrl, poolSize: 2, role: OWNER_ROLE });
    try {
      await db.migrate.forceFreeMigrationsLock(CONFIG);
      return await work(db);
    } finally {
      await db.destroy();
    }
  });
}
