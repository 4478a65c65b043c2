import type pg from 'pg';
import { withClient } from './with-client.ts';

/** Owns the tables of tenants, so that their row-level security is forced on everybody who works with them. */
export const OWNER_ROLE = 'orderline_owner';
/** Owns the job queue's schema; the application is a member, since the queue works with its own tables as owner. */
export const QUEUE_ROLE = 'orderline_queue';
/** Owns the look-up functions that are called before a tenant is known, and may read only what they need. */
export const LOOKUP_ROLE = 'orderline_lookup';
/** What the program runs as. */
export const APP_ROLE = 'orderline_app';
/** What migrations log in as (`DATABASE_OWNER_URL`): a member of the three owners. */
export const OWNER_LOGIN = 'orderline_migrator';

/** Any two processes that set roles up at once wait for each other on this key. */
const SETUP_LOCK = 7_302_001;

/**
 * Makes the five roles on a server, or brings them to what they must be. Idempotent.
 * @param superuserUrl needed only here and in `ensureDatabase`; the program itself never has it
 */
export async function ensureRoles(superuserUrl: string, passwords: { owner: string; app: string }): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [SETUP_LOCK]);
    for (const role of [OWNER_ROLE, QUEUE_ROLE, LOOKUP_ROLE]) await ensureRole(client, role, 'nologin');
    const login = (password: string): string => `login password ${client.escapeLiteral(password)}`;
    await ensureRole(client, OWNER_LOGIN, login(passwords.owner));
    await ensureRole(client, APP_ROLE, login(passwords.app));
    await client.query(`grant ${OWNER_ROLE}, ${QUEUE_ROLE}, ${LOOKUP_ROLE} to ${OWNER_LOGIN}`);
    await client.query(`grant ${QUEUE_ROLE} to ${APP_ROLE}`);
    await client.query('commit');
  });
}

/** Makes the database unless it exists, and lets the owners create what is theirs in it. Idempotent. */
export async function ensureDatabase(superuserUrl: string, database: string): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [SETUP_LOCK]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
    await client.query(`grant create on database ${client.escapeIdentifier(database)} to ${QUEUE_ROLE}`);
  });
  await withClient(urlForDatabase(superuserUrl, database), async (client) => {
    await client.query('select pg_advisory_lock($1)', [SETUP_LOCK]);
    await client.query(`grant usage, create on schema public to ${OWNER_ROLE}, ${LOOKUP_ROLE}`);
    await client.query('revoke create on schema public from public');
  });
}

/** The same server and role, another database. */
export function urlForDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

async function ensureRole(client: pg.Client, role: string, login: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  const verb = rowCount === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${role} nosuperuser nobypassrls nocreatedb nocreaterole inherit ${login}`);
}
