import { after } from '../kernel/clock.ts';
import type { CrmEntity } from './ports/crm-changes.ts';
import type { Job } from './ports/job-queue.ts';
import type { Tx } from './ports/unit-of-work.ts';

/** What follows from a change of master data can wait so long: a hundred read together cost as much as ten. */
const GATHERED_MS = 30_000;

/** Reads what waits of one kind. Deals at once; a waiting run is not joined by a second. */
export function reReadJob(tx: Tx, entity: CrmEntity, now: Date): Job<'crm.re-read'> {
  const key = `re-read:${tx.installationId}:${entity}`;
  const job = { task: 'crm.re-read', payload: { entity }, serialKey: key, foldKey: key } as const;
  if (entity === 'deal') return { ...job, priority: 'order' };
  return { ...job, priority: 'background', dueAt: after(now, GATHERED_MS) };
}
