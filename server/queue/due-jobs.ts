import type pg from 'pg';
import { z } from 'zod';

const BATCH = 100;

const Promoted = z.object({ promoted: z.int() });
const Due = z.object({ due_at: z.date().nullable() });
const Ready = z.object({ ready: z.boolean() });

/**
 * Hands every job that is due by our clock to the workers. Safe in any number of processes at once.
 * @returns how many
 */
export async function promoteDueJobs(pool: pg.Pool, now: Date): Promise<number> {
  let total = 0;
  for (;;) {
    const { rows } = await pool.query('select promote_due_jobs($1, $2) as promoted', [now, BATCH]);
    const { promoted } = Promoted.parse(rows[0]);
    total += promoted;
    if (promoted < BATCH) return total;
  }
}

/** When, by our clock, the earliest job that waits for its time is due. */
export async function nextDueTime(pool: pg.Pool): Promise<Date | undefined> {
  const { rows } = await pool.query('select min(due_at) as due_at from scheduled_jobs');
  return Due.parse(rows[0]).due_at ?? undefined;
}

/** Whether a job could start at this moment. */
export async function hasReadyJobs(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query(
    `select exists (
       select from graphile_worker._private_jobs as job
       left join graphile_worker._private_job_queues as queue on queue.id = job.job_queue_id
       where job.is_available and job.run_at <= now() and queue.is_available is not false
     ) as ready`,
  );
  return Ready.parse(rows[0]).ready;
}
