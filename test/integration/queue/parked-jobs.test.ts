import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parkedJobs } from '../../../server/db/job-queue.ts';
import { createUnitOfWork } from '../../../server/db/unit-of-work.ts';
import { after as later } from '../../../server/kernel/clock.ts';
import { ReauthRequiredError } from '../../../server/kernel/errors.ts';
import { installationId } from '../../../server/kernel/ids.ts';
import { INSTALLATION, type JobBench, jobBench } from '../../support/job-bench.ts';

const HOUR = 60 * 60_000;

describe('a job that waits for Pipedrive to be reconnected', () => {
  let bench: JobBench;
  beforeAll(async () => {
    bench = await jobBench();
  });
  afterAll(() => bench.close());

  it('OP-07 is parked, not failed, and runs at once when it is woken', async () => {
    let connected = false;
    const attempts: number[] = [];
    const runner = bench.runner({
      handlers: {
        async 'order.write-back'({ attempt }) {
          attempts.push(attempt);
          if (!connected) throw new ReauthRequiredError('pipedrive', 'again');
        },
      },
      disposition: () => ({ act: 'park' }),
    });
    const handoffId = randomUUID();
    const payload = JSON.parse(JSON.stringify({ handoffId }));
    await bench.enqueue('order.write-back', payload);
    expect(await runner.runUntilIdle()).toEqual(later(bench.clock.now(), HOUR));

    // Days later, looked at every hour: still the first attempt, and still there.
    for (let hour = 0; hour < 48; hour += 1) {
      bench.clock.advance(HOUR);
      await runner.runUntilIdle();
    }
    expect(new Set(attempts)).toEqual(new Set([1]));

    const unitOfWork = createUnitOfWork(bench.database.db);
    const wake = (id = INSTALLATION) => unitOfWork.within(id, (tx) => parkedJobs.wakeWithin(tx, bench.clock.now()));
    connected = true;
    attempts.length = 0;
    await wake(installationId(randomUUID()));
    await runner.runUntilIdle();
    expect(attempts).toEqual([]);
    await wake();
    expect(await runner.runUntilIdle()).toBeUndefined();
    expect(attempts).toEqual([1]);
  });

  it('leaves jobs alone that wait for their own time', async () => {
    const due = later(bench.clock.now(), 5 * HOUR);
    await bench.consider(7, { dueAt: due });
    await createUnitOfWork(bench.database.db).within(INSTALLATION, (tx) =>
      parkedJobs.wakeWithin(tx, bench.clock.now()),
    );
    expect(await bench.runner().runUntilIdle()).toEqual(due);
  });
});
