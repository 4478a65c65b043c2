import type { Clock } from '../kernel/clock.ts';
import { fillGapsJob } from './crm-reading-jobs.ts';
import type { CrmReadingStore } from './ports/crm-readings.ts';
import type { JobQueue } from './ports/job-queue.ts';
import type { Tx } from './ports/unit-of-work.ts';

export interface SuspectGapDeps {
  readonly clock: Clock;
  readonly readings: Pick<CrmReadingStore, 'suspect'>;
  readonly jobs: JobQueue;
}

/**
 * For whoever has reason to think that notifications were lost: all lists of Pipedrive are read by their changes at once,
 * not only those whose turn it is.
 */
export async function suspectGap(deps: SuspectGapDeps, tx: Tx): Promise<void> {
  await deps.readings.suspect(tx, deps.clock.now());
  await deps.jobs.enqueueWithin(tx, fillGapsJob(tx));
}
