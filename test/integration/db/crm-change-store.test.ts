import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CrmChangeHint } from '../../../server/app/ports/crm-changes.ts';
import { crmChangeStore, crmViewStore } from '../../../server/db/crm-change-store.ts';
import { createCrmWebhookStore } from '../../../server/db/crm-webhook-store.ts';
import { deliveryStore } from '../../../server/db/delivery-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { createTenantDirectory } from '../../../server/db/tenant-directory.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { sha256 } from '../../../server/kernel/canonical-json.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;
let other: Tenant;
beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
  tenant = await world.addTenant();
  other = await world.addTenant();
});
afterAll(() => database?.drop());

const NOW = new Date('2026-11-24T09:00:00Z');
const hint = (id: number, more: Partial<CrmChangeHint> = {}): CrmChangeHint => ({
  entity: 'deal',
  id,
  gone: false,
  mergedInto: null,
  ...more,
});
const note = (...hints: CrmChangeHint[]) => tenant.within((tx) => crmChangeStore.note(tx, hints, NOW));
const waiting = (entity: CrmChangeHint['entity'] = 'deal') =>
  tenant.within((tx) => crmChangeStore.listWaiting(tx, entity, 10));
const settleAll = async () => {
  for (const entity of ['deal', 'person'] as const) {
    const all = await waiting(entity);
    await tenant.within((tx) => crmChangeStore.settle(tx, all));
  }
};

describe('changes that wait', () => {
  it('WH-06 are one for a record, however often and by how many at once it was heard of', async () => {
    await Promise.all(Array.from({ length: 12 }, () => note(hint(2), hint(1), hint(1))));
    expect((await waiting()).map(({ id }) => id)).toEqual([1, 2]);
    expect(await other.within((tx) => crmChangeStore.listWaiting(tx, 'deal', 10))).toEqual([]);
    await settleAll();
    expect(await waiting()).toEqual([]);
  });

  it('WH-07 stay gone, and merged, in whatever order that was heard', async () => {
    for (const hints of [
      [hint(3, { entity: 'person', gone: true, mergedInto: 9 }), hint(3, { entity: 'person' })],
      [hint(3, { entity: 'person' }), hint(3, { entity: 'person', gone: true, mergedInto: 9 })],
    ]) {
      for (const one of hints) await note(one);
      expect(await waiting('person')).toEqual([expect.objectContaining({ id: 3, gone: true, mergedInto: 9 })]);
      await settleAll();
    }
  });

  it('are not settled by a reading that began before they were heard of again', async () => {
    await note(hint(4), hint(5));
    const read = await waiting();
    await note(hint(4));
    await tenant.within((tx) => crmChangeStore.settle(tx, read));
    expect((await waiting()).map(({ id }) => id)).toEqual([4]);
    // Nor when it was settled and heard of anew in between.
    await settleAll();
    await note(hint(5));
    await tenant.within((tx) => crmChangeStore.settle(tx, read));
    expect((await waiting()).map(({ id }) => id)).toEqual([5]);
    await settleAll();
  });

  it('are listed by kind, oldest first', async () => {
    await tenant.within((tx) => crmChangeStore.note(tx, [hint(8)], NOW));
    await tenant.within((tx) => crmChangeStore.note(tx, [hint(7)], new Date(NOW.getTime() - 1_000)));
    await note(hint(1, { entity: 'person' }));
    expect((await waiting()).map(({ id }) => id)).toEqual([7, 8]);
    expect(await tenant.within((tx) => crmChangeStore.listEntitiesWaiting(tx))).toEqual(['deal', 'person']);
    await settleAll();
  });
});

describe('views', () => {
  it('are kept by kind and record', async () => {
    const view = { pipedriveId: 7, shown: { name: 'a' }, answered: 'x', answeredAt: NOW, repeats: 1 };
    await tenant.within(async (tx) => {
      await crmViewStore.save(tx, tenant.connectionId, 'partner', { ...view, repeats: 0 });
      await crmViewStore.save(tx, tenant.connectionId, 'partner', view);
      expect(await crmViewStore.find(tx, tenant.connectionId, 'partner', [7, 8])).toEqual([view]);
      expect(await crmViewStore.find(tx, tenant.connectionId, 'item', [7])).toEqual([]);
    });
  });
});

describe('the address of the webhooks', () => {
  it('is answered under its old secret until that is forgotten', async () => {
    const installations = createInstallationStore(world.vault);
    const directory = createTenantDirectory(database.db);
    const find = (secret: string) => directory.findByWebhookSecret(Buffer.from(sha256(secret), 'hex'));
    await tenant.within((tx) => installations.setWebhookSecret(tx, 'first'));
    expect(await tenant.within((tx) => installations.hasOldWebhookSecret(tx))).toBe(false);
    await tenant.within((tx) => installations.renewWebhookSecret(tx, 'second'));
    expect(await find('first')).toBe(tenant.id);
    expect(await find('second')).toBe(tenant.id);
    expect((await tenant.within((tx) => installations.findWebhookSecret(tx)))?.reveal()).toBe('second');
    await tenant.within((tx) => installations.forgetOldWebhookSecret(tx));
    expect(await find('first')).toBeUndefined();
    expect(await find('second')).toBe(tenant.id);
  });
});

describe('the rhythm of deliveries', () => {
  it('WH-10 counts hours, also those of a week before the present silence', async () => {
    const webhooks = createCrmWebhookStore(world.vault);
    const rhythm = () => tenant.within((tx) => webhooks.rhythm(tx, NOW));
    expect(await rhythm()).toEqual({ lastAt: null, firstAt: null, hours: 0, longestGapMs: 0, hoursWeekBefore: 0 });
    const HOUR = 3_600_000;
    // The last one five hours ago; the same five hours a week earlier had three, of which two in one hour.
    const ago = [400, 173, 172.9, 172.5, 171, 168.5, 167, 5].map((hours) => new Date(NOW.getTime() - hours * HOUR));
    await tenant.within(async (tx) => {
      for (const [index, at] of ago.entries()) {
        await queriesOf(tx)('deliveries').insert({
          installation_id: tenant.id,
          id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
          source: 'pipedrive',
          fingerprint: Buffer.from(String(index)),
          fingerprint_hash: Buffer.from(String(index)),
          received_at: at,
          headers: '{}',
          body: Buffer.from(''),
          size: 0,
          state: 'processed',
        });
      }
    });
    const found = await rhythm();
    expect(found.lastAt).toEqual(ago.at(-1));
    expect(found.firstAt).toEqual(ago[1]);
    expect(found.hours).toBe(5);
    expect(Math.round(found.longestGapMs / HOUR)).toBe(162);
    expect(found.hoursWeekBefore).toBe(3);
  });

  it('WH-10 tells when each kind was heard, and what is not known', async () => {
    const webhooks = createCrmWebhookStore(world.vault);
    const heard = (at: Date) => tenant.within((tx) => webhooks.heard(tx, at));
    const last = new Date(NOW.getTime() - 5 * 3_600_000);
    expect(await heard(NOW)).toEqual({ of: new Map(), unknown: last, quarantinedAt: null });
    const settle = (index: number, state: 'processed' | 'unreadable', entity: string | null) =>
      tenant.within((tx) =>
        deliveryStore.setState(tx, `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, state, NOW, entity),
      );
    for (const index of [0, 1, 2, 3, 4]) await settle(index, 'processed', 'deal');
    await settle(5, 'unreadable', null);
    await settle(6, 'processed', 'person');
    await settle(7, 'processed', 'organization');
    const hours = (count: number) => new Date(NOW.getTime() - count * 3_600_000);
    expect(await heard(NOW)).toEqual({
      of: new Map([
        ['deal', hours(171)],
        ['person', hours(167)],
        ['organization', last],
      ]),
      unknown: hours(168.5),
      quarantinedAt: hours(168.5),
    });
    expect(await other.within((tx) => webhooks.heard(tx, NOW))).toEqual({
      of: new Map(),
      unknown: null,
      quarantinedAt: null,
    });
  });
});
