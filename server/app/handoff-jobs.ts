import type { Handoff } from './ports/handoff-store.ts';
import type { Job } from './ports/job-queue.ts';
import type { Tx } from './ports/unit-of-work.ts';

/** Reads the deal again and brings its hand-off in line with it. */
export function considerJob(tx: Tx, dealId: number): Job<'deal.consider'> {
  return {
    task: 'deal.consider',
    payload: { dealId },
    serialKey: `deal:${tx.installationId}:${dealId}`,
    foldKey: `consider:${tx.installationId}:${dealId}`,
    priority: 'order',
  };
}

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

/** Looks what has become of a draft that waited for an approval. A waiting look is not joined by a second. */
export function followDraftJob(tx: Tx, handoff: Pick<Handoff, 'id' | 'dealId'>): Job<'draft.follow'> {
  return {
    task: 'draft.follow',
    payload: { handoffId: handoff.id },
    serialKey: `deal:${tx.installationId}:${handoff.dealId}`,
    foldKey: `draft:${handoff.id}`,
    priority: 'order',
  };
}

/** Looks for hand-offs that lost their job. A waiting sweep is not joined by a second. */
export function sweepJob(tx: Tx): Job<'deals.sweep'> {
  const key = `sweep:${tx.installationId}`;
  return { task: 'deals.sweep', payload: {}, serialKey: key, foldKey: key, priority: 'order' };
}
