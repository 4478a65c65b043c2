import knex, { type Knex } from 'knex';
import pg from 'pg';

const DATE_OID = 1082;

/** Calendar days stay the text that SAP gave; a driver's Date would move them by the zone of the process. */
const types = {
  getTypeParser: (oid: number, format: string) =>
    oid === DATE_OID ? (text: string) => text : pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text'),
};

/** What goes wrong is thrown; knex's habit of printing it as well would pass by our own log. */
const QUIET: Knex.Logger = {
  warn: () => undefined,
  error: () => undefined,
  deprecate: () => undefined,
  debug: () => undefined,
};

export interface DatabaseOptions {
  readonly url: string;
  /** Connections of this process at most; default 10. */
  readonly poolSize?: number;
  /** Taken on every new connection, as with SET ROLE; the login must be a member. */
  readonly role?: string;
}

/**
 * A pool on Postgres. bigint and numeric come back as text, dates as `YYYY-MM-DD`, timestamps as Date.
 * Waiting for a free connection ends after 10 s with an error. Close it with `destroy()`.
 */
export function openDatabase({ url, poolSize = 10, role }: DatabaseOptions): Knex {
  return knex({
    client: 'pg',
    connection: {
      connectionString: url,
      types,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      // a process that hangs within a transaction must not hold its locks for ever
      idle_in_transaction_session_timeout: 60_000,
      application_name: 'orderline',
      ...(role === undefined ? {} : { options: `-c role=${role}` }),
    },
    pool: { min: 0, max: poolSize },
    acquireConnectionTimeout: 10_000,
    // knex may otherwise write bound values, secrets among them, into error messages
    compileSqlOnError: false,
    log: QUIET,
  });
}
