import { describe, expect, it } from 'vitest';
import { createMissedDeliveries, makeReceiveAgain } from '../../../server/app/deliveries/missed-deliveries.ts';
import { makeProcessDelivery } from '../../../server/app/deliveries/process-delivery.ts';
import type { DeliveryStore, NewDelivery } from '../../../server/app/ports/delivery-store.ts';
import type { Installation } from '../../../server/app/ports/installation-store.ts';
import type { Job } from '../../../server/app/ports/job-queue.ts';
import { suspectFailures } from '../../../server/app/suspect-gap.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { fakeTenant, ID, memoryReadings, unitOfWork } from './crm-reading/fake-tenant.ts';

const NOW = new Date('2026-03-02T09:00:00Z');
const MINUTE = 60_000;

function bench(status: Installation['status'] = 'active') {
  const state = { now: NOW, away: false };
  const jobs: Job[] = [];
  const readings = memoryReadings();
  const deps = {
    ...fakeTenant({ status }),
    clock: { now: () => state.now },
    logger: silentLogger,
    readings,
    unitOfWork: {
      within: ((id, work) => {
        if (state.away) throw new Error('The database is away.');
        return unitOfWork.within(id, work);
      }) as typeof unitOfWork.within,
    },
    jobs: { enqueueWithin: async (_tx: unknown, job: Job) => void jobs.push(job) },
  };
  const within = <T>(work: Parameters<typeof unitOfWork.within<T>>[1]) => unitOfWork.within(ID, work);
  const begin = () => within((tx) => readings.save(tx, 'organizations', { newest: NOW, seen: {} }));
  const pass = (minutes: number) => {
    state.now = new Date(state.now.getTime() + minutes * MINUTE);
  };
  return { deps, state, jobs, readings, within, begin, pass };
}

describe('suspectFailures', () => {
  it('WH-11 looks at the webhooks once repeats are over, then reads, and once more when no ban can last any longer', async () => {
    const { deps, jobs, readings, within, begin, pass } = bench();
    await begin();
    await within((tx) => suspectFailures(deps, tx));
    expect(jobs.map(({ task, dueAt }) => [task, dueAt?.toISOString().slice(11, 16)])).toEqual([
      ['webhooks.ensure', '09:03'],
      ['crm.fill-gaps', '09:04'],
    ]);
    const [reading] = await within((tx) => readings.list(tx));
    expect(reading).toMatchObject({ suspected: true, readAgainAt: new Date('2026-03-02T09:30:00Z') });

    // More of the same is read with the next round, and keeps nothing busy.
    pass(10);
    await within((tx) => suspectFailures(deps, tx));
    expect(jobs).toHaveLength(2);
    const [later] = await within((tx) => readings.list(tx));
    expect(later).toMatchObject({ suspected: true, readAgainAt: new Date('2026-03-02T09:40:00Z') });
    pass(31);
    await within((tx) => suspectFailures(deps, tx));
    expect(jobs).toHaveLength(4);
  });
});

describe('deliveries that were answered with 503, or not at all', () => {
  const CALLER = { installationId: ID, companyId: '1', secretHash: new Uint8Array([1, 2]), user: 'hook' };
  const ARRIVED = { headers: {}, body: new Uint8Array(), size: 0, tooLarge: false, mac: new Uint8Array() };

  it('WH-09 are looked for as soon as one can be stored again, once, and none of another address', async () => {
    const { deps, jobs, begin } = bench();
    await begin();
    const missed = createMissedDeliveries(deps);
    const receive = makeReceiveAgain(missed, async () => 'stored');
    await receive(CALLER, ARRIVED);
    missed.note(new Uint8Array([9]));
    await receive(CALLER, ARRIVED);
    expect(jobs).toEqual([]);
    missed.note(new Uint8Array([1, 2]));
    missed.note(new Uint8Array([1, 2]));
    expect(await receive(CALLER, ARRIVED)).toBe('stored');
    expect(jobs).toHaveLength(2);
    await receive(CALLER, ARRIVED);
    expect(jobs).toHaveLength(2);
  });

  it('WH-09 are not forgotten where that cannot be noted, nor by what was stored nowhere', async () => {
    const { deps, state, jobs, begin } = bench();
    await begin();
    const missed = createMissedDeliveries(deps);
    missed.note(CALLER.secretHash);
    await makeReceiveAgain(missed, async () => 'not_ours')(CALLER, ARRIVED);
    state.away = true;
    expect(await makeReceiveAgain(missed, async () => 'stored')(CALLER, ARRIVED)).toBe('stored');
    state.away = false;
    expect(jobs).toEqual([]);
    await makeReceiveAgain(missed, async () => 'duplicate')(CALLER, ARRIVED);
    expect(jobs).toHaveLength(2);
  });

  it('are nobody’s where the app is parked: connecting again reads everything', async () => {
    const { deps, jobs } = bench('reauth_required');
    const missed = createMissedDeliveries(deps);
    missed.note(CALLER.secretHash);
    await makeReceiveAgain(missed, async () => 'stored')(CALLER, ARRIVED);
    expect(jobs).toEqual([]);
  });
});

describe('a delivery that Pipedrive had to repeat', () => {
  const body = (meta: object, rest: object = {}) =>
    new TextEncoder().encode(
      JSON.stringify({ meta: { action: 'change', entity: 'deal', entity_id: '7', ...meta }, ...rest }),
    );
  const V1 = { action: 'updated', object: 'deal', id: 7 };

  async function jobsAfter(bytes: Uint8Array, receivedAt = NOW) {
    const { deps, jobs, begin } = bench();
    await begin();
    const told: unknown[] = [];
    const deliveries: Pick<DeliveryStore, 'find' | 'setState'> = {
      find: async () => ({ source: 'pipedrive', state: 'new', body: bytes, receivedAt }) as NewDelivery,
      setState: async (_tx, _id, state, _now, entity) => void told.push([state, entity]),
    };
    const changes = { note: async () => undefined };
    await makeProcessDelivery({ ...deps, deliveries, changes } as never)(ID, 'd-1');
    return { tasks: jobs.map(({ task }) => task), told };
  }

  it('WH-11 shows that deliveries failed: webhooks are looked at, and what was lost is read', async () => {
    for (const bytes of [body({ attempt: 2 }), body({ attempt: 4 }), body(V1, { retry: 1 })])
      expect((await jobsAfter(bytes)).tasks).toEqual(['crm.re-read', 'webhooks.ensure', 'crm.fill-gaps']);
    for (const bytes of [body({}), body({ attempt: 1 }), body({ attempt: '2' }), body(V1, { retry: 0 })])
      expect((await jobsAfter(bytes)).tasks).toEqual(['crm.re-read']);
  });

  it('WH-14 that is replayed shows nothing', async () => {
    const anHourAgo = new Date(NOW.getTime() - 60 * MINUTE);
    expect((await jobsAfter(body({ attempt: 2 }), anHourAgo)).tasks).toEqual(['crm.re-read']);
  });

  it('leaves what it was about, and no more than a name of an object', async () => {
    expect((await jobsAfter(body({}))).told).toEqual([['processed', 'deal']]);
    expect((await jobsAfter(body({ entity: 'a\u0000b' }))).told).toEqual([['processed', 'other']]);
    expect((await jobsAfter(new Uint8Array([1]))).told).toEqual([['unreadable', null]]);
  });
});
