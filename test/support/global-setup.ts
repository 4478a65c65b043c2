import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { isAlive } from '../../server/db/embedded/users.ts';
import { startEmbeddedPostgres } from '../../server/db/embedded-postgres.ts';
import { migrate } from '../../server/db/migrate.ts';
import { ensureDatabase, ensureRoles } from '../../server/db/roles.ts';
import { migrateQueue } from '../../server/queue/migrate-queue.ts';
import { databaseUrls, publishDatabaseServer } from './database-server.ts';

/**
 * Once a run: a database server (TEST_DATABASE_URL, a superuser's address, or an embedded one without fsync), all
 * roles, and a migrated template that `freshDatabase` clones.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'];
  const server = given === undefined ? await startOwnServer() : { superuserUrl: given, stop: async () => undefined };
  const { superuserUrl } = server;
  const passwords = { owner: derivedPassword(superuserUrl, 'owner'), app: derivedPassword(superuserUrl, 'app') };
  const template = `orderline_template_${process.pid}`;

  await ensureRoles(superuserUrl, passwords);
  await dropDatabase(superuserUrl, template);
  await ensureDatabase(superuserUrl, template);
  await migrate(databaseUrls({ superuserUrl, passwords }, template).ownerUrl, migrateQueue);
  publishDatabaseServer({ superuserUrl, template, passwords });

  return async () => {
    await dropDatabase(superuserUrl, template);
    await server.stop();
  };
}

const FOLDER = /^orderline-test-(\d+)$/;

async function startOwnServer() {
  await removeLeftOvers();
  const folder = path.join(os.tmpdir(), `orderline-test-${process.pid}`);
  const embedded = await startEmbeddedPostgres({ dataDir: folder, durable: false });
  return {
    superuserUrl: embedded.superuserUrl,
    async stop() {
      await embedded.stop();
      fs.rmSync(embedded.dataDir, { recursive: true, force: true });
    },
  };
}

/** Servers of runs that were killed. */
async function removeLeftOvers(): Promise<void> {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const pid = Number(FOLDER.exec(name)?.[1]);
    if (!pid || isAlive(pid)) continue;
    const folder = path.join(os.tmpdir(), name);
    const lock = path.join(folder, 'cluster', 'postmaster.pid');
    if (fs.existsSync(lock)) await (await startEmbeddedPostgres({ dataDir: folder, durable: false })).stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The same in every run on one server, since roles belong to the server: runs at the same time must agree. */
function derivedPassword(superuserUrl: string, role: string): string {
  const { password, host } = new URL(superuserUrl);
  return createHash('sha256').update(`orderline tests|${host}|${password}|${role}`).digest('hex');
}

async function dropDatabase(superuserUrl: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(`drop database if exists ${client.escapeIdentifier(database)} with (force)`);
  } finally {
    await client.end();
  }
}
