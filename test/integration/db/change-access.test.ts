import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpProxy } from '../../../server/app/ports/installation-store.ts';
import { makeChangeAccess } from '../../../server/app/settings/change-access.ts';
import { createAuditLog } from '../../../server/db/audit-log.ts';
import { createConnectionStore } from '../../../server/db/connection-store.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { settingsStore } from '../../../server/db/settings-store.ts';
import { ConflictError } from '../../../server/kernel/errors.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { movableClock } from '../../support/movable-clock.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

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

const signal = new AbortController().signal;
const header: ErpProxy['header'] = { name: 'x-gateway', value: { reveal: () => 'header-canary' } };

/** The use cases with a server that is tried out, and what somebody else does meanwhile. */
function changing(meanwhile: () => Promise<void>) {
  const connections = createConnectionStore(world.vault);
  const nothing = async () => undefined;
  const unused = () => Promise.reject(new Error('not asked here'));
  const change = makeChangeAccess({
    clock: movableClock(),
    unitOfWork: world.unitOfWork,
    installations: createInstallationStore(world.vault),
    connections,
    settings: settingsStore,
    findings: findingStore,
    audit: createAuditLog(world.vault),
    jobs: { enqueueWithin: nothing },
    erp: { close: nothing },
    trials: { book: nothing },
    sleep: nothing,
    deadline: () => signal,
    onboarding: {
      checkAddress: unused,
      readTrust: () => ({ kind: 'authority', pem: '' }),
      checkProxy: () => undefined,
      lookAtCertificate: unused,
      async tryAccess() {
        await meanwhile();
        return { companyName: 'Desk', localCurrency: 'EUR', timeZone: 'Europe/Berlin', version: '1' };
      },
    },
  });
  const principal = { installationId: tenant.id, companyId: tenant.companyId, userId: 1, isAdmin: true };
  const stored = () =>
    tenant.within(async (tx) => ({
      password: (await connections.openPassword(tx, tenant.connectionId)).reveal(),
      proxy: await connections.openProxy(tx, tenant.connectionId),
    }));
  return { change, principal, connections, stored };
}

describe('SE-15: while something is tried out at one server, somebody connects another one', () => {
  const another = () =>
    tenant.within((tx) =>
      createConnectionStore(world.vault).replaceAccess(tx, tenant.connectionId, {
        address: 'https://another.example:50000/b1s/v2',
        companyDb: 'DESK',
        userName: 'orderline',
        password: 'of another server',
        trust: { kind: 'public' },
        proxy: null,
        timeZone: 'Europe/Berlin',
        localCurrency: 'EUR',
      }),
    );

  it('the password meant for the first is not kept for the other', async () => {
    const { change, principal, stored } = changing(another);
    const body = { userName: 'orderline', password: 'for the first' };
    await expect(change.changeSignIn(principal, body, 'r1', signal)).rejects.toBeInstanceOf(ConflictError);
    expect(await stored()).toMatchObject({ password: 'of another server' });
  });

  it('nor is what its proxy asks for', async () => {
    const { change, principal, stored } = changing(another);
    const body = { proxy: { header: { name: 'x-gateway', value: 'header-canary' }, clientCertificate: null } };
    await expect(change.changeProxy(principal, body, 'r1', signal)).rejects.toBeInstanceOf(ConflictError);
    expect(await stored()).toMatchObject({ proxy: null });
  });

  it('without that, both are kept', async () => {
    const { change, principal, stored } = changing(async () => undefined);
    await change.changeSignIn(principal, { userName: 'orderline', password: 'the next' }, 'r1', signal);
    const body = { proxy: { header: { name: 'x-gateway', value: 'header-canary' }, clientCertificate: null } };
    await change.changeProxy(principal, body, 'r1', signal);
    const { password, proxy } = await stored();
    expect([password, proxy?.header?.name, proxy?.header?.value.reveal()]).toEqual([
      'the next',
      header?.name,
      header?.value.reveal(),
    ]);
  });
});
