import { randomUUID } from 'node:crypto';
import type { Job, TaskName } from '../../server/app/ports/job-queue.ts';
import { jobQueue } from '../../server/db/job-queue.ts';
import { createUnitOfWork } from '../../server/db/unit-of-work.ts';
import { installationId } from '../../server/kernel/ids.ts';
import { silentLogger } from '../../server/kernel/logger.ts';
import { createJobRunner, type JobRunner, type JobRunnerOptions } from '../../server/queue/job-runner.ts';
import type { JobHandlers } from '../../server/queue/job-types.ts';
import { type FreshDatabase, freshDatabase } from './fresh-database.ts';
import { createJobLog, type JobLog, loggingHandlers, openJobLog } from './job-log.ts';
import { type MovableClock, movableClock } from './movable-clock.ts';
import { startWorkerProcess, type WorkerProcess } from './start-worker-process.ts';

export const INSTALLATION = installationId(randomUUID());

/** A database, a clock and runners to try the queue with. Closes all that it opened. */
export interface JobBench {
  readonly database: FreshDatabase;
  readonly clock: MovableClock;
  readonly log: JobLog;
  enqueue<T extends TaskName>(task: T, payload: Job<T>['payload'], rest?: Partial<Job<T>>): Promise<void>;
  /** `deal.consider`, which writes to the log. */
  consider(dealId: number, rest?: Partial<Job<'deal.consider'>>): Promise<void>;
  runner(options?: Partial<Omit<JobRunnerOptions, 'handlers'>> & { handlers?: Partial<JobHandlers> }): JobRunner;
  workerProcess(): Promise<WorkerProcess>;
  close(): Promise<void>;
}

export async function jobBench(): Promise<JobBench> {
  const database = await freshDatabase();
  await createJobLog(database.superuserUrl);
  const log = openJobLog(database.appUrl);
  const clock = movableClock();
  const unitOfWork = createUnitOfWork(database.db);
  const toClose: (() => Promise<unknown>)[] = [];

  async function enqueue<T extends TaskName>(task: T, payload: Job<T>['payload'], rest: Partial<Job<T>> = {}) {
    const job: Job<T> = { task, payload, serialKey: `any:${randomUUID()}`, priority: 'order', ...rest };
    await unitOfWork.within(INSTALLATION, (tx) => jobQueue.enqueueWithin(tx, job));
  }

  return {
    database,
    clock,
    log,
    enqueue,
    consider: (dealId, rest) => enqueue('deal.consider', { dealId }, rest),
    runner({ handlers, ...options } = {}) {
      const runner = createJobRunner({
        databaseUrl: database.appUrl,
        clock,
        logger: silentLogger,
        handlers: loggingHandlers(log, handlers),
        disposition: () => ({ act: 'surface' }),
        onExhausted: async () => undefined,
        ...options,
      });
      toClose.push(() => runner.stop(2_000));
      return runner;
    },
    async workerProcess() {
      const worker = await startWorkerProcess(database.appUrl, clock.now());
      toClose.push(() => worker.kill());
      return worker;
    },
    async close() {
      for (const close of toClose.reverse()) await close();
      await log.close();
      await database.drop();
    },
  };
}
