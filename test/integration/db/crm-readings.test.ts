import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crmComparisonStore as comparisons } from '../../../server/db/crm-comparisons.ts';
import { crmReadingStore as readings } from '../../../server/db/crm-readings.ts';
import { linkStore } from '../../../server/db/link-store.ts';
import { createReceiverMarks } from '../../../server/db/receiver-marks.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, tenantWorld } from '../../support/tenants.ts';

const AT = new Date('2026-03-02T09:00:00Z');
const LATER = new Date('2026-03-02T09:15:00Z');

let database: FreshDatabase;
let tenant: Tenant;
let other: Tenant;

beforeAll(async () => {
  database = await freshDatabase();
  const world = tenantWorld(database.db);
  tenant = await world.addTenant();
  other = await world.addTenant();
});
afterAll(() => database.drop());

describe('how far lists were read', () => {
  it('keeps mark and seen records, each installation its own', async () => {
    const mark = {
      newest: AT,
      seen: { '7': { updateTime: '2026-03-02T09:00:00Z', settled: true, since: AT.getTime() } },
    };
    await tenant.within((tx) => readings.save(tx, 'deals', mark));
    await tenant.within((tx) => readings.save(tx, 'persons', { newest: null, seen: {} }));
    expect(await tenant.within((tx) => readings.list(tx))).toEqual([
      { list: 'deals', mark, readFrom: null, suspected: false, readAgainAt: null },
      { list: 'persons', mark: { newest: null, seen: {} }, readFrom: null, suspected: false, readAgainAt: null },
    ]);
    expect(await other.within((tx) => readings.list(tx))).toEqual([]);
  });

  it('keeps a suspicion until a reading that began after it has ended', async () => {
    const one = async () => (await tenant.within((tx) => readings.list(tx))).find(({ list }) => list === 'deals');
    await tenant.within((tx) => readings.suspect(tx, LATER));
    await tenant.within((tx) => readings.finish(tx, 'deals', AT));
    expect(await one()).toMatchObject({ suspected: true, readFrom: AT });
    await tenant.within((tx) => readings.finish(tx, 'deals', LATER));
    expect(await one()).toMatchObject({ suspected: false, readFrom: LATER });
    // A suspicion that reaches further is not cut short by another.
    await tenant.within((tx) => readings.suspect(tx, new Date('2026-03-02T09:45:00Z')));
    await tenant.within((tx) => readings.suspect(tx, LATER));
    await tenant.within((tx) => readings.finish(tx, 'deals', new Date('2026-03-02T09:44:00Z')));
    expect(await one()).toMatchObject({ suspected: true });
    await tenant.within((tx) => readings.finish(tx, 'deals', new Date('2026-03-02T09:45:00Z')));
    expect(await one()).toMatchObject({ suspected: false });
    // What was never begun is not made by its end.
    await tenant.within((tx) => readings.finish(tx, 'products', LATER));
    expect((await tenant.within((tx) => readings.list(tx))).map(({ list }) => list)).not.toContain('products');
  });
});

describe('what may be kept back for a while', () => {
  it('WH-11 is news once, and lasts until the latest instant that was told', async () => {
    const minutes = (count: number) => new Date(AT.getTime() + count * 60_000);
    const until = (now: number, end: number) =>
      tenant.within((tx) => readings.suspectUntil(tx, minutes(now), minutes(end)));
    expect(await until(0, 30)).toBe(true);
    expect(await until(10, 40)).toBe(false);
    expect(await until(12, 20)).toBe(false);
    const all = await tenant.within((tx) => readings.list(tx));
    for (const one of all) expect(one).toMatchObject({ suspected: true, readAgainAt: minutes(40) });
    await tenant.within((tx) => readings.finish(tx, 'deals', minutes(13)));
    const [deals] = await tenant.within((tx) => readings.list(tx));
    expect(deals).toMatchObject({ suspected: false, readAgainAt: minutes(40) });
    expect(await until(41, 71)).toBe(true);
    expect(await other.within((tx) => readings.suspectUntil(tx, minutes(41), minutes(71)))).toBe(true);
  });
});

describe('comparisons', () => {
  it('adds kind by kind, waits for a word, and starts anew', async () => {
    await tenant.within(async (tx) => {
      expect(await comparisons.find(tx)).toBeUndefined();
      await comparisons.start(tx, AT);
      await comparisons.saveMissing(tx, 'organization', [{ id: 5, mergedInto: 6 }]);
      await comparisons.saveMissing(tx, 'person', []);
      expect(await comparisons.approve(tx, AT)).toBe(false);
      await comparisons.stop(tx, LATER);
    });
    await other.within(async (tx) => {
      expect(await comparisons.approve(tx, AT)).toBe(false);
      expect(await comparisons.find(tx)).toBeUndefined();
    });
    await tenant.within(async (tx) => {
      expect(await comparisons.approve(tx, LATER)).toBe(true);
      expect(await comparisons.approve(tx, LATER)).toBe(false);
      expect(await comparisons.find(tx)).toEqual({
        state: 'stopped',
        startedAt: AT,
        missing: { organization: [{ id: 5, mergedInto: 6 }], person: [] },
        approved: true,
      });
      await comparisons.finish(tx, LATER);
      expect((await comparisons.find(tx))?.state).toBe('done');
      await comparisons.start(tx, LATER);
      expect(await comparisons.find(tx)).toEqual({ state: 'reading', startedAt: LATER, missing: {}, approved: false });
    });
  });
});

describe('links to compare', () => {
  it('gives what is linked, by Pipedrive id', async () => {
    const link = { kind: 'partner', creatingSince: null, contentHash: null } as const;
    await tenant.within(async (tx) => {
      const save = linkStore.save.bind(undefined, tx, tenant.connectionId);
      await save({ ...link, sapKey: 'C1', pipedriveId: 11, state: 'linked' });
      await save({ ...link, sapKey: 'C2', pipedriveId: 12, state: 'gone' });
      await save({ ...link, sapKey: 'C3', pipedriveId: null, state: 'to_create' });
      expect(await linkStore.listKeysIn(tx, tenant.connectionId, 'partner', 'linked')).toEqual(new Map([[11, 'C1']]));
      expect(await linkStore.listKeysIn(tx, tenant.connectionId, 'partner', 'gone')).toEqual(new Map([[12, 'C2']]));
    });
  });
});

describe('the mark of whoever takes notifications', () => {
  it('is one for all processes', async () => {
    const marks = createReceiverMarks(database.db);
    expect(await marks.last()).toBeUndefined();
    await marks.set(AT);
    await createReceiverMarks(database.db).set(LATER);
    expect(await marks.last()).toEqual(LATER);
  });
});
