import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settleGrantedScopes } from '../../../server/app/granted-scopes.ts';
import { makeEraseInstallation } from '../../../server/app/install/erase-installation.ts';
import { makeRemoveInstallation } from '../../../server/app/install/remove-installation.ts';
import { makeUninstall } from '../../../server/app/install/uninstall.ts';
import type { UnitOfWork } from '../../../server/app/ports/unit-of-work.ts';
import { proveErasure } from '../../../server/db/erasure-proof.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { ForbiddenError, UnavailableError } from '../../../server/kernel/errors.ts';
import { type Operator, openOperator } from '../../../server/operator.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';
import { addGrants, removalParts } from './removal-parts.ts';

const START = Date.parse('2026-11-24T08:00:00Z');
const MINUTE = 60_000;
const signal = new AbortController().signal;

let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;
let now = START;
const clock = { now: () => new Date(now) };

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
});
beforeEach(async () => {
  now = START;
  await renewTenant();
});
afterAll(() => database.drop());

const partsOf = (from: TenantWorld, unitOfWork?: UnitOfWork) => removalParts(database.db, clock, from, unitOfWork);
const principal = () => ({ installationId: tenant.id, companyId: tenant.companyId, userId: 1, isAdmin: true });
const proof = () => tenant.within(proveErasure);

describe('removing an installation', () => {
  it('goes on where it was, wherever it is interrupted, in the same order, and ends with nothing left', async () => {
    for (let point = 1; ; point += 1) {
      const { deps, outside, hooks } = partsOf(world);
      const { askForRemoval, removeInstallation } = makeRemoveInstallation(deps);
      await askForRemoval(principal(), 'Desk & Chair Ltd', 'request');
      let passed = 0;
      outside.interrupt = () => {
        passed += 1;
        if (passed === point) throw new Error('The process ended here.');
      };
      const interrupted = await removeInstallation(tenant.id, signal).then(
        () => false,
        () => true,
      );
      outside.interrupt = () => undefined;
      await removeInstallation(tenant.id, signal);
      // The job that the erasing leaves behind.
      await makeEraseInstallation(deps).eraseAgain(tenant.id, [tenant.connectionId]);
      expect([...hooks]).toEqual([]);
      expect(await proof(), `interrupted at ${point}`).toMatchObject({ erased: true });
      const steps = outside.asked.map((what) => what.split(' ')[0]);
      expect([...new Set(steps)]).toEqual(['list', 'delete', 'leave', 'revoke', 'sign']);
      expect(new Set(outside.asked.filter((what) => what.startsWith('revoke')))).toEqual(
        new Set(['revoke refresh 1', 'revoke refresh 2']),
      );
      if (!interrupted) {
        expect(point).toBeGreaterThan(10);
        return;
      }
      await renewTenant();
    }
  });

  it('does not wait for a right or a grant that nobody gives, and says what was left', async () => {
    const { deps, outside } = partsOf(world);
    const refused = async () => {
      throw new ForbiddenError('no right');
    };
    const { askForRemoval, removeInstallation } = makeRemoveInstallation({
      ...deps,
      crm: { listWebhooks: refused, deleteWebhook: refused },
    });
    await askForRemoval(principal(), 'Desk & Chair Ltd', 'request');
    await removeInstallation(tenant.id, signal);
    expect(outside.asked.filter((what) => what.startsWith('revoke'))).toHaveLength(2);
    expect(await proof()).toMatchObject({ erased: true });
  });

  it('is patient for a quarter of an hour and no longer', async () => {
    const { deps } = partsOf(world);
    const away = async () => {
      throw new UnavailableError('away');
    };
    const { askForRemoval, removeInstallation } = makeRemoveInstallation({ ...deps, oauth: { revoke: away } });
    await askForRemoval(principal(), 'Desk & Chair Ltd', 'request');
    now += 14 * MINUTE;
    // Not a failure that counts: told when to come back, at the latest when patience ends.
    await expect(removeInstallation(tenant.id, signal)).rejects.toMatchObject({
      kind: 'rate_limited',
      retryAt: new Date(START + 15 * MINUTE),
    });
    expect(await proof()).toMatchObject({ erased: false });
    now += MINUTE;
    await removeInstallation(tenant.id, signal);
    expect(await proof()).toMatchObject({ erased: true });
  });

  it('gives back every access that it can, whatever becomes of one of them', async () => {
    const { deps, outside } = partsOf(world);
    const revoke = async (token: string) => {
      if (token === 'refresh 1') throw new UnavailableError('away');
      return deps.oauth.revoke(token);
    };
    const { askForRemoval, removeInstallation } = makeRemoveInstallation({ ...deps, oauth: { revoke } });
    await askForRemoval(principal(), 'Desk & Chair Ltd', 'request');
    await expect(removeInstallation(tenant.id, signal)).rejects.toMatchObject({ kind: 'rate_limited' });
    expect(outside.asked).toContain('revoke refresh 2');
  });

  it('is planned anew where its job was lost', async () => {
    const { deps } = partsOf(world);
    const { askForRemoval, watchRemovals } = makeRemoveInstallation(deps);
    await askForRemoval(principal(), 'Desk & Chair Ltd', 'request');
    await tenant.within((tx) => queriesOf(tx).raw('select remove_jobs(?, ?)', [tenant.id, 'none']));
    const waiting = async (): Promise<number> => {
      const { rows } = await database.db.raw('select count_jobs(?, ?) as jobs', [tenant.id, 'none']);
      return rows[0].jobs;
    };
    expect(await waiting()).toBe(0);
    await watchRemovals();
    expect(await waiting()).toBe(1);
  });
});

describe('an uninstall', () => {
  const notice = (userId: number | null) => ({ companyId: tenant.companyId, userId, at: null });

  it('WH-12 SE-20 5.3.19 needs no key: it erases also while nothing can be opened', async () => {
    const locked = tenantWorld(database.db);
    const { deps, outside } = partsOf(locked);
    const uninstall = makeUninstall(deps);
    await uninstall(notice(1));
    await tenant.within(async (tx) => expect(await deps.grants.list(tx)).toMatchObject([{ userId: 2 }]));
    await uninstall(notice(2));
    expect(await proof()).toMatchObject({ erased: true });
    expect(outside.asked).toEqual(['sign out of SAP']);
  });

  it('SE-20 where the database gives the erasing up, access is gone at once and the rest within a minute', async () => {
    let refusals = 0;
    const contended: UnitOfWork = {
      within: (id, work) =>
        world.unitOfWork.within(id, async (tx) => {
          const result = await work(tx);
          const { length } = await queriesOf(tx)('connections').where({ installation_id: id }).select('id');
          if (length > 0) return result;
          refusals += 1;
          throw new UnavailableError('deadlock detected');
        }),
    };
    const { deps } = partsOf(world, contended);
    await makeUninstall(deps)(notice(null));
    expect(refusals).toBe(3);
    await tenant.within(async (tx) => {
      expect(await queriesOf(tx)('grants').where({ installation_id: tenant.id })).toEqual([]);
      expect(await deps.installations.get(tx)).toMatchObject({ status: 'uninstalled' });
    });
    const { rows } = await database.db.raw(
      `select task, due_at from scheduled_jobs where envelope ->> 'installationId' = ?`,
      [tenant.id],
    );
    expect(rows).toMatchObject([{ task: 'installation.erase' }]);
    expect(rows[0].due_at.getTime() - START).toBeLessThan(MINUTE);
    await makeEraseInstallation(partsOf(world).deps).eraseAgain(tenant.id, []);
    expect(await proof()).toMatchObject({ erased: true });
  });

  it('leaves an installation alone that has come back before the job looked again', async () => {
    const { deps } = partsOf(world);
    await makeUninstall(deps)(notice(null));
    const values = {
      companyId: tenant.companyId,
      companyName: 'Back',
      apiDomain: 'https://x',
      installedAt: clock.now(),
    };
    await tenant.within((tx) => deps.installations.save(tx, values));
    await makeEraseInstallation(deps).eraseAgain(tenant.id, [tenant.connectionId]);
    await tenant.within(async (tx) => expect(await deps.installations.get(tx)).toMatchObject({ status: 'active' }));
  });

  it('SE-18 of one of two takes what only they had to do with it, and says so where nobody is left to work with', async () => {
    const { deps } = partsOf(world);
    const findings = () => tenant.within((tx) => findingStore.listOpen(tx, 10));
    await tenant.within(async (tx) => {
      await settleGrantedScopes(deps, tx, clock.now());
      const words = { message: 'Belongs to another company.', action: 'Install again.', link: null };
      await findingStore.raise(tx, { kind: 'reconnect_pipedrive', subject: 'user:1', ...words }, clock.now());
      await deps.grants.setStatus(tx, 2, 'refused');
    });
    expect((await findings()).map(({ kind }) => kind).sort()).toEqual(['reconnect_pipedrive', 'scopes_missing']);
    await makeUninstall(deps)(notice(1));
    expect(await findings()).toMatchObject([{ kind: 'reconnect_pipedrive', subject: 'installation' }]);
    await tenant.within(async (tx) =>
      expect(await deps.installations.get(tx)).toMatchObject({ status: 'reauth_required' }),
    );
  });

  it('during a removal ends it, and a late report about a grant does not bring the installation back', async () => {
    const { deps } = partsOf(world);
    const { askForRemoval, removeInstallation } = makeRemoveInstallation(deps);
    await askForRemoval(principal(), 'Desk & Chair Ltd', 'request');
    await makeUninstall(deps)(notice(1));
    await tenant.within((tx) => deps.installations.setStatus(tx, 'reauth_required'));
    await tenant.within(async (tx) => expect(await deps.installations.get(tx)).toMatchObject({ status: 'removing' }));
    await makeUninstall(deps)(notice(2));
    await removeInstallation(tenant.id, signal);
    expect(await proof()).toMatchObject({ erased: true });
  });
});

describe("the operator's command", () => {
  let operator: Operator;
  beforeEach(async () => {
    operator = await openOperator(database.appUrl, clock);
  });
  afterEach(() => operator.close());

  it('SE-20 begins a removal without a key, which a worker carries out, and proves it', async () => {
    expect(await operator.statusOf(tenant.companyId)).toEqual({ status: 'active', done: [] });
    await operator.startRemoval(tenant.companyId);
    expect(await operator.statusOf(tenant.companyId)).toEqual({ status: 'removing', done: [] });
    expect((await operator.proofFor(tenant.companyId)).erased).toBe(false);

    const { deps } = partsOf(world);
    await makeRemoveInstallation(deps).removeInstallation(tenant.id, signal);
    expect(await operator.statusOf(tenant.companyId)).toEqual({ status: 'uninstalled', done: [] });
    expect(await operator.proofFor(tenant.companyId)).toMatchObject({ erased: true, chain: { intact: true } });
    await expect(operator.startRemoval(tenant.companyId)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(operator.proofFor('424242')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('SE-20 has the erasing done again where an uninstalled company still has something left', async () => {
    const { deps } = partsOf(world);
    await tenant.within((tx) => deps.installations.setStatus(tx, 'uninstalled'));
    expect((await operator.proofFor(tenant.companyId)).erased).toBe(false);
    await operator.startRemoval(tenant.companyId);
    const { rows } = await database.db.raw('select count_jobs(?, ?) as all, count_jobs(?, ?) as others', [
      tenant.id,
      'none',
      tenant.id,
      'installation.erase',
    ]);
    expect(rows).toEqual([{ all: 1, others: 0 }]);
    await makeEraseInstallation(deps).eraseAgain(tenant.id, []);
    expect((await operator.proofFor(tenant.companyId)).erased).toBe(true);
  });

  it('is not given to the owner of the tables, to whom no row would show', async () => {
    await expect(openOperator(database.ownerUrl, clock)).rejects.toThrow(/DATABASE_URL must name a role/);
  });
});

async function renewTenant(): Promise<void> {
  tenant = await world.addTenant();
  await addGrants(world, tenant, clock);
}
