import { runTaskList, type TaskList } from 'graphile-worker';
import type pg from 'pg';
import type { Logger } from '../kernel/logger.ts';
import { createHeartbeat } from './heartbeat.ts';
import { BATCHED, libraryLogger } from './library-settings.ts';
import { repeat } from './repeat.ts';

export interface WorkerOptions {
  readonly pool: pg.Pool;
  readonly tasks: TaskList;
  readonly concurrency: number;
  readonly logger: Logger;
  readonly beatMs: number;
  /** The worker was given up in the meantime; its jobs may run elsewhere. */
  readonly onLost: () => void;
  /** The worker has ended without being asked to. */
  readonly onDeath: () => void;
}

export interface Worker {
  readonly id: string;
  /** Takes no new job. Resolves when those under way have ended and their locks are gone. */
  stop(): Promise<void>;
}

/** Runs jobs until it is stopped, and shows that it is alive. */
export function startWorker(options: WorkerOptions): Worker {
  const { pool, tasks, concurrency, logger, beatMs, onLost, onDeath } = options;
  const library = runTaskList(
    {
      concurrency,
      noHandleSignals: true,
      pollInterval: 1_000,
      logger: libraryLogger(logger),
      preset: BATCHED,
    },
    tasks,
    pool,
  );
  const heartbeat = createHeartbeat(pool, library.id);
  const onError = (error: unknown): void => logger.error('the heartbeat failed', error);
  const beat = async (): Promise<void> => {
    if (await heartbeat.beat()) return;
    logger.warn('this worker was taken for dead; its jobs may run elsewhere', { workerId: library.id });
    onLost();
  };
  const firstBeat = beat().catch(onError);
  const beats = repeat(beatMs, beat, onError);

  let asked = false;
  const ended = library.promise.then(
    () => true,
    (error: unknown) => {
      logger.error('a worker ended with an error', error, { workerId: library.id });
      return false;
    },
  );
  const over = ended.then(async (clean) => {
    await Promise.all([firstBeat, beats.stop()]);
    // After an error it may still hold jobs: then the row is left to grow old, and the sweep frees them.
    if (clean) await heartbeat.end().catch(onError);
    if (!asked) onDeath();
  });

  return {
    id: library.id,
    async stop() {
      asked = true;
      await Promise.resolve(library.gracefulShutdown('The process is ending.')).catch(() => undefined);
      await over;
    },
  };
}
