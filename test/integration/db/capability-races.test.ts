import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpCapabilities } from '../../../server/app/ports/erp-capabilities.ts';
import { makeProbeCapabilities } from '../../../server/app/settings/probe-capabilities.ts';
import { capabilityStore } from '../../../server/db/capability-store.ts';
import { createConnectionStore } from '../../../server/db/connection-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { settingsStore } from '../../../server/db/settings-store.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { movableClock } from '../../support/movable-clock.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

const RECORD: ErpCapabilities = {
  dialect: 'v2',
  version: '1000340',
  companyName: 'Desk & Chair Ltd',
  localCurrency: 'EUR',
  batch: 'yes',
  userTables: 'yes',
  keyField: 'yes',
  ledger: 'yes',
  sqlQueries: 'yes',
  webhooks: 'no',
  etag: 'yes',
  approvals: 'no',
  branches: 'no',
  decimals: null,
  collectionSelect: 'yes',
  preview: 'yes',
  itemPrice: 'yes',
  pageSize: null,
  clock: { skewMs: null, offsetMinutes: null, stamps: 'unknown', newest: null, lookedAt: '2026-03-02T09:00:00.000Z' },
};

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

const connections = () => createConnectionStore(world.vault);

/** @param meanwhile what happens to the connection while SAP is asked */
function probe(meanwhile: () => Promise<unknown>): Promise<void> {
  const probeCapabilities = makeProbeCapabilities({
    clock: movableClock(),
    unitOfWork: world.unitOfWork,
    installations: createInstallationStore(world.vault),
    connections: connections(),
    settings: settingsStore,
    capabilities: capabilityStore,
    capabilityProbe: {
      async probeCapabilities() {
        await meanwhile();
        return RECORD;
      },
    },
  });
  return probeCapabilities(tenant.id, tenant.connectionId, new AbortController().signal);
}

const known = () => tenant.within((tx) => capabilityStore.find(tx, tenant.connectionId));

/** The same company moves to another server. */
const move = (address: string) =>
  tenant.within((tx) =>
    connections().replaceAccess(tx, tenant.connectionId, {
      address,
      companyDb: 'DESK',
      userName: 'orderline',
      password: 'a password',
      trust: { kind: 'public' },
      proxy: null,
      timeZone: 'Europe/Berlin',
      localCurrency: 'EUR',
    }),
  );

describe('what a SAP system was found to be able to do', () => {
  it('is kept', async () => {
    await probe(async () => undefined);
    expect((await known())?.record).toEqual(RECORD);
  });

  it('is not kept for another server that took its place meanwhile', async () => {
    await probe(() => move('https://other.example:50000/b1s/v2'));
    expect(await known()).toBeUndefined();
  });

  it('is not kept for a user who took the place of the one that asked', async () => {
    await probe(() =>
      tenant.within((tx) => connections().setSignIn(tx, tenant.connectionId, { userName: 'other', password: 'x' })),
    );
    expect(await known()).toBeUndefined();
  });

  it('is not kept for a connection that was given up', async () => {
    await probe(() => tenant.within((tx) => connections().setStatus(tx, tenant.connectionId, 'disconnected')));
    expect(await known()).toBeUndefined();
  });
});
