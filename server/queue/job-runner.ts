import type { TaskList } from 'graphile-worker';
import pg from 'pg';
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import { surfaceCrashedJobs } from './crashed-jobs.ts';
import { type CronJob, runDueCronJobs } from './cron.ts';
import { hasReadyJobs, nextDueTime, promoteDueJobs } from './due-jobs.ts';
import type { JobDisposition, JobHandlers, OnExhausted, OnSettled } from './job-types.ts';
import { taskNames } from './payload-schemas.ts';
import { type Repeated, repeat } from './repeat.ts';
import { makeTask } from './run-job.ts';
import { runReadyJobs } from './run-ready-jobs.ts';
import { createRunningJobs } from './running-jobs.ts';
import { sweepWorkers } from './sweep-workers.ts';
import { startWorker, type Worker } from './worker.ts';

export interface JobRunnerOptions {
  /** As the application role. The runner has a pool of its own: `concurrency` and four connections. */
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly handlers: JobHandlers;
  readonly disposition: (error: unknown, attempt: number) => JobDisposition;
  /** Told of every job that is not tried again by itself and that a person should know of. */
  readonly onExhausted: OnExhausted;
  /** Told of every job that went well; its failure is noted and changes nothing. */
  readonly onSettled?: OnSettled;
  readonly cron?: readonly CronJob[];
  /** Jobs at a time in this process; default 4. */
  readonly concurrency?: number;
  readonly timing?: Partial<Timing>;
}

/** Real time, in milliseconds. */
export interface Timing {
  /** Between looks at what our clock has made due. */
  readonly tickMs: number;
  readonly beatMs: number;
  readonly sweepMs: number;
}

const DEFAULT_TIMING: Timing = { tickMs: 1_000, beatMs: 10_000, sweepMs: 15_000 };
const RESTART_MS = 1_000;
const DEFAULT_GRACE_MS = 30_000;

export interface IdleOptions {
  /**
   * Called when nothing is ready, with the time at which the next job is due: moves the clock there and gives true, or
   * gives false to end.
   */
  readonly advanceTo?: (dueAt: Date) => boolean;
  /** Whether cron jobs that are due are planned too; default true. */
  readonly cron?: boolean;
  /** Jobs at a time, at most the runner's own number; default 1, which makes the order of a test repeatable. */
  readonly concurrency?: number;
}

export interface JobRunner {
  /** Runs jobs as they come, until `stop`. */
  start(): void;
  /** Looks at once for what has become due, without waiting for the next tick. */
  wake(): Promise<void>;
  /**
   * Takes no new job and waits for those under way; near the end of the time it aborts their signals. Always to be called
   * in the end, since it closes the pool.
   * @param graceMs at most 30,000; default that
   * @returns false if jobs were still running: they stay locked until this process is known to have died
   */
  stop(graceMs?: number): Promise<boolean>;
  /**
   * Without `start`: runs everything that is due by the clock, and what follows from it, until nothing is ready.
   * @returns when the next job is due, if one waits
   */
  runUntilIdle(options?: IdleOptions): Promise<Date | undefined>;
}

/** Runs the jobs of this process beside any number of other processes on the same database. */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { clock, logger, onExhausted, cron = [], concurrency = 4 } = options;
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  const pool = openPool(options.databaseUrl, concurrency + 4, logger);
  const running = createRunningJobs();
  const tasks: TaskList = Object.fromEntries(
    taskNames.map((task) => [task, makeTask(task, { ...options, pool, running })]),
  );
  let worker: Worker | undefined;
  let repeated: Repeated[] = [];
  let stopping: Promise<boolean> | undefined;

  async function tick(withCron = true): Promise<void> {
    if (withCron) await runDueCronJobs({ pool, clock, logger }, cron);
    await promoteDueJobs(pool, clock.now());
  }

  async function sweep(): Promise<void> {
    for (const workerId of await sweepWorkers(pool)) logger.warn('a worker was silent and was given up', { workerId });
    await surfaceCrashedJobs(pool, onExhausted, logger);
  }

  function employ(): void {
    if (stopping) return;
    const onDeath = (): void => void setTimeout(employ, RESTART_MS).unref();
    worker = startWorker({ pool, tasks, concurrency, logger, beatMs: timing.beatMs, onLost: running.loseAll, onDeath });
  }

  async function end(graceMs: number): Promise<boolean> {
    await Promise.all(repeated.map((each) => each.stop()));
    const abort = setTimeout(() => running.abortAll(), graceMs * 0.8);
    const limit = timeLimit(graceMs);
    const finished = await Promise.race([(worker?.stop() ?? Promise.resolve()).then(() => true), limit.over]);
    clearTimeout(abort);
    limit.cancel();
    if (finished) await pool.end();
    else logger.warn('jobs were still running at the end and were left behind');
    return finished;
  }

  return {
    start() {
      if (worker) throw new Error('The job runner has been started already.');
      employ();
      const failed = (what: string) => (error: unknown) => logger.error(`${what} failed`, error);
      repeated = [
        repeat(timing.tickMs, () => tick(), failed('looking for due jobs')),
        repeat(timing.sweepMs, sweep, failed('sweeping dead workers')),
      ];
    },

    wake: () => tick(),

    stop(graceMs = DEFAULT_GRACE_MS) {
      stopping ??= end(Math.min(graceMs, DEFAULT_GRACE_MS));
      return stopping;
    },

    async runUntilIdle({ advanceTo, cron: withCron = true, concurrency: width = 1 } = {}) {
      if (worker) throw new Error('A started job runner runs jobs by itself.');
      for (;;) {
        await tick(withCron);
        if (await hasReadyJobs(pool)) {
          await runReadyJobs({ pool, tasks, logger, width: Math.min(width, concurrency) });
          continue;
        }
        const next = await nextDueTime(pool);
        if (!next || !advanceTo?.(next)) return next;
      }
    },
  };
}

function openPool(databaseUrl: string, max: number, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: 'orderline queue',
  });
  // A connection that breaks while nobody uses it is replaced by the pool; without a listener it would end the process.
  const onError = (): void => logger.warn('a database connection of the job queue broke');
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  return pool;
}

function timeLimit(ms: number): { over: Promise<false>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return { over, cancel: () => clearTimeout(timer) };
}
