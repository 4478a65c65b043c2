import type { Handoff } from './ports/handoff-store.ts';
import type { Job } from './ports/job-queue.ts';
import type { Tx } from './ports/unit-of-work.ts';

/** Everything about one deal runs one after the other, over all processes. */
export function handOffJob(tx: Tx, handoff: Pick<Handoff, 'id' | 'dealId'>, dueAt?: Date): Job<'order.hand-off'> {
  return {
    task: 'order.hand-off',
    payload: { handoffId: handoff.id },
    serialKey: `deal:${tx.installationId}:${handoff.dealId}`,
    foldKey: `hand-off:${handoff.id}`,
    priority: 'order',
    ...(dueAt ? { dueAt } : {}),
  };
}

export function writeBackJob(tx: Tx, handoff: Pick<Handoff, 'id' | 'dealId'>, dueAt?: Date): Job<'order.write-back'> {
  return {
    task: 'order.write-back',
    payload: { handoffId: handoff.id },
    serialKey: `deal:${tx.installationId}:${handoff.dealId}`,
    foldKey: `write-back:${handoff.id}`,
    priority: 'status',
    ...(dueAt ? { dueAt } : {}),
  };
}
