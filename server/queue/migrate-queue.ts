import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import { z } from 'zod';
import { silentLogger } from '../kernel/logger.ts';
import { libraryLogger } from './library-settings.ts';

/** The owner of the job library's schema. The application is a member of it, since the library turns on row-level security. */
const QUEUE_ROLE = 'orderline_queue';

/** The revision of its schema that the installed job library makes. */
const QUEUE_REVISION = 19;

/**
 * Brings the job library's own tables up to date. Part of the migrate step, never of a start.
 * @param ownerUrl of a login that is a member of the role that owns them
 */
export async function migrateQueue(ownerUrl: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 1, options: `-c role=${QUEUE_ROLE}` });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await runMigrations({ pgPool: pool, logger: libraryLogger(silentLogger) });
  } finally {
    await pool.end();
  }
}

const Revision = z.object({ revision: z.number().nullable() });

/** Whether the library's tables are what this program works with; false if they are missing. */
export async function isQueueMigrated(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query('select max(id) as revision from graphile_worker.migrations');
    return Revision.parse(rows[0]).revision === QUEUE_REVISION;
  } catch (error) {
    if (error instanceof pg.DatabaseError && UNDEFINED_OR_DENIED.has(error.code ?? '')) return false;
    throw error;
  } finally {
    await client.end();
  }
}

/** undefined_table, invalid_schema_name, insufficient_privilege */
const UNDEFINED_OR_DENIED: ReadonlySet<string> = new Set(['42P01', '3F000', '42501']);
