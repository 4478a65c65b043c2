import type { JobPriority, JobQueue, ParkedJobs } from '../app/ports/job-queue.ts';
import { queriesOf } from './unit-of-work.ts';

/** The smaller number runs first. */
export const RANK = { person: 0, order: 10, status: 20, background: 30 } as const satisfies Record<JobPriority, number>;

/**
 * Stores jobs in the caller's transaction. Keys are kept apart by installation, fold keys also by task. A job folded
 * into one that waits runs at the earlier of both times, so that repeated triggers never put it off.
 */
export const jobQueue: JobQueue = {
  async enqueueWithin(tx, { task, payload, serialKey, foldKey, priority, dueAt }) {
    await queriesOf(tx).raw('select enqueue_job(?, ?, ?, ?, ?, ?, ?)', [
      task,
      tx.installationId,
      JSON.stringify(payload),
      serialKey,
      foldKey ?? null,
      RANK[priority],
      dueAt ?? null,
    ]);
  },
};

export const parkedJobs: ParkedJobs = {
  async wakeWithin(tx, now) {
    await queriesOf(tx).raw(
      `update scheduled_jobs set due_at = least(due_at, ?)
       where envelope ->> 'parked' = 'true' and envelope ->> 'installationId' = ?`,
      [now, tx.installationId],
    );
  },
};
