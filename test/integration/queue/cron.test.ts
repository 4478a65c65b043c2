import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CronJob, dueIfLastRunBy } from '../../../server/queue/cron.ts';
import { type JobBench, jobBench } from '../../support/job-bench.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a cron job', () => {
  let bench: JobBench;
  beforeAll(async () => {
    bench = await jobBench();
  });
  afterAll(() => bench.close());

  /** Two runners, as in two processes, that plan the same cron job. */
  function pair(cron: (plan: () => Promise<void>) => CronJob, plan: () => Promise<void> = async () => undefined) {
    let planned = 0;
    const job = cron(async () => {
      planned += 1;
      await plan();
    });
    const runners = [bench.runner({ cron: [job] }), bench.runner({ cron: [job] })];
    return {
      planned: () => planned,
      tick: () => Promise.all(runners.map((runner) => runner.wake())),
    };
  }

  it('is planned once a tick, however many runners look', async () => {
    const { planned, tick } = pair((plan) => ({ name: 'every five minutes', everyMs: 5 * MINUTE, plan }));
    await Promise.all([tick(), tick(), tick()]);
    expect(planned()).toBe(1);
    bench.clock.advance(5 * MINUTE - 1);
    await tick();
    expect(planned()).toBe(1);
    bench.clock.advance(1);
    await Promise.all([tick(), tick()]);
    expect(planned()).toBe(2);
  });

  it('is planned once after the clock has leapt over many ticks', async () => {
    const { planned, tick } = pair((plan) => ({ name: 'leap', everyMs: 5 * MINUTE, plan }));
    await tick();
    bench.clock.advance(3 * HOUR);
    await tick();
    await tick();
    expect(planned()).toBe(2);
  });

  it('is planned daily at its time', async () => {
    bench.clock.set(new Date('2026-03-05T01:00:00Z'));
    const { planned, tick } = pair((plan) => ({ name: 'nightly', dailyAt: '02:30', plan }));
    await tick();
    const counts = [];
    for (const time of [
      '2026-03-05T02:29:59Z',
      '2026-03-05T02:30:00Z',
      '2026-03-06T02:29:00Z',
      '2026-03-08T12:00:00Z',
    ]) {
      bench.clock.set(new Date(time));
      await tick();
      counts.push(planned());
    }
    expect(counts).toEqual([1, 2, 2, 3]);
  });

  it('that could not be planned is not taken for planned', async () => {
    let working = false;
    const { planned, tick } = pair(
      (plan) => ({ name: 'sometimes', everyMs: MINUTE, plan }),
      async () => {
        if (!working) throw new Error('the database was away');
      },
    );
    await tick();
    expect(planned()).toBe(1);
    // The pause before the next try is real time: as if it were over.
    await bench.database.db('cron_runs').where({ name: 'sometimes' }).update({ claimed_until: null });
    working = true;
    await tick();
    await tick();
    expect(planned()).toBe(2);
  });

  it('is planned by another process when the one that claimed it died', async () => {
    const { planned, tick } = pair((plan) => ({ name: 'claimed', everyMs: MINUTE, plan }));
    const claims = bench.database.db('cron_runs');
    await claims
      .clone()
      .insert({ name: 'claimed', claimed_until: bench.database.db.raw(`now() + interval '2 minutes'`) });
    await tick();
    expect(planned()).toBe(0);
    await claims.clone().where({ name: 'claimed' }).update({ claimed_until: bench.database.db.fn.now() });
    await tick();
    expect(planned()).toBe(1);
  });

  it('is planned when jobs are run until idle, unless that is not wanted', async () => {
    const planned: string[] = [];
    const plan = async (): Promise<void> => void planned.push('once');
    const runner = bench.runner({ cron: [{ name: 'idle', everyMs: MINUTE, plan }] });
    await runner.runUntilIdle({ cron: false });
    expect(planned).toEqual([]);
    await runner.runUntilIdle();
    expect(planned).toEqual(['once']);
  });

  it('knows the last tick before, at and after its time of day', () => {
    const job: CronJob = { name: 'x', dailyAt: '02:30', plan: async () => undefined };
    const at = (now: string) => dueIfLastRunBy(job, new Date(now)).toISOString();
    expect(at('2026-03-05T02:29:59.999Z')).toBe('2026-03-04T02:29:59.999Z');
    expect(at('2026-03-05T02:30:00.000Z')).toBe('2026-03-05T02:29:59.999Z');
    expect(at('2026-03-05T23:59:00.000Z')).toBe('2026-03-05T02:29:59.999Z');
  });
});
