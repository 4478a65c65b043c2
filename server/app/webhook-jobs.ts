import type { Job, JobPriority } from './ports/job-queue.ts';
import type { Tx } from './ports/unit-of-work.ts';

/** One at a time for an installation; a waiting one is not joined by a second. */
export function ensureWebhooksJob(tx: Tx, priority: JobPriority): Job<'webhooks.ensure'> {
  const key = `webhooks:${tx.installationId}`;
  return { task: 'webhooks.ensure', payload: {}, serialKey: key, foldKey: key, priority };
}

/** All webhooks anew, without a gap; never folded into a job that would only look. */
export function renewWebhooksJob(tx: Tx, priority: JobPriority): Job<'webhooks.ensure'> {
  const job = ensureWebhooksJob(tx, priority);
  return { ...job, payload: { renew: true }, foldKey: `${job.serialKey}:renew` };
}
