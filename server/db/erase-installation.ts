import type { Tx } from '../app/ports/unit-of-work.ts';
import { listTenantTables } from './tenant-tables.ts';
import { queriesOf } from './unit-of-work.ts';

/**
 * What outlives an installation; every other table with an `installation_id` is emptied, without being named anywhere.
 * `handoffs` are the keys that keep a company that comes back from ordering a second time; the row of the installation is
 * the name under which they and the audit chain stand.
 */
export const KEPT_TABLES: readonly string[] = ['installations', 'handoffs', 'audit_entries', 'audit_heads'];

/**
 * What the row of an installation still says; everything else in it is empty. `removal_left`: names of steps that somebody
 * has to do by hand. `signature`: as at the first install.
 */
export const KEPT_COLUMNS: readonly string[] = [
  'installation_id',
  'company_id',
  'status',
  'installed_at',
  'removal_left',
  'signature',
];

/** What a key that is kept says nothing about: a customer's order and who sent it. */
export const FORGOTTEN_OF_HANDOFFS: Readonly<Record<string, string | null>> = {
  draft: null,
  draft_hash: null,
  problems: '[]',
  by_user_id: null,
};

/** The key, which deal and which document in SAP it stands for, and how far that was. A column is named here or above. */
export const KEPT_OF_HANDOFFS: readonly string[] = [
  'installation_id',
  'id',
  'position',
  'connection_id',
  'deal_id',
  'step',
  'generation',
  'key',
  'state',
  'attempt',
  'sent',
  'lease_until',
  'settle_at',
  'doc_entry',
  'doc_num',
  'document',
  'note_id',
  'note_posting',
  'trigger',
  'created_at',
  'updated_at',
];

/** Hand-offs that still say what is to be forgotten. */
export function tellingHandoffs(tx: Tx) {
  const rows = queriesOf(tx)('handoffs').where({ installation_id: tx.installationId });
  return rows.where((query) => {
    for (const [column, value] of Object.entries(FORGOTTEN_OF_HANDOFFS))
      query.orWhereRaw('??::text is distinct from ?', [column, value]);
  });
}

/**
 * Removes all that an installation stored. May be run again at any time: work that was under way may have written
 * something since.
 * @returns rows that were there to be removed
 */
export async function eraseInstallation(tx: Tx): Promise<number> {
  const queries = queriesOf(tx);
  const own = { installation_id: tx.installationId };
  let erased = await stopWork(tx);
  for (const table of await listTenantTables(queries)) {
    if (!KEPT_TABLES.includes(table)) erased += await queries(table).where(own).delete();
  }
  erased += await tellingHandoffs(tx).update(FORGOTTEN_OF_HANDOFFS);
  await queries('installations').where(own).update({
    status: 'uninstalled',
    company_name: '',
    api_domain: '',
    removal_asked_at: null,
    removal_asked_by: null,
    removal_done: [],
    waiting_since: null,
    signature: 'if-present',
  });
  return erased;
}

/** The task that erases again what work under way has left: it must not take itself away. */
export const ERASING_TASK = 'installation.erase';

/** @returns rows that were removed */
export async function stopWork(tx: Tx): Promise<number> {
  const queries = queriesOf(tx);
  const own = { installation_id: tx.installationId };
  const { rows } = await queries.raw<{ rows: { count: number }[] }>('select remove_jobs(?, ?) as count', [
    tx.installationId,
    ERASING_TASK,
  ]);
  // Not sent: neither in SAP nor on the way there. An attempt that still holds such a row can no longer send it.
  const unsent = await queries('handoffs')
    .where({ ...own, sent: false })
    .whereIn('state', ['pending', 'posting', 'needs_attention', 'cancelled'])
    .delete();
  await queries('installations').where(own).update({
    webhook_secret: null,
    webhook_secret_hash: null,
    old_webhook_secret_hash: null,
  });
  return (rows[0]?.count ?? 0) + unsent;
}
