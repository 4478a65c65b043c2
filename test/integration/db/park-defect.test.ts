import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parkingDefects } from '../../../server/app/inbound-sync/park-defect.ts';
import { createDeadLetters } from '../../../server/app/operations/dead-letters.ts';
import type { Job, JobQueue } from '../../../server/app/ports/job-queue.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { linkStore } from '../../../server/db/link-store.ts';
import { syncRunStore } from '../../../server/db/sync-store.ts';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { movableClock } from '../../support/movable-clock.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

const clock = movableClock();
const task = 'crm.write-items';
let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;
let queued: Job[];
beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
});
beforeEach(async () => {
  tenant = await world.addTenant();
  queued = [];
});
afterAll(() => database.drop());

const jobs: JobQueue = {
  async enqueueWithin(_tx, job) {
    queued.push(job);
  },
};

function giveUp(payload: unknown, error: unknown): Promise<void> {
  const { unitOfWork } = world;
  const letters = createDeadLetters({ clock, logger: silentLogger, unitOfWork, findings: findingStore, jobs });
  return letters.report({ installationId: tenant.id, task, payload, error });
}

describe('a writing job that is given up', () => {
  it('comes back as it is while the other side is away, however often', async () => {
    const payload = { connectionId: tenant.connectionId, keys: ['A1', 'A2'], runId: 'r' };
    await giveUp(payload, new UnavailableError('away'));
    expect(queued).toMatchObject([{ task, payload }]);
    expect(queued[0]?.payload).not.toHaveProperty('givenUp');
  });

  it('comes back record by record after a defect', async () => {
    const payload = { connectionId: tenant.connectionId, keys: ['A1', 'A2'], runId: 'r' };
    await giveUp(payload, new TypeError('a defect'));
    expect(queued.map((job) => job.payload)).toEqual([
      { ...payload, keys: ['A1'], givenUp: 1 },
      { ...payload, keys: ['A2'], givenUp: 1 },
    ]);
  });
});

describe('a record that a defect keeps from being written', () => {
  const defect = async (): Promise<void> => {
    throw new TypeError('a defect');
  };

  async function attempt(runId: string, givenUp: number | undefined, work = defect): Promise<void> {
    const { connectionId, id: installationId } = tenant;
    const { signal } = new AbortController();
    const crmCaller = { installationId, as: 'service', purpose: 'delta', signal } as const;
    const deps = {
      clock,
      unitOfWork: world.unitOfWork,
      links: linkStore,
      runs: syncRunStore,
      findings: findingStore,
    };
    const job = { task, connectionId, keys: ['A1'], runId, givenUp } as const;
    await parkingDefects(deps, { crmCaller }, job, 'item', work);
  }

  it('is left to a person at its second give-up, and the load comes to its end', async () => {
    const { connectionId } = tenant;
    const id = randomUUID();
    const creatingSince = clock.now();
    await tenant.within(async (tx) => {
      const run = {
        id,
        connectionId,
        stream: 'items',
        kind: 'first_load',
        startedAt: clock.now(),
        expected: 1,
      } as const;
      await syncRunStore.start(tx, run);
      await syncRunStore.add(tx, id, { read: 1, changed: 1 });
      await syncRunStore.finishReading(tx, id, clock.now());
      const link = { kind: 'item', sapKey: 'A1', pipedriveId: null, state: 'creating', creatingSince } as const;
      await linkStore.save(tx, connectionId, { ...link, contentHash: null });
    });
    await expect(attempt(id, undefined)).rejects.toThrow('a defect');
    await expect(attempt(id, 1, () => Promise.reject(new UnavailableError('away')))).rejects.toThrow('away');
    await giveUp({ connectionId, keys: ['A1'], runId: id }, new TypeError('a defect'));
    await attempt(id, 1);
    await tenant.within(async (tx) => {
      const open = await findingStore.listOpen(tx, 10);
      expect(open.map(({ kind, subject }) => [kind, subject])).toEqual([['record_refused', 'item:A1']]);
      expect(await syncRunStore.findLast(tx, connectionId, 'items', 'first_load')).toMatchObject({ state: 'done' });
      // Whether it was made is still to be looked up when it is tried again.
      expect(await linkStore.findBySapKey(tx, connectionId, 'item', 'A1')).toMatchObject({
        state: 'creating',
        creatingSince,
      });
    });
  });
});
