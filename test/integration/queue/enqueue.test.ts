import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobPriority } from '../../../server/app/ports/job-queue.ts';
import { jobQueue } from '../../../server/db/job-queue.ts';
import { createUnitOfWork } from '../../../server/db/unit-of-work.ts';
import { after as later } from '../../../server/kernel/clock.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { INSTALLATION, type JobBench, jobBench } from '../../support/job-bench.ts';

const MINUTE = 60_000;

describe('a job', () => {
  let bench: JobBench;
  let seen: number;
  beforeAll(async () => {
    bench = await jobBench();
  });
  beforeEach(async () => {
    seen = (await bench.log.read()).length;
  });
  afterAll(() => bench.close());

  /** Deals considered since the test began, in order. */
  const considered = async (): Promise<number[]> =>
    (await bench.log.read()).slice(seen).flatMap(({ event, deal_id }) => (event === 'begin' ? [deal_id] : []));

  it('exists only if the transaction that enqueues it commits', async () => {
    const runner = bench.runner();
    const unitOfWork = createUnitOfWork(bench.database.db);
    const job = { task: 'deal.consider', payload: { dealId: 1 }, serialKey: 'deal:1', priority: 'order' } as const;
    const attempt = unitOfWork.within(INSTALLATION, async (tx) => {
      await jobQueue.enqueueWithin(tx, job);
      await jobQueue.enqueueWithin(tx, { ...job, dueAt: bench.clock.now() });
      throw new Error('the fact did not happen');
    });
    await expect(attempt).rejects.toThrow('the fact did not happen');
    expect(await runner.runUntilIdle()).toBeUndefined();
    expect(await considered()).toEqual([]);

    await unitOfWork.within(INSTALLATION, (tx) => jobQueue.enqueueWithin(tx, job));
    await runner.runUntilIdle();
    expect(await considered()).toEqual([1]);
  });

  it('runs when our clock says so, and tells when that is', async () => {
    const runner = bench.runner();
    const dueAt = later(bench.clock.now(), 10 * MINUTE);
    await bench.consider(2, { dueAt });
    expect(await runner.runUntilIdle()).toEqual(dueAt);
    expect(await considered()).toEqual([]);

    bench.clock.advance(10 * MINUTE - 1);
    expect(await runner.runUntilIdle()).toEqual(dueAt);
    bench.clock.advance(1);
    expect(await runner.runUntilIdle()).toBeUndefined();
    expect(await considered()).toEqual([2]);
  });

  it('lets a test move its clock from one due time to the next', async () => {
    const runner = bench.runner();
    const start = bench.clock.now();
    for (const minutes of [30, 10, 20]) await bench.consider(minutes, { dueAt: later(start, minutes * MINUTE) });
    const next = await runner.runUntilIdle({
      advanceTo(dueAt) {
        if (dueAt > later(start, 20 * MINUTE)) return false;
        bench.clock.set(dueAt);
        return true;
      },
    });
    expect(await considered()).toEqual([10, 20]);
    expect(next).toEqual(later(start, 30 * MINUTE));
    bench.clock.set(later(start, 30 * MINUTE));
    await runner.runUntilIdle();
  });

  it('goes before others by who waits for it', async () => {
    const runner = bench.runner();
    const priorities: JobPriority[] = ['background', 'status', 'person', 'order'];
    for (const [dealId, priority] of priorities.entries()) await bench.consider(dealId, { priority });
    await runner.runUntilIdle();
    expect(await considered()).toEqual([2, 3, 1, 0]);
  });

  it('is folded into one that waits: ten triggers make one run, with what the last one carried', async () => {
    const runner = bench.runner();
    await Promise.all(Array.from({ length: 9 }, () => bench.consider(3, { foldKey: 'deal' })));
    await bench.consider(4, { foldKey: 'deal' });
    await runner.runUntilIdle();
    expect(await considered()).toEqual([4]);
  });

  it('is folded at the earlier of both times, so that no trigger puts another off', async () => {
    const runner = bench.runner();
    const start = bench.clock.now();
    await bench.consider(5, { foldKey: 'deal', dueAt: later(start, 10 * MINUTE) });
    await bench.consider(6, { foldKey: 'deal', dueAt: later(start, 20 * MINUTE) });
    expect(await runner.runUntilIdle()).toEqual(later(start, 10 * MINUTE));

    await bench.consider(7, { foldKey: 'deal' });
    await bench.consider(8, { foldKey: 'deal', dueAt: later(start, 5 * MINUTE) });
    expect(await runner.runUntilIdle()).toBeUndefined();
    expect(await considered()).toEqual([8]);
  });

  it('is not folded into one of another task, or of another installation', async () => {
    const cards: string[] = [];
    const runner = bench.runner({
      handlers: {
        'deals.sweep': async () => void cards.push('sweep'),
        'webhooks.ensure': async () => void cards.push('webhooks'),
      },
    });
    const other = createUnitOfWork(bench.database.db);
    await bench.enqueue('deals.sweep', {}, { foldKey: 'same' });
    await bench.enqueue('webhooks.ensure', {}, { foldKey: 'same' });
    await other.within(installationId(randomUUID()), (tx) =>
      jobQueue.enqueueWithin(tx, {
        task: 'deals.sweep',
        payload: {},
        serialKey: 's',
        foldKey: 'same',
        priority: 'order',
      }),
    );
    await runner.runUntilIdle();
    expect(cards.sort()).toEqual(['sweep', 'sweep', 'webhooks']);
  });

  it('that arrives while its like is running makes another run', async () => {
    const ran: number[] = [];
    const runner = bench.runner({
      handlers: {
        async 'deal.consider'(_, { dealId }) {
          ran.push(dealId);
          if (dealId === 20) await bench.consider(21, { foldKey: 'deal', serialKey: 'deal' });
        },
      },
    });
    await bench.consider(20, { foldKey: 'deal', serialKey: 'deal' });
    await runner.runUntilIdle();
    expect(ran).toEqual([20, 21]);
  });
});
