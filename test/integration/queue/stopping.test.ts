import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobContext } from '../../../server/queue/job-types.ts';
import { type JobBench, jobBench } from '../../support/job-bench.ts';

const PATIENCE = { timeout: 20_000, interval: 20 };

/** A promise and what settles it. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const untilAborted = ({ signal }: JobContext): Promise<void> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

describe('stopping a job runner', () => {
  let bench: JobBench;
  beforeEach(async () => {
    bench = await jobBench();
  });
  afterEach(() => bench.close());

  it('waits for the job under way and takes no other', async () => {
    const began = gate();
    const mayEnd = gate();
    const ended: number[] = [];
    const runner = bench.runner({
      concurrency: 1,
      handlers: {
        async 'deal.consider'(_, { dealId }) {
          began.open();
          await mayEnd.opened;
          ended.push(dealId);
        },
      },
    });
    runner.start();
    await bench.consider(1);
    await began.opened;
    await bench.consider(2);
    const stopped = runner.stop();
    mayEnd.open();
    expect(await stopped).toBe(true);
    expect(ended).toEqual([1]);

    const { db } = bench.database;
    expect(await db('worker_heartbeats').select()).toEqual([]);
    expect(await db('graphile_worker._private_jobs').select('locked_by')).toEqual([{ locked_by: null }]);
  });

  it('asks a job that takes too long to stop, and runs it again later without counting it', async () => {
    const began = gate();
    const attempts: number[] = [];
    const runner = bench.runner({
      handlers: {
        async 'deal.consider'(context) {
          attempts.push(context.attempt);
          began.open();
          await untilAborted(context);
        },
      },
    });
    runner.start();
    await bench.consider(1);
    await began.opened;
    expect(await runner.stop(3_000)).toBe(true);

    const next = bench.runner({
      handlers: { 'deal.consider': async ({ attempt }) => void attempts.push(attempt) },
    });
    await next.runUntilIdle();
    expect(attempts).toEqual([1, 1]);
  });

  it('ends in time when a job does not listen; its lock stays, so that nothing runs beside it', async () => {
    const began = gate();
    const mayEnd = gate();
    const runner = bench.runner({
      handlers: {
        async 'deal.consider'() {
          began.open();
          await mayEnd.opened;
        },
      },
    });
    runner.start();
    await bench.consider(1);
    await began.opened;
    expect(await runner.stop(100)).toBe(false);
    const { db } = bench.database;
    expect(await db('graphile_worker._private_jobs').whereNotNull('locked_by').select('attempts')).toHaveLength(1);
    expect(await db('worker_heartbeats').select()).toHaveLength(1);
    mayEnd.open();
  });

  it('aborts a job that was given to another worker, and leaves it to that one', async () => {
    const began = gate();
    const reasons: unknown[] = [];
    const runner = bench.runner({
      timing: { beatMs: 20 },
      handlers: {
        async 'deal.consider'(context) {
          began.open();
          await untilAborted(context).catch((reason: unknown) => reasons.push(reason));
          throw new Error('cut short');
        },
      },
    });
    runner.start();
    await bench.consider(1);
    await began.opened;

    const { db } = bench.database;
    await expect.poll(() => db('worker_heartbeats').select(), PATIENCE).toHaveLength(1);
    await db.transaction(async (trx) => {
      await trx('worker_heartbeats').del();
      await trx('graphile_worker._private_jobs').update({ locked_by: 'another worker' });
      await trx('graphile_worker._private_job_queues').update({ locked_by: 'another worker' });
    });
    await expect.poll(() => reasons, PATIENCE).toHaveLength(1);
    expect(await runner.stop()).toBe(true);
    expect(await db('graphile_worker._private_jobs').select('locked_by')).toEqual([{ locked_by: 'another worker' }]);
    expect(await db('scheduled_jobs').select()).toEqual([]);
  });
});
