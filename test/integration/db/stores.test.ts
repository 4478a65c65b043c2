import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../server/app/ports/settings-store.ts';
import { createConnectionStore } from '../../../server/db/connection-store.ts';
import { crmFieldStore } from '../../../server/db/crm-field-store.ts';
import { createCrmWebhookStore } from '../../../server/db/crm-webhook-store.ts';
import { createGrantStore } from '../../../server/db/grant-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { createOAuthStateStore } from '../../../server/db/oauth-state-store.ts';
import { settingsStore } from '../../../server/db/settings-store.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { after as shifted } from '../../../server/kernel/clock.ts';
import { connectionId, installationId } from '../../../server/kernel/ids.ts';
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

describe('installations', () => {
  const values = { companyName: 'New name', apiDomain: 'https://new.pipedrive.com', installedAt: NOW };

  it('are one per company, revived when it comes back', async () => {
    const store = createInstallationStore(world.vault);
    const other = installationId(randomUUID());
    await expect(
      world.unitOfWork.within(other, (tx) => store.save(tx, { companyId: tenant.companyId, ...values })),
    ).rejects.toMatchObject({ kind: 'conflict' });
    await expect(
      tenant.within((tx) => store.save(tx, { companyId: 'another company', ...values })),
    ).rejects.toMatchObject({ kind: 'conflict' });

    await tenant.within((tx) => store.erase(tx));
    await tenant.within(async (tx) =>
      expect(await store.get(tx)).toMatchObject({ status: 'uninstalled', companyName: '' }),
    );
    await tenant.within((tx) => store.save(tx, { companyId: tenant.companyId, ...values }));
    await tenant.within(async (tx) =>
      expect(await store.get(tx)).toEqual({
        id: tenant.id,
        companyId: tenant.companyId,
        status: 'active',
        signature: 'if-present',
        ...values,
      }),
    );
    await expect(world.unitOfWork.within(other, (tx) => store.get(tx))).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('keep the webhook secret encrypted', async () => {
    const store = createInstallationStore(world.vault);
    await tenant.within(async (tx) => {
      expect(await store.findWebhookSecret(tx)).toBeUndefined();
      await store.setWebhookSecret(tx, 'canary');
      expect((await store.findWebhookSecret(tx))?.reveal()).toBe('canary');
      const row = await queriesOf(tx)('installations').first();
      expect(row.webhook_secret.includes('canary')).toBe(false);
    });
  });

  it('leave nothing but hand-off keys, the audit chain and their own row when erased (SE-20)', async () => {
    const store = createInstallationStore(world.vault);
    await tenant.within(async (tx) => {
      await createGrantStore(world.vault).save(tx, aGrant(1, false));
      await settingsStore.save(tx, tenant.connectionId, 0, DEFAULT_SETTINGS, 1);
      await store.setWebhookSecret(tx, 'secret');
    });
    await tenant.within((tx) => store.erase(tx));
    await tenant.within(async (tx) => {
      const tables: string[] = await queriesOf(tx)('pg_policies').where({ policyname: 'tenant' }).pluck('tablename');
      expect(tables.length).toBeGreaterThan(15);
      const filled: string[] = [];
      for (const table of tables)
        if ((await queriesOf(tx)(table).select('installation_id')).length > 0) filled.push(table);
      expect(filled).toEqual(['installations']);
      expect(await queriesOf(tx)('installations').first()).toMatchObject({
        webhook_secret: null,
        webhook_secret_hash: null,
      });
    });
  });
});

const aGrant = (userId: number, isAdmin: boolean) => ({
  userId,
  userName: `user ${userId}`,
  isAdmin,
  accessToken: `access ${userId}`,
  refreshToken: `refresh ${userId}`,
  expiresAt: NOW,
  scopes: ['base', 'deals:full'],
  kind: 'oauth' as const,
  at: NOW,
});

describe('grants', () => {
  it('are one per user, read back with their tokens; the service takes an active admin’s first', async () => {
    const store = createGrantStore(world.vault);
    await tenant.within(async (tx) => {
      expect(await store.findForService(tx)).toBeUndefined();
      await store.save(tx, aGrant(1, false));
      expect((await store.findForService(tx))?.userId).toBe(1);
      await store.save(tx, aGrant(2, true));
      const grant = await store.findForService(tx);
      expect(grant).toMatchObject({ userId: 2, isAdmin: true, status: 'active' });
      expect(grant?.tokens.accessToken.reveal()).toBe('access 2');
      expect(grant?.tokens).toMatchObject({ expiresAt: NOW, scopes: ['base', 'deals:full'] });

      await store.setStatus(tx, 2, 'refused');
      expect((await store.findForService(tx))?.userId).toBe(1);
      await store.replaceTokens(tx, 2, { ...aGrant(2, true), refreshToken: 'new' }, null, NOW);
      expect((await store.lockByUser(tx, 2))?.tokens.refreshToken.reveal()).toBe('new');
      expect((await store.findByUser(tx, 2))?.status).toBe('active');
      await store.remove(tx, 1);
      expect(await store.list(tx)).toMatchObject([{ userId: 2, userName: 'user 2', isAdmin: true, status: 'active' }]);
    });
  });

  it('are refreshed by one at a time over all connections', async () => {
    const store = createGrantStore(world.vault);
    await tenant.within((tx) => store.save(tx, aGrant(1, true)));
    let refreshes = 0;
    const refreshUnlessDone = () =>
      tenant.within(async (tx) => {
        const grant = await store.lockByUser(tx, 1);
        if (grant?.tokens.accessToken.reveal() !== 'access 1') return;
        refreshes += 1;
        await store.replaceTokens(tx, 1, { ...aGrant(1, true), accessToken: 'refreshed' }, null, NOW);
      });
    await Promise.all(Array.from({ length: 8 }, refreshUnlessDone));
    expect(refreshes).toBe(1);
  });
});

describe('connections', () => {
  const access = {
    address: 'https://other.example:50000/b1s/v2',
    companyDb: 'OTHER',
    userName: 'manager',
    password: 'new password',
    trust: { kind: 'pinned', slots: [{ fingerprint: 'AB:CD', pem: '-----BEGIN CERTIFICATE-----' }] },
    proxy: null,
    timeZone: 'Europe/Vienna',
    localCurrency: 'EUR',
  } as const;

  it('count refused passwords until the access is replaced', async () => {
    const store = createConnectionStore(world.vault);
    const id = tenant.connectionId;
    await tenant.within(async (tx) => {
      expect(await store.countRefusedPassword(tx, id)).toBe(1);
      expect(await store.countRefusedPassword(tx, id)).toBe(2);
      await store.setStatus(tx, id, 'password_refused');
      await store.replaceAccess(tx, id, access);
      expect(await store.get(tx, id)).toMatchObject({
        status: 'active',
        refusedPasswords: 0,
        trust: access.trust,
        label: 'Main',
      });
      expect((await store.openPassword(tx, id)).reveal()).toBe('new password');
      await store.countRefusedPassword(tx, id);
      await store.resetRefusedPasswords(tx, id);
      expect((await store.get(tx, id)).refusedPasswords).toBe(0);
    });
  });

  it('may be several, and are not listed once disconnected', async () => {
    const store = createConnectionStore(world.vault);
    const second = connectionId(randomUUID());
    await tenant.within(async (tx) => {
      await store.create(tx, { id: second, label: 'Second', ...access });
      expect((await store.list(tx)).map(({ id }) => id)).toEqual([tenant.connectionId, second]);
      await store.setStatus(tx, tenant.connectionId, 'disconnected');
      expect((await store.list(tx)).map(({ id }) => id)).toEqual([second]);
      await expect(store.get(tx, connectionId(randomUUID()))).rejects.toMatchObject({ kind: 'not_found' });
    });
  });

  it('a late report revives no disconnected one, and only a certificate that waits is resumed', async () => {
    const store = createConnectionStore(world.vault);
    const id = connectionId(randomUUID());
    await tenant.within(async (tx) => {
      await store.create(tx, { id, label: 'Third', ...access });
      expect(await store.resume(tx, id)).toBe(false);
      expect(await store.setStatus(tx, id, 'certificate_changed')).toBe(true);
      expect(await store.resume(tx, id)).toBe(true);
      expect((await store.get(tx, id)).status).toBe('active');
      expect(await store.setStatus(tx, id, 'password_refused')).toBe(true);
      expect(await store.resume(tx, id)).toBe(false);
      await store.setStatus(tx, id, 'disconnected');
      for (const late of ['password_refused', 'certificate_changed'] as const) {
        expect(await store.setStatus(tx, id, late)).toBe(false);
        expect((await store.get(tx, id)).status).toBe('disconnected');
      }
    });
  });
});

describe('settings', () => {
  it('are versioned; of two who saved over the same version one is told', async () => {
    const changed = { ...DEFAULT_SETTINGS, handoff: { enabled: true, startsAt: NOW.toISOString() } };
    const save = (version: number) =>
      tenant.within((tx) => settingsStore.save(tx, tenant.connectionId, version, changed, 7));
    const get = () => tenant.within((tx) => settingsStore.get(tx, tenant.connectionId));
    expect(await get()).toEqual({ version: 0, settings: DEFAULT_SETTINGS });
    const results = await Promise.allSettled([save(0), save(0), save(0)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await get()).toEqual({ version: 1, settings: changed });
    await expect(save(0)).rejects.toMatchObject({ kind: 'conflict' });
    await expect(save(2)).rejects.toMatchObject({ kind: 'conflict' });
    await save(1);
    expect((await get()).version).toBe(2);
  });

  it('from before a setting existed have its default', async () => {
    await tenant.within(async (tx) => {
      await settingsStore.save(tx, tenant.connectionId, 0, { ...DEFAULT_SETTINGS, priceList: 3 }, 7);
      await queriesOf(tx).raw(
        `insert into settings select installation_id, connection_id, 2, values - 'whoMaySend', by_user_id from settings`,
      );
      const { version, settings } = await settingsStore.get(tx, tenant.connectionId);
      expect({ version, settings }).toEqual({ version: 2, settings: { ...DEFAULT_SETTINGS, priceList: 3 } });
    });
  });
});

it('remembers fields and webhooks of ours in Pipedrive', async () => {
  const webhooks = createCrmWebhookStore(world.vault);
  await tenant.within(async (tx) => {
    const field = {
      purpose: 'deal.sap_status',
      name: 'SAP status',
      type: 'varchar',
      options: [],
      seenAt: null,
    } as const;
    await crmFieldStore.save(tx, { ...field, code: 'a'.repeat(40), own: true });
    const list = {
      type: 'enum',
      options: [{ id: 31, key: '100', label: 'Dealers', connectionId: null }],
      seenAt: new Date(5_000),
    } as const;
    await crmFieldStore.save(tx, { ...field, ...list, code: 'b'.repeat(40), own: false });
    expect(await crmFieldStore.get(tx)).toEqual({ 'deal.sap_status': 'b'.repeat(40) });
    expect(await crmFieldStore.list(tx)).toEqual([{ ...field, ...list, code: 'b'.repeat(40), own: false }]);

    await webhooks.add(tx, {
      object: 'deal',
      action: '*',
      user: 'u1',
      password: 'p1',
      webhookId: 0,
      madeAt: new Date(1),
    });
    await webhooks.add(tx, {
      object: 'person',
      action: '*',
      user: 'u2',
      password: 'p2',
      webhookId: 8,
      madeAt: new Date(1),
    });
    await webhooks.setId(tx, 'u1', 7);
    expect((await webhooks.list(tx)).map((hook) => [hook.webhookId, hook.user])).toEqual([
      [7, 'u1'],
      [8, 'u2'],
    ]);
    const hashOf = (password: string) => createHash('sha256').update(password).digest();
    expect(await webhooks.listCredentials(tx)).toEqual([
      { user: 'u1', passwordHash: hashOf('p1') },
      { user: 'u2', passwordHash: hashOf('p2') },
    ]);
    await webhooks.remove(tx, 'u1');
    expect(await webhooks.list(tx)).toHaveLength(1);
  });
});

describe('OAuth states (SE-16)', () => {
  it('work once, for the browser that started, until they expire', async () => {
    const states = createOAuthStateStore(database.db);
    const expiresAt = shifted(NOW, 600_000);
    await states.add('one', 'browser', expiresAt);
    expect(await states.consume('unknown', 'browser', NOW)).toBe('unknown');
    const answers = await Promise.all(Array.from({ length: 5 }, () => states.consume('one', 'browser', NOW)));
    expect(answers.sort()).toEqual(['ok', 'unknown', 'unknown', 'unknown', 'unknown']);

    await states.add('two', 'browser', expiresAt);
    expect(await states.consume('two', 'other', NOW)).toBe('other_browser');
    expect(await states.consume('two', 'browser', NOW)).toBe('unknown');

    await states.add('three', 'browser', expiresAt);
    expect(await states.consume('three', 'browser', expiresAt)).toBe('expired');
  });
});
