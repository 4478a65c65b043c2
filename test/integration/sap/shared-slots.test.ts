import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createErpAccess } from '../../../server/app/access/erp-access.ts';
import type { ErpCaller } from '../../../server/app/ports/erp.ts';
import type { ErpSlots } from '../../../server/app/ports/erp-slots.ts';
import { createConnectionStore } from '../../../server/db/connection-store.ts';
import { createErpSlots } from '../../../server/db/erp-slots.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import type { SlotWish } from '../../../server/domain/slot-share.ts';
import { ReauthRequiredError } from '../../../server/kernel/errors.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';
import { COMPANY, connectErp, type Sap, startSap } from './sap-bench.ts';

let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;
let slots: ErpSlots;
beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
  slots = createErpSlots(world.unitOfWork);
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => database.drop());

const wish = (holder: string, ordinary: number, changes: Partial<SlotWish> = {}): SlotWish => ({
  holder,
  keep: { ordinary: 0, lookup: false },
  want: { ordinary, lookup: false },
  waiting: 'background',
  ...changes,
});
const share = (asked: SlotWish, of = tenant) => slots.share(of.id, of.connectionId, asked);

describe('slots in the database', () => {
  it('are three and one, however many processes ask at the same moment (AP-07)', async () => {
    const all = { want: { ordinary: 3, lookup: true }, waiting: 'lookup' } as const;
    const leases = await Promise.all(Array.from({ length: 9 }, () => share(wish(randomUUID(), 3, all))));
    expect(leases.reduce((sum, { ordinary }) => sum + ordinary, 0)).toBe(3);
    expect(leases.filter(({ lookup }) => lookup)).toHaveLength(1);
  });

  it('are those of one connection: no other company waits for them', async () => {
    const other = await world.addTenant();
    await share(wish(randomUUID(), 3));
    expect((await share(wish(randomUUID(), 3), other)).ordinary).toBe(3);
  });

  it('come back from a process that says nothing more', async () => {
    const [dead, alive] = [randomUUID(), randomUUID()];
    await share(wish(dead, 3));
    expect((await share(wish(alive, 2))).ordinary).toBe(0);
    await tenant.within((tx) =>
      queriesOf(tx)('erp_slots')
        .where({ holder: dead })
        .update({ lease_until: new Date(0) }),
    );
    expect((await share(wish(alive, 2))).ordinary).toBe(2);
  });

  it('go to a person first, and say so to those who hold them', async () => {
    const [night, rep] = [randomUUID(), randomUUID()];
    await share(wish(night, 3));
    expect((await share(wish(rep, 1, { waiting: 'person' }))).ordinary).toBe(0);
    const yielding = await share(wish(night, 3, { keep: { ordinary: 2, lookup: false } }));
    expect(yielding).toMatchObject({ ordinary: 2, others: { lane: 'person', held: 0 } });
    expect((await share(wish(rep, 1, { waiting: 'person' }))).ordinary).toBe(1);
  });

  it('are not kept for a process that has stopped asking', async () => {
    const [gone, here] = [randomUUID(), randomUUID()];
    const holds = { keep: { ordinary: 3, lookup: false } } as const;
    await share(wish(randomUUID(), 3, holds));
    await share(wish(gone, 3, { waiting: 'person' }));
    await tenant.within((tx) => queriesOf(tx)('erp_slots').update({ lease_until: new Date(0) }));
    await tenant.within((tx) => queriesOf(tx)('erp_slot_waits').update({ seen_until: new Date(0) }));
    expect((await share(wish(here, 3))).ordinary).toBe(3);
  });

  it('let one process at a time sign in, and the next when that one is gone', async () => {
    const claim = (holder: string, forMs = 60_000) => slots.claimSignIn(tenant.id, tenant.connectionId, holder, forMs);
    const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()];
    expect(await claim(one)).toBe(true);
    expect(await claim(two)).toBe(false);
    await slots.releaseSignIn(tenant.id, tenant.connectionId, two);
    expect(await claim(two)).toBe(false);
    await slots.releaseSignIn(tenant.id, tenant.connectionId, one);
    expect(await claim(two, 0)).toBe(true);
    expect(await claim(three)).toBe(true);
  });
});

describe('two processes at one SAP', () => {
  let bench: Sap;
  beforeAll(async () => {
    bench = await startSap();
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    bench.sap.faults.clear();
    bench.sap.log.clear();
  });
  const logins = () => bench.sap.log.all().filter(({ path }) => path.endsWith('/Login')).length;

  function aProcess() {
    const { erp, caller } = connectErp(bench, {}, { slots });
    const own = (): ErpCaller => ({
      ...caller,
      installationId: tenant.id,
      connectionId: tenant.connectionId,
      signal: new AbortController().signal,
    });
    return { erp, own };
  }

  it('AP-07: never ask for more than four things at once, and F11: a look-up comes through while the others hang', async () => {
    const [one, two] = [aProcess(), aProcess()];
    const held = bench.sap.faults.add({ method: 'GET', path: /count/, kind: 'slow', times: 99 });
    const asked = [one, two].flatMap(({ erp, own }) => Array.from({ length: 8 }, () => erp.countPartners(own())));
    await expect.poll(() => held.hits()).toBe(3);
    for (const { erp, own } of [one, two]) {
      // The practice company has no such user field; what matters is that it was asked.
      await expect(erp.findOrdersByKey(own(), 'nobody', 'nobody')).rejects.toMatchObject({ kind: 'rejected' });
    }
    expect(held.hits()).toBe(3);
    held.release();
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 16 }, () => 40));
    await Promise.all([one.erp.closeAll(), two.erp.closeAll()]);
    await tenant.within(async (tx) => expect(await queriesOf(tx)('erp_slots').select()).toEqual([]));
  });

  it('AP-09: send a wrong password twice at most between them, until a person acts', async () => {
    const connections = createConnectionStore(world.vault);
    await tenant.within((tx) =>
      connections.replaceAccess(tx, tenant.connectionId, {
        address: `${bench.sap.url}/b1s/v2`,
        companyDb: COMPANY,
        userName: 'manager',
        password: 'wrong',
        trust: {
          kind: 'pinned',
          slots: [{ fingerprint: bench.sap.fingerprint256, pem: bench.sap.certificatePem }],
        },
        proxy: null,
        timeZone: 'Europe/Berlin',
        localCurrency: 'EUR',
      }),
    );
    const clock = { now: () => new Date(bench.clock.now()) };
    const access = createErpAccess({ clock, unitOfWork: world.unitOfWork, connections, findings: findingStore });
    const processes = Array.from({ length: 4 }, () => ({ ...connectErp(bench, {}, { slots, access }) }));
    const ask = () =>
      Promise.allSettled(
        processes.map(({ erp, caller }) =>
          erp.countPartners({ ...caller, installationId: tenant.id, connectionId: tenant.connectionId }),
        ),
      );
    const outcomes = [...(await ask()), ...(await ask())];
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(outcomes.at(-1)).toMatchObject({ reason: expect.any(ReauthRequiredError) });
    expect(logins()).toBe(2);
    expect(bench.sap.sessions.isLocked('manager')).toBe(false);
  });

  it('AP-09: count nothing against a new password that was said of the one before', async () => {
    const connections = createConnectionStore(world.vault);
    const clock = { now: () => new Date(bench.clock.now()) };
    const access = createErpAccess({ clock, unitOfWork: world.unitOfWork, connections, findings: findingStore });
    const { id, connectionId } = tenant;
    const before = await access.load(id, connectionId);
    await tenant.within((tx) => connections.setSignIn(tx, connectionId, { userName: 'manager', password: 'the next' }));
    for (let refusal = 0; refusal < 2; refusal += 1) await access.passwordRefused(id, connectionId, before.version);
    const now = await access.load(id, connectionId);
    expect(now.refusedPasswords).toBe(0);
    expect(await access.passwordRefused(id, connectionId, now.version)).toBe(1);
    await access.passwordAccepted(id, connectionId, before.version);
    expect((await access.load(id, connectionId)).refusedPasswords).toBe(1);
    await access.passwordAccepted(id, connectionId, now.version);
    expect((await access.load(id, connectionId)).refusedPasswords).toBe(0);
  });

  it('tell a person of sessions that SAP gives and does not know, until one is of use', async () => {
    const connections = createConnectionStore(world.vault);
    const clock = { now: () => new Date(bench.clock.now()) };
    const access = createErpAccess({ clock, unitOfWork: world.unitOfWork, connections, findings: findingStore });
    const open = () => tenant.within((tx) => findingStore.listOpen(tx, 9));
    await access.sessionRefused(tenant.id, tenant.connectionId);
    await access.sessionRefused(tenant.id, tenant.connectionId);
    expect(await open()).toMatchObject([{ kind: 'session_refused', count: 2 }]);
    await access.sessionAccepted(tenant.id, tenant.connectionId);
    expect(await open()).toEqual([]);
    await tenant.within((tx) => connections.setStatus(tx, tenant.connectionId, 'disconnected'));
    await access.sessionRefused(tenant.id, tenant.connectionId);
    expect(await open()).toEqual([]);
  });
});
