import type { Job } from './ports/job-queue.ts';
import type { Tx } from './ports/unit-of-work.ts';

/** Reads what changed in Pipedrive without a notification. A waiting one is not joined by a second. */
export function fillGapsJob(tx: Tx): Job<'crm.fill-gaps'> {
  const key = `gaps:${tx.installationId}`;
  return { task: 'crm.fill-gaps', payload: {}, serialKey: key, foldKey: key, priority: 'order' };
}

/** Compares all linked records with Pipedrive, or goes on with that. */
export function compareJob(tx: Tx): Job<'crm.compare'> {
  const key = `compare:${tx.installationId}`;
  return { task: 'crm.compare', payload: {}, serialKey: key, foldKey: key, priority: 'background' };
}
