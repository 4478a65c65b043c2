import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makePurgeDeliveries } from '../../../server/app/deliveries/purge-deliveries.ts';
import { createDeliveryInbox } from '../../../server/db/delivery-inbox.ts';
import { deliveryReplayStore } from '../../../server/db/delivery-replay-store.ts';
import { deliveryStore } from '../../../server/db/delivery-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { after as shifted } from '../../../server/kernel/clock.ts';
import { openReplay } from '../../../server/replay.ts';
import { addNotifiedTenant, inboxDelivery, type NotifiedTenant } from '../../support/delivery-world.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type TenantWorld, tenantWorld } from '../../support/tenants.ts';

const NOW = new Date('2026-03-20T09:00:00Z');
const DAY_MS = 86_400_000;
const clock = { now: () => NOW };
const ALWAYS = { from: new Date(0), to: NOW };

let database: FreshDatabase;
let world: TenantWorld;
let tenant: NotifiedTenant;
let other: NotifiedTenant;
let replay: Awaited<ReturnType<typeof openReplay>>;
beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
  replay = await openReplay(database.appUrl, clock);
});
beforeEach(async () => {
  tenant = await addNotifiedTenant(world);
  other = await addNotifiedTenant(world);
});
afterAll(async () => {
  await replay?.close();
  await database?.drop();
});

/** Stored so long ago, and processed unless told otherwise. */
async function stored(
  age: number,
  {
    of = tenant,
    state = 'new',
    processed = true,
  }: { of?: NotifiedTenant; state?: 'new' | 'unreadable' | 'too_large'; processed?: boolean } = {},
): Promise<string> {
  const delivery = inboxDelivery(of, { receivedAt: shifted(NOW, -age), state, job: null });
  await createDeliveryInbox(database.db).store(delivery);
  if (state === 'new' && processed)
    await of.within((tx) => deliveryStore.setState(tx, delivery.id, 'processed', NOW, null));
  return delivery.id;
}

describe('deliveries that were kept long enough (WH-14)', () => {
  const purge = makePurgeDeliveries({
    clock,
    unitOfWork: { within: (id, work) => world.unitOfWork.within(id, work) },
    storedDeliveries: deliveryReplayStore,
  });

  it('are removed after 14 days, whatever became of them, and no younger or foreign one with them', async () => {
    await stored(14 * DAY_MS + 1);
    await stored(20 * DAY_MS, { processed: false });
    await stored(15 * DAY_MS, { state: 'too_large' });
    const kept = [await stored(14 * DAY_MS), await stored(0)];
    const foreign = await stored(30 * DAY_MS, { of: other });
    await purge(tenant.id, new AbortController().signal);
    expect((await tenant.rows()).map(({ id }) => id)).toEqual(kept);
    expect((await other.rows()).map(({ id }) => id)).toEqual([foreign]);
  });

  it('are removed a batch at a time, until there are none', async () => {
    const limits: number[] = [];
    const inBatches = makePurgeDeliveries({
      clock,
      unitOfWork: world.unitOfWork,
      storedDeliveries: {
        purge: async (tx, before, limit) => {
          limits.push(limit);
          // As if the batch were smaller: a full one says that there may be more.
          const removed = await deliveryReplayStore.purge(tx, before, 2);
          return removed === 2 ? limit : removed;
        },
      },
    });
    for (let index = 0; index < 5; index += 1) await stored(15 * DAY_MS + index);
    await inBatches(tenant.id, new AbortController().signal);
    expect(limits).toHaveLength(3);
    expect(await tenant.rows()).toEqual([]);
  });

  it('are found by an index', async () => {
    const { rows } = await tenant.within((tx) =>
      queriesOf(tx).raw<{ rows: { name: string }[] }>(
        `select indexname as name from pg_indexes where tablename = 'deliveries' and indexdef like '%(installation_id, received_at, id)'`,
      ),
    );
    expect(rows).toEqual([{ name: 'deliveries_by_age' }]);
  });
});

describe('a replay (WH-14)', () => {
  it('F40 counts first, and takes what was processed or unreadable in that time', async () => {
    const ids = [await stored(3 * DAY_MS), await stored(2 * DAY_MS, { state: 'unreadable' }), await stored(DAY_MS)];
    const waiting = inboxDelivery(tenant, { receivedAt: shifted(NOW, -DAY_MS) });
    await createDeliveryInbox(database.db).store(waiting);
    await stored(DAY_MS, { state: 'too_large' });
    await stored(DAY_MS, { of: other });
    const range = { from: shifted(NOW, -3 * DAY_MS), to: shifted(NOW, -DAY_MS + 1) };
    expect(await replay.plan(tenant.companyId, range)).toEqual({
      companyName: 'Desk & Chair Ltd',
      replayable: 3,
      waiting: 1,
      tooLarge: 1,
      tokens: 10,
    });
    expect(await tenant.jobs()).toEqual([waiting.id]);
    expect(await replay.replay(tenant.companyId, range)).toBe(3);
    expect([...(await tenant.jobs())].sort()).toEqual([...ids, waiting.id].sort());
    expect((await tenant.rows()).filter(({ state }) => state === 'new')).toHaveLength(4);
    expect(await other.jobs()).toEqual([]);
  });

  it('F40 shows which there are, oldest first, by their ids and what they are about, and nothing of what they say', async () => {
    const body = (text: string) => new TextEncoder().encode(text);
    const about = JSON.stringify({
      meta: { action: 'change', entity: 'deal', entity_id: 17 },
      data: { title: 'Desks' },
    });
    const inbox = createDeliveryInbox(database.db);
    const late = inboxDelivery(tenant, { receivedAt: shifted(NOW, -DAY_MS), body: body(about), job: null });
    const early = inboxDelivery(tenant, {
      receivedAt: shifted(NOW, -2 * DAY_MS),
      body: body('nonsense'),
      state: 'unreadable',
      job: null,
    });
    for (const delivery of [late, early]) await inbox.store(delivery);
    await stored(DAY_MS, { of: other });
    expect(await replay.list(tenant.companyId, ALWAYS)).toEqual([
      { id: early.id, receivedAt: early.receivedAt, state: 'unreadable', about: null },
      { id: late.id, receivedAt: late.receivedAt, state: 'new', about: 'change of deal 17' },
    ]);
    const range = { from: shifted(NOW, -DAY_MS), to: NOW };
    expect((await replay.list(tenant.companyId, range)).map(({ id }) => id)).toEqual([late.id]);
    await expect(replay.list('999999999', range)).rejects.toMatchObject({ kind: 'not_found' });
    expect((await tenant.rows()).map(({ state }) => state)).toEqual(['unreadable', 'new']);
  });

  it('F40 takes what no job is left for: its job was given up, or took its workers down with it', async () => {
    const givenUp = await stored(2 * DAY_MS, { processed: false });
    const crashed = inboxDelivery(tenant, { receivedAt: shifted(NOW, -DAY_MS) });
    await createDeliveryInbox(database.db).store(crashed);
    await tenant.within((tx) =>
      queriesOf(tx).raw(
        `update graphile_worker._private_jobs set attempts = max_attempts where payload ->> 'installationId' = ?`,
        [tenant.id],
      ),
    );
    expect(await replay.plan(tenant.companyId, ALWAYS)).toMatchObject({ replayable: 2, waiting: 0 });
    expect(await replay.replay(tenant.companyId, ALWAYS)).toBe(2);
    expect(await replay.plan(tenant.companyId, ALWAYS)).toMatchObject({ replayable: 0, waiting: 2 });
    expect(await tenant.jobs()).toEqual(expect.arrayContaining([givenUp, crashed.id]));
  });

  it('5.10.1 of one event a hundred times is one job', async () => {
    const id = await stored(DAY_MS);
    const counts = [];
    for (let round = 0; round < 100; round += 1) counts.push(await replay.replay(tenant.companyId, { ids: [id] }));
    expect(counts.filter((count) => count > 0)).toEqual([1]);
    expect(await tenant.jobs()).toEqual([id]);
  });

  it('5.10.2 F40 of many goes at five a second, and is noted in the audit trail', async () => {
    const inbox = createDeliveryInbox(database.db);
    const many = Array.from({ length: 450 }, (_, index) =>
      inboxDelivery(tenant, { receivedAt: shifted(NOW, -index - 1), state: 'unreadable', job: null }),
    );
    await Promise.all(many.map((delivery) => inbox.store(delivery)));
    expect(await replay.replay(tenant.companyId, ALWAYS)).toBe(450);
    const due = await tenant.within((tx) =>
      queriesOf(tx).raw<{ rows: { count: string; due: Date }[] }>(
        `select due_at as due, count(*) from scheduled_jobs where envelope ->> 'installationId' = ? group by 1 order by 1`,
        [tenant.id],
      ),
    );
    expect(due.rows).toHaveLength(90);
    expect(due.rows.every(({ count }) => count === '1')).toBe(true);
    expect(due.rows.at(-1)?.due).toEqual(shifted(NOW, 89_000));
    const entries = await tenant.within((tx) =>
      queriesOf(tx)('audit_entries')
        .where({ installation_id: tenant.id, verb: 'deliveries_replayed' })
        .select('target'),
    );
    expect(entries).toHaveLength(3);
  });

  it('5.10.3 does nothing for a company that has removed the app', async () => {
    const id = await stored(DAY_MS);
    await tenant.within((tx) => createInstallationStore(world.vault).erase(tx));
    await expect(replay.replay(tenant.companyId, { ids: [id] })).rejects.toMatchObject({ kind: 'conflict' });
    await expect(replay.plan(tenant.companyId, ALWAYS)).rejects.toMatchObject({ kind: 'conflict' });
    expect(await tenant.rows()).toEqual([]);
    expect(await tenant.jobs()).toEqual([]);
  });

  it('5.10.4 takes an event that is older than any of today’s settings like any other', async () => {
    const id = await stored(13.9 * DAY_MS);
    expect(await replay.replay(tenant.companyId, { ids: [id] })).toBe(1);
  });

  it('5.10.8 touches no delivery of another company, and none that does not exist', async () => {
    const foreign = await stored(DAY_MS, { of: other });
    expect(await replay.replay(tenant.companyId, { ids: [foreign, randomUUID()] })).toBe(0);
    expect((await other.rows()).map(({ state }) => state)).toEqual(['processed']);
    await expect(replay.replay('999999999999', ALWAYS)).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('5.10.15 goes on where it was broken off, and does not take again what is processed meanwhile', async () => {
    for (let index = 0; index < 250; index += 1) await stored(DAY_MS + index);
    const ended = world.unitOfWork.within(tenant.id, async (tx) => {
      await deliveryReplayStore.reopen(tx, ALWAYS, undefined, 200);
      throw new Error('killed');
    });
    await expect(ended).rejects.toThrow('killed');
    expect((await tenant.rows()).filter(({ state }) => state === 'new')).toEqual([]);
    const first = await tenant.within((tx) => deliveryReplayStore.reopen(tx, ALWAYS, undefined, 200));
    for (const { id } of first) await tenant.within((tx) => deliveryStore.setState(tx, id, 'processed', NOW, null));
    const second = await tenant.within((tx) => deliveryReplayStore.reopen(tx, ALWAYS, first.at(-1), 200));
    expect(second).toHaveLength(50);
  });
});
