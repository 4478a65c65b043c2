import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as erpWire from '../../../migrations/20261124000800_erp_wire.ts';
import type { ConnectionStore, ErpProxy, Trust } from '../../../server/app/ports/installation-store.ts';
import { createConnectionStore } from '../../../server/db/connection-store.ts';
import { connectionTrials } from '../../../server/db/connection-trials.ts';
import { openDatabase } from '../../../server/db/open-database.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { after as shifted } from '../../../server/kernel/clock.ts';
import { connectionId } from '../../../server/kernel/ids.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';
import { makeIdentity } from '../sap/tls-fake.ts';

const NOW = new Date('2026-02-02T10:00:00Z');
let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;
let store: ConnectionStore;

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
  store = createConnectionStore(world.vault);
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(() => database.drop());

const proxy: ErpProxy = {
  header: { name: 'x-gateway', value: { reveal: () => 'header-canary' } },
  clientCertificate: { pem: 'certificate', key: { reveal: () => 'key-canary' } },
};

describe('what a proxy asks for', () => {
  it('is kept sealed, opened again, and forgotten with the password', async () => {
    const id = tenant.connectionId;
    await tenant.within(async (tx) => {
      expect(await store.openProxy(tx, id)).toBeNull();
      await store.setProxy(tx, id, proxy);
      expect((await store.get(tx, id)).proxy).toEqual({ headerName: 'x-gateway', clientCertificatePem: 'certificate' });
      const opened = await store.openProxy(tx, id);
      expect(opened?.header?.value.reveal()).toBe('header-canary');
      expect(opened?.clientCertificate?.key.reveal()).toBe('key-canary');
      expect(JSON.stringify(opened)).not.toContain('canary');
      const row = await queriesOf(tx)('connections').where({ id }).first();
      expect(row.proxy_header_value.toString('latin1') + row.client_key.toString('latin1')).not.toContain('canary');

      await store.setProxy(tx, id, { header: proxy.header, clientCertificate: null });
      expect((await store.openProxy(tx, id))?.clientCertificate).toBeNull();
      await store.setStatus(tx, id, 'disconnected');
      expect(await store.openProxy(tx, id)).toBeNull();
    });
  });
});

describe('what stops a connection', () => {
  it('a late report about the certificate does not hide that the password was refused', async () => {
    const id = tenant.connectionId;
    await tenant.within(async (tx) => {
      await store.setStatus(tx, id, 'password_refused');
      expect(await store.setStatus(tx, id, 'certificate_changed')).toBe(false);
      expect((await store.get(tx, id)).status).toBe('password_refused');
      await store.countRefusedPassword(tx, id);
      expect(await store.setSignIn(tx, id, { userName: 'other', password: 'new' })).toBe(true);
      expect(await store.get(tx, id)).toMatchObject({ status: 'active', userName: 'other', refusedPasswords: 0 });
      expect((await store.openPassword(tx, id)).reveal()).toBe('new');
    });
  });

  it('a new password alone does not make a changed certificate good', async () => {
    const id = tenant.connectionId;
    await tenant.within(async (tx) => {
      await store.setStatus(tx, id, 'certificate_changed');
      expect(await store.setStatus(tx, id, 'certificate_changed')).toBe(true);
      await store.setSignIn(tx, id, { userName: 'other', password: 'new' });
      expect((await store.get(tx, id)).status).toBe('certificate_changed');
      await store.setStatus(tx, id, 'disconnected');
      expect(await store.setSignIn(tx, id, { userName: 'late', password: 'late' })).toBe(false);
    });
  });
});

describe('trust', () => {
  it.each<Trust>([
    { kind: 'public' },
    { kind: 'authority', pem: 'pem' },
    {
      kind: 'pinned',
      slots: [
        { fingerprint: 'AB', pem: 'pem' },
        { fingerprint: 'CD', pem: null },
      ],
    },
  ])('$kind is read back as it was written', async (trust) => {
    await tenant.within(async (tx) => {
      await store.setTrust(tx, tenant.connectionId, trust);
      await store.setLook(tx, tenant.connectionId, { at: NOW, validTo: shifted(NOW, 5) });
      expect(await store.lock(tx, tenant.connectionId)).toMatchObject({ trust, look: { at: NOW } });
      await expect(store.setTrust(tx, connectionId(randomUUID()), trust)).rejects.toMatchObject({ kind: 'not_found' });
    });
  });
});

describe('SE-06: servers that are tried out', () => {
  const book = (of: Tenant, now = NOW) => of.within((tx) => connectionTrials.book(tx, now));

  it('are ten an hour for one installation, over all processes, and then it is said when the next may be', async () => {
    const results = await Promise.all(Array.from({ length: 14 }, () => book(tenant)));
    expect(results.filter((nextAt) => nextAt === undefined)).toHaveLength(10);
    expect(results.filter((nextAt) => nextAt?.getTime() === NOW.getTime() + 3_600_000)).toHaveLength(4);
    expect(await book(await world.addTenant())).toBeUndefined();
    expect(await book(tenant, shifted(NOW, 3_599_999))).toBeInstanceOf(Date);
    expect(await book(tenant, shifted(NOW, 3_600_000))).toBeUndefined();
  });
});

it('trust of the version before is converted, and back again', async () => {
  const old = await freshDatabase();
  const owner = openDatabase({ url: old.ownerUrl, role: 'orderline_owner' });
  try {
    const then = tenantWorld(old.db);
    const connections = createConnectionStore(then.vault);
    const identity = await makeIdentity();
    const asBefore = { kind: 'pinned', certificates: [identity.cert] };
    const [one, other] = [await then.addTenant(), await then.addTenant()];
    const trustOf = (of: Tenant) =>
      of.within(async (tx) => (await queriesOf(tx)('connections').where({ id: of.connectionId }).first()).trust);
    await other.within((tx) => connections.setTrust(tx, other.connectionId, { kind: 'authority', pem: identity.cert }));
    await owner.transaction((trx) => erpWire.down(trx));
    expect(await trustOf(other)).toEqual(asBefore);
    await one.within((tx) =>
      queriesOf(tx)('connections')
        .where({ id: one.connectionId })
        .update({ trust: JSON.stringify(asBefore) }),
    );
    await owner.transaction((trx) => erpWire.up(trx));
    const { trust } = await one.within((tx) => connections.get(tx, one.connectionId));
    expect(trust).toEqual({ kind: 'pinned', slots: [{ fingerprint: identity.fingerprint, pem: identity.cert }] });
    await owner.transaction((trx) => erpWire.down(trx));
    expect(await trustOf(one)).toEqual(asBefore);
  } finally {
    await owner.destroy();
    await old.drop();
  }
});
