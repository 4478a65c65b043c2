import type { Tx } from '../app/ports/unit-of-work.ts';
import { type ChainVerdict, verifyAuditChain } from './audit-chain.ts';
import { ERASING_TASK, KEPT_COLUMNS, KEPT_TABLES, tellingHandoffs } from './erase-installation.ts';
import { safeInteger } from './rows.ts';
import { listTenantTables } from './tenant-tables.ts';
import { queriesOf } from './unit-of-work.ts';

/** What an auditor wants to see of an installation that was erased. */
export interface ErasureProof {
  /** Every table with an `installation_id`, from the database's catalogue. */
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly mayStay: boolean }[];
  readonly dataKey: 'gone' | 'there';
  /** Rows of `installations` and `handoffs` that say more than a key must. */
  readonly tellingRows: number;
  /** Jobs that name the installation, but for the one that looks whether anything is left. */
  readonly jobs: number;
  readonly chain: ChainVerdict;
  /** All of it is as it must be. */
  readonly erased: boolean;
}

/** The check query: counts what is left of the transaction's installation (SE-20). */
export async function proveErasure(tx: Tx): Promise<ErasureProof> {
  const tables: { table: string; rows: number; mayStay: boolean }[] = [];
  for (const table of [...(await listTenantTables(queriesOf(tx)))].sort())
    tables.push({ table, rows: await count(tx, table), mayStay: KEPT_TABLES.includes(table) });
  const dataKey = (await count(tx, 'data_keys')) === 0 ? 'gone' : 'there';
  const tellingRows = await countTelling(tx);
  const jobs = await countJobs(tx);
  const chain = await verifyAuditChain(tx);
  const clean = tables.every(({ rows, mayStay }) => mayStay || rows === 0);
  const erased = clean && dataKey === 'gone' && tellingRows === 0 && jobs === 0 && chain.intact;
  return { tables, dataKey, tellingRows, jobs, chain, erased };
}

async function count(tx: Tx, table: string): Promise<number> {
  const [row] = await queriesOf(tx)(table).where({ installation_id: tx.installationId }).count('* as rows');
  return safeInteger(String(row?.['rows']));
}

async function countTelling(tx: Tx): Promise<number> {
  const own = { installation_id: tx.installationId };
  const [installation] = await queriesOf(tx)<Record<string, unknown>>('installations').where(own);
  const tells =
    installation !== undefined &&
    (installation['status'] !== 'uninstalled' ||
      Object.entries(installation).some(([column, value]) => !KEPT_COLUMNS.includes(column) && !isEmpty(value)));
  const [handoffs] = await tellingHandoffs(tx).count('* as rows');
  return safeInteger(String(handoffs?.['rows'])) + (tells ? 1 : 0);
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);

async function countJobs(tx: Tx): Promise<number> {
  const { rows } = await queriesOf(tx).raw<{ rows: { jobs: number }[] }>('select count_jobs(?, ?) as jobs', [
    tx.installationId,
    ERASING_TASK,
  ]);
  return rows[0]?.jobs ?? 0;
}
