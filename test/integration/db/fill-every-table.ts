import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { listTenantTables } from '../../../server/db/tenant-tables.ts';

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
}

/**
 * Puts one row of each installation into every table that has none of it, made from the database's catalogue alone: what a row means
 * does not matter to whoever erases it. Checks and references are switched off for that, in this database, for good.
 */
export async function fillEveryTable(superuser: Knex, installationIds: readonly string[]): Promise<void> {
  await dropChecks(superuser);
  const columns = await requiredColumns(superuser);
  for (const table of await listTenantTables(superuser)) {
    for (const installationId of installationIds) {
      const own = { installation_id: installationId };
      if (await superuser(table).where(own).first()) continue;
      const needed = columns.filter((column) => column.table === table && column.name !== 'installation_id');
      const row = Object.fromEntries(needed.map(({ name, type }) => [name, someValue(type)]));
      await superuser.transaction(async (tx) => {
        await tx.raw('set local session_replication_role = replica');
        await tx(table).insert({ ...row, ...own });
      });
    }
  }
}

/** The same for what may be empty in rows that are there: every column says something. */
export async function fillEveryColumn(superuser: Knex, table: string): Promise<void> {
  const columns = await columnsWhere(superuser, `is_nullable = 'YES'`);
  for (const { name, type } of columns.filter((column) => column.table === table))
    for (const { installation_id } of await superuser(table).whereNull(name).distinct('installation_id'))
      await superuser(table)
        .where({ installation_id })
        .update({ [name]: someValue(type) });
}

async function dropChecks(superuser: Knex): Promise<void> {
  const { rows } = await superuser.raw<{ rows: { table: string; name: string }[] }>(
    `select conrelid::regclass::text as "table", conname as name from pg_constraint
      where contype = 'c' and connamespace = 'public'::regnamespace`,
  );
  for (const { table, name } of rows) await superuser.raw('alter table ?? drop constraint ??', [table, name]);
}

const requiredColumns = (superuser: Knex): Promise<readonly Column[]> =>
  columnsWhere(
    superuser,
    `is_nullable = 'NO' and column_default is null and is_identity = 'NO' and is_generated = 'NEVER'`,
  );

async function columnsWhere(superuser: Knex, condition: string): Promise<readonly Column[]> {
  const { rows } = await superuser.raw<{ rows: Column[] }>(
    `select table_name as "table", column_name as name, data_type as type from information_schema.columns
      where table_schema = 'public' and ${condition}`,
  );
  return rows;
}

function someValue(type: string): unknown {
  switch (type) {
    case 'uuid':
      return randomUUID();
    case 'text':
      return randomUUID();
    case 'bytea':
      return Buffer.from(randomUUID());
    case 'boolean':
      return true;
    case 'json':
    case 'jsonb':
      return '[]';
    case 'date':
      return '2026-11-24';
    case 'timestamp with time zone':
      return new Date('2026-11-24T08:00:00Z');
    case 'ARRAY':
      return [];
    default:
      return 1;
  }
}
