import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EntityLink } from '../../../server/app/ports/link-store.ts';
import { erpFieldStore } from '../../../server/db/erp-field-store.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { lineDetailStore, linkStore } from '../../../server/db/link-store.ts';
import { cursorStore, syncRunStore } from '../../../server/db/sync-store.ts';
import { after as shifted } from '../../../server/kernel/clock.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

const NOW = new Date('2026-02-02T10:00:00Z');
let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => database.drop());

const aLink = (values: Partial<EntityLink> = {}): EntityLink => ({
  kind: 'partner',
  sapKey: 'C20000',
  pipedriveId: 12,
  state: 'linked',
  creatingSince: null,
  contentHash: 'hash',
  ...values,
});

describe('entity links', () => {
  const save = (link: EntityLink) => tenant.within((tx) => linkStore.save(tx, tenant.connectionId, link));

  it('are one per SAP key and one per Pipedrive id', async () => {
    await save(aLink({ pipedriveId: null, state: 'creating', creatingSince: NOW, contentHash: null }));
    await save(aLink());
    await expect(save(aLink({ sapKey: 'C30000' }))).rejects.toMatchObject({ kind: 'conflict' });
    await save(aLink({ kind: 'contact', sapKey: 'C30000/1' }));
    await tenant.within(async (tx) => {
      expect(await linkStore.findBySapKey(tx, tenant.connectionId, 'partner', 'C20000')).toEqual(aLink());
      expect(await linkStore.findBySapKey(tx, tenant.connectionId, 'partner', 'C30000')).toBeUndefined();
      expect(await linkStore.findByPipedriveId(tx, tenant.connectionId, 'partner', 12)).toEqual(aLink());
      expect(await linkStore.listLinkedIds(tx, tenant.connectionId, 'partner')).toEqual(new Set([12]));
    });
    const other = await world.addTenant();
    await other.within((tx) => linkStore.save(tx, other.connectionId, aLink()));
  });

  it('of twenty who take one Pipedrive id at once, one gets it', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => save(aLink({ sapKey: `C${index}` }))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ kind: 'conflict' });
  });

  it('find many at once, the contacts of exactly one partner, and count by state', async () => {
    const contacts = ['C1/1', 'C1/22', 'C10/3', 'C1/A/4', 'c1/5'];
    for (const [index, sapKey] of contacts.entries())
      await save(aLink({ kind: 'contact', sapKey, pipedriveId: 100 + index }));
    await save(aLink({ kind: 'contact', sapKey: 'C1/6', pipedriveId: null, state: 'to_create' }));
    await tenant.within(async (tx) => {
      const keys = async (cardCode: string) =>
        (await linkStore.listContacts(tx, tenant.connectionId, cardCode)).map(({ sapKey }) => sapKey);
      expect(await keys('C1')).toEqual(['C1/1', 'C1/22', 'C1/6']);
      expect(await keys('C1/A')).toEqual(['C1/A/4']);
      expect(await linkStore.findBySapKeys(tx, tenant.connectionId, 'contact', ['C1/1', 'C10/3', 'none'])).toHaveLength(
        2,
      );
      expect(await linkStore.findByPipedriveIds(tx, tenant.connectionId, 'contact', [100, 101, 999])).toHaveLength(2);
      expect(await linkStore.count(tx, tenant.connectionId, 'contact')).toEqual({
        to_create: 1,
        creating: 0,
        linked: 5,
        ambiguous: 0,
        gone: 0,
      });
    });
  });

  it('forget what was refused, with the marks of what was written before kept', async () => {
    const hashes = {
      'partner C1': 'new.v2.s2.refused.v1.s1',
      'partner C2': 'same.v1.s1',
      'partner C3': 'same.v1.s1',
      'contact C2/1': 'forbidden.refused.e1.p1',
      'contact C3/1': 'same.e1.p1',
      'item A1': 'new.refused',
      'item A2': 'forbidden.refused',
    };
    const kinds = ['partner', 'contact', 'item'] as const;
    for (const [index, [name, contentHash]] of Object.entries(hashes).entries()) {
      const [kind, sapKey = ''] = name.split(' ');
      await save(
        aLink({ kind: kinds.find((one) => one === kind) ?? 'item', sapKey, pipedriveId: index + 1, contentHash }),
      );
    }
    await save(aLink({ sapKey: 'C4', pipedriveId: 44, state: 'gone', contentHash: 'new.refused' }));
    await tenant.within(async (tx) => {
      const { connectionId } = tenant;
      const forbidden = await linkStore.listForbidden(tx, connectionId, 'item', 10);
      expect(forbidden.map(({ sapKey }) => sapKey)).toEqual(['A2']);
      await linkStore.forgetRefusals(tx, connectionId);
      const now: Record<string, string | null> = {};
      for (const kind of kinds) {
        const keys = ['C1', 'C2', 'C3', 'C4', 'C2/1', 'C3/1', 'A1', 'A2'];
        for (const link of await linkStore.findBySapKeys(tx, connectionId, kind, keys))
          now[`${kind} ${link.sapKey}`] = link.contentHash;
      }
      expect(now).toEqual({
        ...hashes,
        'partner C1': 'again.v1.s1',
        'partner C2': 'again.v1.s1',
        'contact C2/1': 'again.e1.p1',
        'item A1': 'again',
        'item A2': 'again',
        'partner C4': 'new.refused',
      });
      expect(await linkStore.listForbidden(tx, connectionId, 'item', 10)).toEqual([]);
    });
  });

  it('keep what a deal line became', async () => {
    const detail = { dealId: 5, lineId: 1, itemCode: 'A1', docEntry: 7, lineNum: 0 };
    await tenant.within(async (tx) => {
      await lineDetailStore.save(tx, tenant.connectionId, []);
      await lineDetailStore.save(tx, tenant.connectionId, [{ ...detail, docEntry: 6 }]);
      await lineDetailStore.save(tx, tenant.connectionId, [detail, { ...detail, lineId: 2, lineNum: 1 }]);
      expect(await lineDetailStore.listByDeal(tx, 5)).toEqual([detail, { ...detail, lineId: 2, lineNum: 1 }]);
    });
  });
});

it('keeps cursors as the source’s own stamps, days unshifted', async () => {
  const cursor = {
    phase: 'delta',
    stampDate: '2026-03-29',
    stampTime: '02:30:00',
    key: 'C20000',
    documents: { Invoices: { last: 900, missing: [898] } },
    dueDatesCheckedOn: '2026-03-28',
  } as const;
  await tenant.within(async (tx) => {
    expect(await cursorStore.find(tx, tenant.connectionId, 'partners')).toBeUndefined();
    await cursorStore.save(tx, tenant.connectionId, 'partners', { ...cursor, phase: 'first_load', stampDate: null });
    await cursorStore.save(tx, tenant.connectionId, 'partners', cursor);
    expect(await cursorStore.find(tx, tenant.connectionId, 'partners')).toEqual({ ...cursor, restarts: 0 });
  });
});

it('a stream that is begun anew is not moved on by a walk that began before', async () => {
  const within = tenant.within;
  const walk = {
    phase: 'delta',
    stampDate: '2026-03-29',
    stampTime: '02:30:00',
    key: null,
    documents: { Invoices: { last: 900, missing: [] } },
    dueDatesCheckedOn: null,
    restarts: 0,
  } as const;
  const save = (restarts: number) =>
    within((tx) => cursorStore.save(tx, tenant.connectionId, 'credit', { ...walk, restarts }));
  expect(await within((tx) => cursorStore.restart(tx, tenant.connectionId, 'credit'))).toBe(false);
  await save(0);
  expect(await within((tx) => cursorStore.restart(tx, tenant.connectionId, 'credit'))).toBe(true);
  await expect(save(0)).rejects.toMatchObject({ kind: 'conflict' });
  expect(await within((tx) => cursorStore.find(tx, tenant.connectionId, 'credit'))).toEqual({
    ...walk,
    phase: 'first_load',
    stampDate: null,
    stampTime: null,
    documents: {},
    restarts: 1,
  });
  await save(1);
});

it('remembers which SAP company has the key field, until another server stands for it', async () => {
  await tenant.within(async (tx) => {
    const has = () => erpFieldStore.hasKeyField(tx, tenant.connectionId);
    expect(await has()).toBe(false);
    await erpFieldStore.setKeyField(tx, tenant.connectionId, true);
    await erpFieldStore.setKeyField(tx, tenant.connectionId, true);
    expect(await has()).toBe(true);
    await erpFieldStore.setKeyField(tx, tenant.connectionId, false);
    expect(await has()).toBe(false);
  });
});

describe('sync runs', () => {
  it('are done once all that was read is written, unchanged or waiting', async () => {
    const id = randomUUID();
    const run = {
      id,
      connectionId: tenant.connectionId,
      stream: 'partners',
      kind: 'first_load',
      startedAt: NOW,
      expected: 4,
    } as const;
    const open = () => tenant.within((tx) => syncRunStore.findOpen(tx, tenant.connectionId, 'partners'));
    await tenant.within((tx) => syncRunStore.start(tx, run));
    await tenant.within((tx) => syncRunStore.add(tx, id, { read: 180, changed: 3, unchanged: 177 }));
    await tenant.within((tx) => syncRunStore.add(tx, id, {}));
    await tenant.within((tx) => syncRunStore.finishIfWritten(tx, id, NOW));
    expect(await open()).toMatchObject({ state: 'running', read: 180, changed: 3, expected: 4 });
    await tenant.within((tx) => syncRunStore.finishReading(tx, id, NOW));
    expect(await open()).toMatchObject({ state: 'writing', endedAt: null });
    await Promise.all([1, 2].map(() => tenant.within((tx) => syncRunStore.add(tx, id, { written: 1 }))));
    await tenant.within((tx) => syncRunStore.finishIfWritten(tx, id, NOW));
    expect(await open()).toMatchObject({ state: 'writing' });
    await tenant.within((tx) => syncRunStore.add(tx, id, { waiting: 1 }));
    await tenant.within((tx) => syncRunStore.finishIfWritten(tx, id, NOW));
    expect(await open()).toBeUndefined();
    const last = await tenant.within((tx) => syncRunStore.findLast(tx, tenant.connectionId, 'partners', 'first_load'));
    expect(last).toMatchObject({ ...run, state: 'done', endedAt: NOW, written: 2, waiting: 1 });
  });

  it('that changed nothing are done when reading is', async () => {
    const id = randomUUID();
    const run = {
      id,
      connectionId: tenant.connectionId,
      stream: 'items',
      kind: 'delta',
      startedAt: NOW,
      expected: null,
    } as const;
    await tenant.within(async (tx) => {
      await syncRunStore.start(tx, run);
      await syncRunStore.finishReading(tx, id, NOW);
      expect(await syncRunStore.findLast(tx, tenant.connectionId, 'items', 'delta')).toMatchObject({
        state: 'done',
        endedAt: NOW,
      });
    });
  });
});

it('opens one finding per kind and subject, counts it up, and opens a new one after it was resolved', async () => {
  const finding = {
    kind: 'deal_not_ready',
    subject: 'deal:17',
    message: 'The deal has no products.',
    action: 'Add products, then check again.',
    link: { resource: 'deal', id: 17 },
  } as const;
  const raise = (now: Date) => tenant.within((tx) => findingStore.raise(tx, finding, now));
  await Promise.all(Array.from({ length: 10 }, () => raise(NOW)));
  await tenant.within((tx) =>
    findingStore.raise(tx, { ...finding, kind: 'order_refused', link: null }, shifted(NOW, -1)),
  );
  await tenant.within(async (tx) => {
    const [first, second, ...rest] = await findingStore.listOpen(tx, 5);
    expect(first).toMatchObject({ ...finding, count: 10, firstSeenAt: NOW });
    expect(second).toMatchObject({ kind: 'order_refused', link: null, count: 1 });
    expect(rest).toEqual([]);
    expect(await findingStore.listOpen(tx, 1)).toHaveLength(1);
    await findingStore.resolve(tx, 'deal_not_ready', 'deal:17', NOW);
    expect(await findingStore.countOpen(tx)).toBe(1);
  });
  await raise(shifted(NOW, 1000));
  await tenant.within(async (tx) => expect((await findingStore.listOpen(tx, 1))[0]).toMatchObject({ count: 1 }));
});
