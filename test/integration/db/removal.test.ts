import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGrantAccess } from '../../../server/app/access/grant-access.ts';
import { settleGrantedScopes } from '../../../server/app/granted-scopes.ts';
import { makeAuthenticate } from '../../../server/app/install/authenticate.ts';
import { makeEraseInstallation } from '../../../server/app/install/erase-installation.ts';
import { makeRemoveInstallation } from '../../../server/app/install/remove-installation.ts';
import { makeUninstall } from '../../../server/app/install/uninstall.ts';
import type { Tx, UnitOfWork } from '../../../server/app/ports/unit-of-work.ts';
import { waitForReconnect } from '../../../server/app/reconnect-pipedrive.ts';
import { SCOPE_NAMES } from '../../../server/app/scopes.ts';
import { proveErasure } from '../../../server/db/erasure-proof.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { ForbiddenError, UnavailableError } from '../../../server/kernel/errors.ts';
import { type Operator, openOperator } from '../../../server/operator.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';
import { addGrants, type RemovalDeps, removalParts } from './removal-parts.ts';

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
    // In the trail, and to whoever asks afterwards.
    const verbs = await tenant.within((tx) =>
      queriesOf(tx)('audit_entries').where({ installation_id: tenant.id }).orderBy('seq').select('verb', 'target'),
    );
    expect(verbs.filter(({ verb }) => verb.startsWith('removal_step'))).toEqual([
      { verb: 'removal_step_left', target: 'webhooks' },
      { verb: 'removal_step_done', target: 'sap_events' },
      { verb: 'removal_step_done', target: 'access' },
    ]);
    const authenticate = makeAuthenticate(deps);
    const claims = { companyId: tenant.companyId, userId: 1 };
    await expect(authenticate(claims)).rejects.toThrow(/could not be asked to stop telling this app about changes/);
    await tenant.within((tx) => deps.installations.save(tx, back()));
    await tenant.within(async (tx) => expect(await deps.removals.listLeft(tx)).toEqual([]));
  });

  it('says while it goes on what was done and what was left undone', async () => {
    const { deps } = partsOf(world);
    const { askForRemoval, removeInstallation, viewRemoval } = makeRemoveInstallation({
      ...deps,
      leaveErpEvents: async () => false,
      oauth: {
        async revoke() {
          throw new Error('The process ended here.');
        },
      },
    });
    await askForRemoval(principal(), 'Desk & Chair Ltd', 'request');
    await expect(removeInstallation(tenant.id, signal)).rejects.toThrow('ended here');
    expect((await viewRemoval(principal())).steps).toMatchObject([
      { step: 'webhooks', state: 'done' },
      { step: 'sap_events', state: 'left', sentence: expect.stringContaining('your SAP partner deletes') },
      { step: 'access', state: 'waiting' },
      { step: 'data', state: 'waiting' },
    ]);
  });

  it('AP-10 leaves no living token behind: nobody refreshes a grant while it is given back, nor afterwards', async () => {
    const { deps } = partsOf(world);
    const access = createGrantAccess(deps);
    /** As Pipedrive with rotating tokens. */
    const alive = new Set(['refresh 1', 'refresh 2']);
    let panel: Promise<unknown> | undefined;
    const revoke = async (token: string) => {
      // A rep opens a panel at this very moment.
      panel ??= access.refreshLocked(tenant.id, 1, async ({ refreshToken }) => {
        if (!alive.delete(refreshToken.reveal())) return 'refused';
        alive.add('refresh 1, rotated');
        const tokens = { accessToken: 'new', refreshToken: 'refresh 1, rotated', expiresAt: clock.now(), scopes: [] };
        return { ...tokens, apiDomain: 'https://x' };
      });
      await Promise.race([panel, somebodyWaits()]);
      alive.delete(token);
    };
    const { askForRemoval, removeInstallation } = makeRemoveInstallation({ ...deps, oauth: { revoke } });
    await askForRemoval(principal(), 'Desk & Chair Ltd', 'request');
    await removeInstallation(tenant.id, signal);
    expect(await panel).toBeUndefined();
    expect([...alive]).toEqual([]);
    expect(await proof()).toMatchObject({ erased: true });
  });

  it('leaves the grant of somebody alone who has installed again before theirs was given back', async () => {
    const { deps } = partsOf(world);
    const revoked: string[] = [];
    const { askForRemoval, removeInstallation } = makeRemoveInstallation({
      ...deps,
      async leaveErpEvents() {
        await tenant.within((tx) => deps.installations.save(tx, back()));
        return true;
      },
      oauth: { revoke: async (token) => void revoked.push(token) },
    });
    await askForRemoval(principal(), 'Desk & Chair Ltd', 'request');
    await removeInstallation(tenant.id, signal);
    expect(revoked).toEqual([]);
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
    const { uninstall } = makeUninstall(deps);
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
    await makeUninstall(deps).uninstall(notice(null));
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
    await makeUninstall(deps).uninstall(notice(null));
    await tenant.within((tx) => deps.installations.save(tx, back()));
    await makeEraseInstallation(deps).eraseAgain(tenant.id, [tenant.connectionId]);
    await tenant.within(async (tx) => expect(await deps.installations.get(tx)).toMatchObject({ status: 'active' }));
  });

  it('SE-18 of one of two takes what only they had to do with it, and says so where nobody is left who surely has access', async () => {
    const { deps } = partsOf(world);
    const findings = () => tenant.within((tx) => findingStore.listOpen(tx, 10));
    await tenant.within(async (tx) => {
      await settleGrantedScopes(deps, tx, clock.now());
      const words = { message: 'Belongs to another company.', action: 'Install again.', link: null };
      await findingStore.raise(tx, { kind: 'reconnect_pipedrive', subject: 'user:1', ...words }, clock.now());
      await refuseDoubted(deps, tx, 2);
    });
    expect((await findings()).map(({ kind }) => kind).sort()).toEqual(['reconnect_pipedrive', 'scopes_missing']);
    await makeUninstall(deps).uninstall(notice(1));
    const [finding] = await findings();
    expect(finding).toMatchObject({ kind: 'reconnect_pipedrive', subject: 'installation' });
    // Pipedrive has not clearly said that the other one is over: nothing is erased by itself.
    expect(finding?.message).not.toContain('erased');
    await tenant.within(async (tx) =>
      expect(await deps.installations.get(tx)).toMatchObject({ status: 'reauth_required' }),
    );
  });

  it('WH-12 SE-20 of the last one whose grant is good takes everything, whoever was refused before', async () => {
    const { deps } = partsOf(world);
    await tenant.within((tx) => deps.grants.setStatus(tx, 1, 'refused'));
    await makeUninstall(deps).uninstall(notice(2));
    expect(await proof()).toMatchObject({ erased: true });
  });

  it('WH-12 of somebody who was refused before ends nothing that waits for somebody else', async () => {
    const { deps } = partsOf(world);
    await tenant.within(async (tx) => {
      for (const user of [1, 2]) await deps.grants.setStatus(tx, user, 'refused');
      await deps.installations.waitForAccess(tx, clock.now());
    });
    await makeUninstall(deps).uninstall(notice(1));
    await tenant.within(async (tx) => {
      expect(await deps.grants.list(tx)).toMatchObject([{ userId: 2 }]);
      expect(await deps.installations.get(tx)).toMatchObject({ status: 'reauth_required' });
    });
  });

  it('during a removal ends it, and a late report about a grant does not bring the installation back', async () => {
    const { deps } = partsOf(world);
    const { askForRemoval, removeInstallation } = makeRemoveInstallation(deps);
    await askForRemoval(principal(), 'Desk & Chair Ltd', 'request');
    await makeUninstall(deps).uninstall(notice(1));
    await tenant.within((tx) => deps.installations.waitForAccess(tx, clock.now()));
    await tenant.within(async (tx) => expect(await deps.installations.get(tx)).toMatchObject({ status: 'removing' }));
    await makeUninstall(deps).uninstall(notice(2));
    await removeInstallation(tenant.id, signal);
    expect(await proof()).toMatchObject({ erased: true });
  });
});

describe('a company without access', () => {
  const DAY = 24 * 60 * MINUTE;
  const watch = (deps: RemovalDeps) => makeRemoveInstallation(deps).watchRemovals();
  const status = () => tenant.within(async (tx) => (await partsOf(world).deps.installations.get(tx)).status);

  async function lose(deps: RemovalDeps, lose: (tx: Tx, userId: number) => Promise<void>) {
    await tenant.within(async (tx) => {
      for (const user of [1, 2]) await lose(tx, user);
      await waitForReconnect(deps, tx, clock.now());
    });
  }

  it('SE-20 is removed after thirty days and not a minute before, which is told from the start and stands in the trail', async () => {
    const { deps } = partsOf(world);
    await lose(deps, (tx, user) => deps.grants.setStatus(tx, user, 'refused'));
    const [finding] = await tenant.within((tx) => findingStore.listOpen(tx, 10));
    expect(finding?.message).toContain('is erased on 24 Dec 2026 unless somebody installs it again');
    now += 30 * DAY - MINUTE;
    await watch(deps);
    expect(await status()).toBe('reauth_required');
    now += MINUTE;
    await watch(deps);
    expect(await status()).toBe('removing');
    await makeRemoveInstallation(deps).removeInstallation(tenant.id, signal);
    expect(await proof()).toMatchObject({ erased: true });
    const [asked] = await tenant.within((tx) =>
      queriesOf(tx)('audit_entries').where({ installation_id: tenant.id, verb: 'removal_asked' }).select('user_id'),
    );
    expect(asked).toEqual({ user_id: null });
  });

  it('SE-20 OP-07 is noticed also where the last two grants were refused at the same moment', async () => {
    const { deps } = partsOf(world);
    // With nothing to say of their rights, neither waits for the other over a finding.
    await tenant.within((tx) =>
      queriesOf(tx)('grants')
        .where({ installation_id: tenant.id })
        .update({ scopes: [...SCOPE_NAMES], is_admin: true }),
    );
    let marked = 0;
    let bothMarked = () => {};
    const both = new Promise<void>((resolve) => {
      bothMarked = resolve;
    });
    const grants = {
      ...deps.grants,
      async setStatus(...[tx, user, mark]: Parameters<typeof deps.grants.setStatus>) {
        await deps.grants.setStatus(tx, user, mark);
        marked += 1;
        if (marked === 2) bothMarked();
        // Neither sees of the other what has not committed.
        await both;
      },
    };
    const access = createGrantAccess({ ...deps, grants });
    const refused = [1, 2].map((user) => access.refreshLocked(tenant.id, user, async () => 'refused'));
    await Promise.all(refused);
    await watch(deps);
    expect(await status()).toBe('reauth_required');
    const findings = await tenant.within((tx) => findingStore.listOpen(tx, 10));
    expect(findings.filter(({ kind }) => kind === 'reconnect_pipedrive')).toHaveLength(1);
  });

  it('SE-20 has its time begin also where it waits since before that was noted', async () => {
    const { deps } = partsOf(world);
    await lose(deps, (tx, user) => deps.grants.setStatus(tx, user, 'refused'));
    // As an older process leaves it, which runs on for a while beside the new ones.
    await tenant.within((tx) =>
      queriesOf(tx)('installations').where({ installation_id: tenant.id }).update({ waiting_since: null }),
    );
    await watch(deps);
    now += 30 * DAY - MINUTE;
    await watch(deps);
    expect(await status()).toBe('reauth_required');
    now += MINUTE;
    await watch(deps);
    expect(await status()).toBe('removing');
  });

  it('is kept where Pipedrive has not clearly said so of every grant, and where somebody came back', async () => {
    const { deps } = partsOf(world);
    await lose(deps, (tx, user) => (user === 1 ? refuseDoubted(deps, tx, 1) : deps.grants.setStatus(tx, 2, 'refused')));
    now += 400 * DAY;
    await watch(deps);
    expect(await status()).toBe('reauth_required');

    await tenant.within(async (tx) => {
      await deps.installations.save(tx, back());
      await deps.grants.setStatus(tx, 2, 'active');
    });
    await watch(deps);
    expect(await status()).toBe('active');
    // A later loss begins a time of its own.
    await lose(deps, (tx, user) => deps.grants.setStatus(tx, user, 'refused'));
    now += 29 * DAY;
    await watch(deps);
    expect(await status()).toBe('reauth_required');
  });
});

describe("the operator's command", () => {
  let operator: Operator;
  beforeEach(async () => {
    operator = await openOperator(database.appUrl, clock);
  });
  afterEach(() => operator.close());

  it('SE-20 begins a removal without a key, which a worker carries out, and proves it', async () => {
    expect(await operator.statusOf(tenant.companyId)).toEqual({ status: 'active', done: [], left: [] });
    await operator.startRemoval(tenant.companyId);
    expect(await operator.statusOf(tenant.companyId)).toEqual({ status: 'removing', done: [], left: [] });
    expect((await operator.proofFor(tenant.companyId)).erased).toBe(false);

    const { deps } = partsOf(world);
    await makeRemoveInstallation(deps).removeInstallation(tenant.id, signal);
    expect(await operator.statusOf(tenant.companyId)).toEqual({ status: 'uninstalled', done: [], left: [] });
    expect(await operator.proofFor(tenant.companyId)).toMatchObject({ erased: true, chain: { intact: true } });
    await expect(operator.startRemoval(tenant.companyId)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(operator.proofFor('424242')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('SE-20 has the erasing done again where an uninstalled company still has something left', async () => {
    const { deps } = partsOf(world);
    await tenant.within((tx) => deps.installations.setUninstalled(tx));
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

/** As after three refusals that said nothing of the token. */
async function refuseDoubted(deps: RemovalDeps, tx: Tx, userId: number): Promise<void> {
  await deps.grants.setDoubts(tx, userId, 3, clock.now());
  await deps.grants.setStatus(tx, userId, 'refused');
}

const back = () => ({
  companyId: tenant.companyId,
  companyName: 'Back',
  apiDomain: 'https://x',
  installedAt: clock.now(),
});

async function somebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await database.db.raw(
      `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as waits`,
    );
    if (rows[0].waits) return;
  }
}

async function renewTenant(): Promise<void> {
  tenant = await world.addTenant();
  await addGrants(world, tenant, clock);
}
