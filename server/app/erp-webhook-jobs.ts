import type { ConnectionId } from '../kernel/ids.ts';
import type { Job, JobPriority } from './ports/job-queue.ts';

/** One at a time for a connection; a waiting one is not joined by a second. */
export function ensureErpWebhookJob(connectionId: ConnectionId, priority: JobPriority): Job<'erp-webhooks.ensure'> {
  const key = `erp-webhooks:${connectionId}`;
  return { task: 'erp-webhooks.ensure', payload: { connectionId }, serialKey: key, foldKey: key, priority };
}
