import type { ConnectionId } from '../kernel/ids.ts';
import type { Job } from './ports/job-queue.ts';
import type { Tx } from './ports/unit-of-work.ts';

/** Removes an installation step by step; one at a time, and a waiting one is not joined by a second. */
export function removeInstallationJob(tx: Tx): Job<'installation.remove'> {
  const key = `removal:${tx.installationId}`;
  return { task: 'installation.remove', payload: {}, serialKey: key, foldKey: key, priority: 'person' };
}

/** Erases what work that was under way has left, and signs out of SAP once no order is on its way any more. */
export function eraseInstallationJob(
  tx: Tx,
  connectionIds: readonly ConnectionId[],
  dueAt: Date,
): Job<'installation.erase'> {
  const key = `erase:${tx.installationId}`;
  return {
    task: 'installation.erase',
    payload: { connectionIds },
    serialKey: key,
    foldKey: key,
    priority: 'person',
    dueAt,
  };
}
