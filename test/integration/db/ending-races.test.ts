import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCompleteInstall } from '../../../server/app/install/complete-install.ts';
import { makeEraseInstallation } from '../../../server/app/install/erase-installation.ts';
import { makeRemoveInstallation } from '../../../server/app/install/remove-installation.ts';
import { makeUninstall } from '../../../server/app/install/uninstall.ts';
import { crmReadingStore } from '../../../server/db/crm-readings.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { parkedJobs } from '../../../server/db/job-queue.ts';
import { removalStore } from '../../../server/db/removal-store.ts';
import { tokenLedger } from '../../../server/db/token-ledger.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';
import { addGrants, type RemovalDeps, removalParts } from './removal-parts.ts';

const signal = new AbortController().signal;
const clock = { now: () => new Date('2026-11-24T08:00:00Z') };

let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
});
beforeEach(async () => {
  tenant = await world.addTenant();
  await addGrants(world, tenant, clock);
});
afterAll(() => database.drop());

describe('somebody who installs at the very moment at which the installation ends', () => {
  const COLLEAGUE = 3;

  /** Runs work whose transaction, once it has decided, sees a colleague begin to install. */
  async function meet(deps: RemovalDeps, work: (deps: RemovalDeps) => Promise<void>): Promise<void> {
    let installing: Promise<unknown> | undefined;
    const removals = {
      ...deps.removals,
      async hasOrderOut(...[tx, at]: Parameters<typeof removalStore.hasOrderOut>) {
        installing ??= install(deps).finally(() => {
          isOver = true;
        });
        let isOver = false;
        while (!isOver && !(await somebodyWaits())) {}
        return removalStore.hasOrderOut(tx, at);
      },
    };
    await work({ ...deps, removals });
    expect(installing).toBeDefined();
    await installing;
  }

  async function somebodyWaits(): Promise<boolean> {
    const { rows } = await database.db.raw(
      `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as waits`,
    );
    return rows[0].waits;
  }

  function install(deps: RemovalDeps): Promise<unknown> {
    const completeInstall = makeCompleteInstall({
      ...deps,
      clientId: 'client',
      findings: findingStore,
      vault: world.vault,
      parkedJobs,
      readings: crmReadingStore,
      ledger: tokenLedger,
    });
    const tokens = { accessToken: 'access 3', refreshToken: 'refresh 3', expiresAt: clock.now(), scopes: ['base'] };
    return completeInstall(
      { ...tokens, apiDomain: 'https://desk.pipedrive.com' },
      {
        companyId: tenant.companyId,
        companyName: 'Desk & Chair Ltd',
        companyDomain: 'desk',
        userId: COLLEAGUE,
        userName: 'Cleo',
        isAdmin: true,
        language: 'en',
      },
    );
  }

  const expectInstalled = (deps: RemovalDeps) =>
    tenant.within(async (tx) => {
      expect(await deps.installations.get(tx)).toMatchObject({ status: 'active', companyName: 'Desk & Chair Ltd' });
      const grant = await deps.grants.findByUser(tx, COLLEAGUE);
      expect(grant?.tokens.refreshToken.reveal()).toBe('refresh 3');
    });

  it('WH-12 5.3.14 is not taken along by the notice of the last one who leaves', async () => {
    const { deps } = removalParts(database.db, clock, world);
    await meet(deps, (met) => makeUninstall(met).uninstall({ companyId: tenant.companyId, userId: null, at: null }));
    await expectInstalled(deps);
  });

  it('is not taken along by the job that looks whether anything was left', async () => {
    const { deps } = removalParts(database.db, clock, world);
    await makeUninstall(deps).uninstall({ companyId: tenant.companyId, userId: null, at: null });
    await meet(deps, (met) => makeEraseInstallation(met).eraseAgain(tenant.id, []));
    await expectInstalled(deps);
  });

  it('is not taken along by the last step of a removal', async () => {
    const { deps } = removalParts(database.db, clock, world);
    await makeRemoveInstallation(deps).askForRemoval(
      { installationId: tenant.id, companyId: tenant.companyId, userId: 1, isAdmin: true },
      'Desk & Chair Ltd',
      'request',
    );
    await meet(deps, (met) => makeRemoveInstallation(met).removeInstallation(tenant.id, signal));
    await expectInstalled(deps);
  });
});
