import type { Tx } from '../app/ports/unit-of-work.ts';
import { queriesOf } from './unit-of-work.ts';

/** Removing the connections takes settings, links, line details, cursors and runs along. */
const EMPTIED = [
  'connections',
  'connection_trials',
  'grants',
  'crm_fields',
  'crm_webhooks',
  'deliveries',
  'findings',
  'token_ledger',
  'token_budgets',
];

/**
 * Removes all that an installation stored, but for what must outlive it: the audit chain, and the keys of hand-offs that
 * may have reached SAP, without their drafts, since a company that comes back must not order a second time. The row of
 * the installation stays as the name of both.
 */
export async function eraseInstallation(tx: Tx): Promise<void> {
  const queries = queriesOf(tx);
  const own = { installation_id: tx.installationId };
  for (const table of EMPTIED) await queries(table).where(own).delete();
  await queries('handoffs')
    .where({ ...own, sent: false })
    .whereIn('state', ['pending', 'needs_attention', 'cancelled'])
    .delete();
  await queries('handoffs').where(own).update({ draft: null, draft_hash: null, problems: '[]', by_user_id: null });
  await queries('installations').where(own).update({
    status: 'uninstalled',
    company_name: '',
    api_domain: '',
    webhook_secret: null,
    webhook_secret_hash: null,
  });
}
