import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { after as later } from '../../../server/kernel/clock.ts';
import { type JobBench, jobBench } from '../../support/job-bench.ts';
import { HANGING_DEAL, type LogEntry } from '../../support/job-log.ts';

const DAY = 24 * 60 * 60 * 1000;
const PATIENCE = { timeout: 20_000, interval: 20 };
const NEVER = 24 * 60 * 60 * 1000;

describe('two worker processes on one database', { timeout: 60_000 }, () => {
  let bench: JobBench;
  beforeEach(async () => {
    bench = await jobBench();
  });
  afterEach(() => bench.close());

  const events = async (event: LogEntry['event'], dealId?: number): Promise<LogEntry[]> =>
    (await bench.log.read()).filter((entry) => entry.event === event && (dealId ?? entry.deal_id) === entry.deal_id);

  /** As if a worker had been silent for a minute. */
  const letBeatsGrowOld = (): Promise<unknown> =>
    bench.database.db('worker_heartbeats').update({ beat_at: bench.database.db.raw(`now() - interval '1 minute'`) });

  it('never run two jobs of one serial key at the same time', async () => {
    await bench.workerProcess();
    bench.runner().start();
    // More keys than one process has hands, so that both take part.
    const deals = Array.from({ length: 120 }, (_, index) => index + 1);
    const keyOf = (deal: number): number => deal % 8;
    await Promise.all(deals.map((deal) => bench.consider(deal, { serialKey: `key ${keyOf(deal)}` })));
    await expect.poll(() => events('end'), PATIENCE).toHaveLength(120);

    const log = await bench.log.read();
    expect(new Set(log.map((entry) => entry.pid)).size).toBe(2);
    for (let key = 0; key < 8; key += 1) {
      const ofKey = log.filter((entry) => keyOf(entry.deal_id) === key);
      expect(ofKey.map((entry) => entry.event)).toEqual(ofKey.map((_, index) => (index % 2 === 0 ? 'begin' : 'end')));
      expect(ofKey.every((entry, index) => index % 2 === 0 || entry.deal_id === ofKey[index - 1]?.deal_id)).toBe(true);
    }
  });

  it('do overlap without a serial key in common, so that the test above can fail', async () => {
    await bench.workerProcess();
    bench.runner().start();
    await Promise.all(Array.from({ length: 60 }, (_, index) => bench.consider(index + 1)));
    await expect.poll(() => events('end'), PATIENCE).toHaveLength(60);
    const log = await bench.log.read();
    expect(log.some((entry, index) => entry.event === 'begin' && log[index + 1]?.event === 'begin')).toBe(true);
  });

  it('run what a moved clock has made due, once, without waiting', async () => {
    const workers = await Promise.all([bench.workerProcess(), bench.workerProcess()]);
    const start = bench.clock.now();
    for (let deal = 1; deal <= 20; deal += 1) await bench.consider(deal, { dueAt: later(start, 30 * DAY) });
    expect(await bench.log.read()).toEqual([]);

    for (const worker of workers) worker.setClock(later(start, 30 * DAY));
    await expect.poll(() => events('end'), PATIENCE).toHaveLength(20);
    expect(await events('begin')).toHaveLength(20);
  });

  it('OP-02: what a worker killed with -9 was doing is taken over, and its serial key is free again', async () => {
    const victim = await bench.workerProcess();
    await bench.consider(HANGING_DEAL, { serialKey: 'the one' });
    await bench.consider(7, { serialKey: 'the one' });
    await expect.poll(() => events('begin'), PATIENCE).toHaveLength(1);
    await victim.kill();

    const again: number[] = [];
    const successor = bench.runner({
      timing: { sweepMs: 20 },
      handlers: {
        'deal.consider': async (_, { dealId }) => void again.push(dealId),
      },
    });
    successor.start();
    // Alive a moment ago: nobody may take its jobs yet.
    await bench.consider(8);
    await expect.poll(() => again, PATIENCE).toEqual([8]);

    await letBeatsGrowOld();
    await expect.poll(() => [...again].sort((one, other) => one - other), PATIENCE).toEqual([7, 8, HANGING_DEAL]);
  });

  it('OP-02: without the sweep such a job stays stuck, so the test above can fail', async () => {
    const victim = await bench.workerProcess();
    await bench.consider(HANGING_DEAL, { serialKey: 'the one' });
    await bench.consider(7, { serialKey: 'the one' });
    await expect.poll(() => events('begin'), PATIENCE).toHaveLength(1);
    await victim.kill();
    await letBeatsGrowOld();

    const again: number[] = [];
    const successor = bench.runner({
      timing: { sweepMs: NEVER },
      handlers: { 'deal.consider': async (_, { dealId }) => void again.push(dealId) },
    });
    successor.start();
    for (const canary of [1, 2, 3]) {
      await bench.consider(canary);
      await expect.poll(() => again, PATIENCE).toContain(canary);
    }
    expect([...again].sort()).toEqual([1, 2, 3]);
  });

  it('free what a worker held that died before its first beat', async () => {
    const victim = await bench.workerProcess();
    await bench.consider(HANGING_DEAL);
    await expect.poll(() => events('begin'), PATIENCE).toHaveLength(1);
    await victim.kill();
    const { db } = bench.database;
    await db('worker_heartbeats').del();
    await db('graphile_worker._private_jobs').update({ locked_at: db.raw(`now() - interval '1 minute'`) });
    await db('graphile_worker._private_job_queues').update({ locked_at: db.raw(`now() - interval '1 minute'`) });

    const again: number[] = [];
    const successor = bench.runner({
      timing: { sweepMs: 20 },
      handlers: { 'deal.consider': async (_, { dealId }) => void again.push(dealId) },
    });
    successor.start();
    await expect.poll(() => again, PATIENCE).toEqual([HANGING_DEAL]);
  });
});
