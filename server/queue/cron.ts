import type pg from 'pg';
import { after, type Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';

/**
 * Something to be planned again and again, by our clock. `plan` enqueues and does no work itself; it may be called twice
 * for one tick when a process dies, so its jobs carry fold keys.
 */
export type CronJob = { readonly name: string; readonly plan: () => Promise<void> } & (
  | { readonly everyMs: number }
  /** `HH:MM` in UTC. */
  | { readonly dailyAt: string }
);

const DAY_MS = 24 * 60 * 60 * 1000;

/** Plans what is due: over all processes once a tick, and once, not many times, after the clock has leapt. */
export async function runDueCronJobs(
  { pool, clock, logger }: { pool: pg.Pool; clock: Clock; logger: Logger },
  jobs: readonly CronJob[],
): Promise<void> {
  for (const job of jobs) {
    const now = clock.now();
    if (!(await claim(pool, job.name, dueIfLastRunBy(job, now)))) continue;
    try {
      await job.plan();
      await pool.query('update cron_runs set last_run_at = $2, claimed_until = null where name = $1', [job.name, now]);
    } catch (error) {
      logger.error('a cron job could not be planned', error, { cron: job.name });
      await pool.query(
        `update cron_runs set claimed_until = clock_timestamp() + interval '10 seconds' where name = $1`,
        [job.name],
      );
    }
  }
}

/** A job whose last run is not later than this is due. */
export function dueIfLastRunBy(job: CronJob, now: Date): Date {
  return 'everyMs' in job ? after(now, -job.everyMs) : after(lastDailyTick(job.dailyAt, now), -1);
}

/** The latest moment, not after `now`, at which it was this time of day in UTC. */
function lastDailyTick(time: string, now: Date): Date {
  const today = new Date(`${now.toISOString().slice(0, 10)}T${time}:00.000Z`);
  return today <= now ? today : after(today, -DAY_MS);
}

/** The claim itself runs out by the database's time: a process that dies while it plans must not stop all later ticks. */
async function claim(pool: pg.Pool, name: string, lastRunBy: Date): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into cron_runs (name, claimed_until) values ($1, clock_timestamp() + interval '2 minutes')
     on conflict (name) do update set claimed_until = excluded.claimed_until
     where (cron_runs.last_run_at is null or cron_runs.last_run_at <= $2)
       and (cron_runs.claimed_until is null or cron_runs.claimed_until <= clock_timestamp())`,
    [name, lastRunBy],
  );
  return rowCount === 1;
}
