import { runTaskListOnce, type TaskList } from 'graphile-worker';
import type pg from 'pg';
import type { Logger } from '../kernel/logger.ts';
import { createHeartbeat } from './heartbeat.ts';
import { BATCHED, libraryLogger } from './library-settings.ts';

interface ReadyJobs {
  readonly pool: pg.Pool;
  readonly tasks: TaskList;
  readonly logger: Logger;
  /** Jobs at a time. */
  readonly width: number;
}

/** Runs what can start at this moment, and what becomes ready meanwhile. Jobs behind a serial key may be left over. */
export async function runReadyJobs(jobs: ReadyJobs): Promise<void> {
  await Promise.all(Array.from({ length: jobs.width }, () => runOneByOne(jobs)));
}

async function runOneByOne({ pool, tasks, logger }: ReadyJobs): Promise<void> {
  const client = await pool.connect();
  try {
    const library = runTaskListOnce(
      { noHandleSignals: true, logger: libraryLogger(logger), preset: BATCHED },
      tasks,
      client,
    );
    const heartbeat = createHeartbeat(pool, library.id);
    await heartbeat.beat();
    await library.promise;
    await heartbeat.end();
  } finally {
    client.release();
  }
}
