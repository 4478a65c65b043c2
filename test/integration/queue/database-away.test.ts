import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JobBench, jobBench } from '../../support/job-bench.ts';

/** OP-02: where the worker itself ends with its connections, its job is free again within two minutes. */
const PATIENCE = { timeout: 120_000, interval: 20 };

describe('a started job runner', () => {
  let bench: JobBench;
  beforeEach(async () => {
    bench = await jobBench();
  });
  afterEach(() => bench.close());

  async function cutConnections(): Promise<void> {
    const client = new pg.Client({ connectionString: bench.database.superuserUrl });
    await client.connect();
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'orderline queue' and datname = current_database()`,
    );
    await client.end();
  }

  it('goes on after the database has cut all its connections, also in the middle of a job', {
    timeout: 180_000,
  }, async () => {
    const ran: number[] = [];
    const runner = bench.runner({
      handlers: {
        async 'deal.consider'(_, { dealId }) {
          ran.push(dealId);
          if (dealId === 1) await cutConnections();
        },
      },
    });
    runner.start();
    await bench.consider(1, { serialKey: 'deal' });
    await bench.consider(2, { serialKey: 'deal' });
    await expect.poll(() => [...new Set(ran)].sort(), PATIENCE).toEqual([1, 2]);
    await bench.consider(3, { serialKey: 'deal' });
    await expect.poll(() => ran, PATIENCE).toContain(3);
    await expect.poll(() => bench.database.db('graphile_worker._private_jobs').select(), PATIENCE).toEqual([]);
  });
});
