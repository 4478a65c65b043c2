import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { after as later } from '../../../server/kernel/clock.ts';
import { NotFoundError, RateLimitedError, RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';
import type { ExhaustedJob, JobDisposition } from '../../../server/queue/job-types.ts';
import { INSTALLATION, type JobBench, jobBench } from '../../support/job-bench.ts';

const SECOND = 1_000;

describe('a job that fails', () => {
  let bench: JobBench;
  beforeAll(async () => {
    bench = await jobBench();
  });
  afterAll(() => bench.close());

  /** Runs a job that meets these errors, one a run, and then succeeds. */
  function meeting(errors: readonly Error[], judge: (error: unknown, attempt: number) => JobDisposition) {
    const attempts: number[] = [];
    const exhausted: { job: ExhaustedJob; error: unknown }[] = [];
    const runner = bench.runner({
      handlers: {
        async 'order.write-back'({ attempt }) {
          attempts.push(attempt);
          const error = errors[attempts.length - 1];
          if (error) throw error;
        },
      },
      disposition: judge,
      onExhausted: async (job, error) => void exhausted.push({ job, error }),
    });
    return { runner, attempts, exhausted };
  }

  const handoffId = '22222222-2222-4222-8222-222222222222';
  const enqueue = () => bench.enqueue('order.write-back', JSON.parse(`{"handoffId":"${handoffId}"}`));

  it('is tried again after the delay that was decided, and each time counts', async () => {
    const away = new UnavailableError('SAP does not answer.');
    const { runner, attempts } = meeting([away, away], (_, attempt) => ({ act: 'retry', delayMs: attempt * SECOND }));
    await enqueue();
    const start = bench.clock.now();

    expect(await runner.runUntilIdle()).toEqual(later(start, SECOND));
    expect(await runner.runUntilIdle()).toEqual(later(start, SECOND));
    expect(attempts).toEqual([1]);
    bench.clock.set(later(start, SECOND));
    expect(await runner.runUntilIdle()).toEqual(later(start, 3 * SECOND));
    bench.clock.set(later(start, 3 * SECOND));
    expect(await runner.runUntilIdle()).toBeUndefined();
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('that is told when to come back runs then, and waiting does not count', async () => {
    const at = later(bench.clock.now(), 90 * SECOND);
    const full = new RateLimitedError('Pipedrive asks for patience.', at);
    const { runner, attempts } = meeting([full], () => ({ act: 'run_at', at }));
    await enqueue();
    expect(await runner.runUntilIdle()).toEqual(at);
    bench.clock.set(at);
    expect(await runner.runUntilIdle()).toBeUndefined();
    expect(attempts).toEqual([1, 1]);
  });

  it('that went well in the end is told of once, and whoever listens cannot make it fail', async () => {
    const settled: unknown[] = [];
    let runs = 0;
    const runner = bench.runner({
      handlers: {
        async 'order.write-back'() {
          runs += 1;
          if (runs === 1) throw new UnavailableError('Pipedrive does not answer.');
        },
      },
      disposition: () => ({ act: 'run_at', at: bench.clock.now() }),
      async onSettled(job) {
        settled.push(job);
        throw new Error('The listener has a defect.');
      },
    });
    await enqueue();
    expect(await runner.runUntilIdle()).toBeUndefined();
    expect(runs).toBe(2);
    expect(settled).toEqual([{ installationId: INSTALLATION, task: 'order.write-back', payload: { handoffId } }]);
  });

  it('is dropped when there is nothing left to do', async () => {
    const { runner, attempts, exhausted } = meeting([new NotFoundError('The deal is gone.')], () => ({ act: 'drop' }));
    await enqueue();
    expect(await runner.runUntilIdle()).toBeUndefined();
    expect(attempts).toEqual([1]);
    expect(exhausted).toEqual([]);
  });

  it('surfaces when a person has to act, with what it was about', async () => {
    const refusal = new RejectedError({
      system: 'sap',
      code: '-5002',
      words: 'Item is frozen',
      message: 'SAP refused.',
    });
    const { runner, exhausted } = meeting([refusal], () => ({ act: 'surface' }));
    await enqueue();
    expect(await runner.runUntilIdle()).toBeUndefined();
    expect(exhausted).toEqual([
      {
        job: {
          installationId: INSTALLATION,
          task: 'order.write-back',
          payload: { handoffId },
          attempt: 1,
          jobId: expect.stringMatching(/^\d+$/),
        },
        error: refusal,
      },
    ]);
  });

  it('surfaces when what it carries cannot be read, without reaching its handler', async () => {
    const { runner, attempts, exhausted } = meeting([], () => ({ act: 'surface' }));
    await bench.enqueue('order.write-back', JSON.parse('{"handoffId":"not a uuid"}'));
    await runner.runUntilIdle();
    expect(attempts).toEqual([]);
    expect(exhausted).toHaveLength(1);
  });

  it('leaves its place to a newer job with its fold key instead of running beside it', async () => {
    const ran: number[] = [];
    const runner = bench.runner({
      handlers: {
        async 'deal.consider'({ attempt }, { dealId }) {
          ran.push(dealId);
          if (dealId !== 1) return;
          await bench.consider(2, { foldKey: 'deal', serialKey: 'deal' });
          throw new Error(`attempt ${attempt} failed`);
        },
      },
      disposition: () => ({ act: 'retry', delayMs: SECOND }),
    });
    await bench.consider(1, { foldKey: 'deal', serialKey: 'deal' });
    expect(await runner.runUntilIdle()).toBeUndefined();
    expect(ran).toEqual([1, 2]);
  });

  it('is kept by the job library when what becomes of it cannot be stored, and surfaces after five such ends', async () => {
    const { runner, exhausted } = meeting([new Error('a defect')], () => {
      throw new Error('no decision');
    });
    await enqueue();
    await runner.runUntilIdle();
    const jobs = bench.database.db('graphile_worker._private_jobs');
    expect(await jobs.clone().select('attempts', 'locked_at')).toEqual([{ attempts: 1, locked_at: null }]);

    await jobs.clone().update({ attempts: 5 });
    const sweeping = bench.runner({
      timing: { sweepMs: 5 },
      onExhausted: async (job, error) => void exhausted.push({ job, error }),
    });
    sweeping.start();
    await expect.poll(() => jobs.clone().count(), { timeout: 10_000 }).toEqual([{ count: '0' }]);
    expect(exhausted).toMatchObject([{ job: { task: 'order.write-back', payload: { handoffId } } }]);
  });
});
