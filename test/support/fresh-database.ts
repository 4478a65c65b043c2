import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import pg from 'pg';
import { openDatabase } from '../../server/db/open-database.ts';
import { ensureDatabase } from '../../server/db/roles.ts';
import { databaseServer, databaseUrls } from './database-server.ts';

export interface FreshDatabase {
  readonly appUrl: string;
  readonly ownerUrl: string;
  readonly superuserUrl: string;
  /** As the application role. */
  readonly db: Knex;
  /** Closes `db` and removes the database, whoever is still connected. */
  drop(): Promise<void>;
}

/** A database of the caller's own: with all tables, or, with `migrated: false`, empty. */
export async function freshDatabase(options: { migrated?: boolean } = {}): Promise<FreshDatabase> {
  const server = databaseServer();
  const name = `orderline_test_${randomBytes(6).toString('hex')}`;
  if (options.migrated !== false) await asSuperuser(`create database ${name} template ${server.template}`);
  await ensureDatabase(server.superuserUrl, name);
  const urls = databaseUrls(server, name);
  const db = openDatabase({ url: urls.appUrl });
  return {
    ...urls,
    db,
    async drop() {
      await db.destroy();
      await asSuperuser(`drop database if exists ${name} with (force)`);
    },
  };
}

async function asSuperuser(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseServer().superuserUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
