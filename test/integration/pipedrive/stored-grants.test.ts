import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wantsKeeping } from '../../../server/app/grant-jobs.ts';
import { SCOPE_NAMES } from '../../../server/app/scopes.ts';
import { NotFoundError, ReauthRequiredError, UnavailableError } from '../../../server/kernel/errors.ts';
import {
  ADMIN,
  type GrantHouse,
  type GrantProcess,
  OTHER_ADMIN,
  REP,
  startGrantHouse,
} from '../../support/grant-house.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('stored grants of Pipedrive', () => {
  let house: GrantHouse;
  let app: GrantProcess;
  beforeEach(async () => {
    house = await startGrantHouse();
    app = house.openProcess();
  });
  afterEach(async () => {
    await app.close();
    await house.close();
  });

  const ask = (as?: 'service' | number) => app.crm.getOrganization(house.caller(as), 1);
  const questionsWho = (mark = 0) =>
    house.practice.log
      .all()
      .slice(mark)
      .filter(({ path }) => path.startsWith('/api/v1/users/me')).length;
  const mark = () => house.practice.log.all().length;
  const grantOf = async (userId: number) => (await house.grants()).find((grant) => grant.userId === userId);

  it('OP-06 live on through 400 days without traffic, with less than one refresh a week', async () => {
    for (const user of [ADMIN, OTHER_ADMIN, REP]) await house.install(user);
    const installed = mark();
    let longest = 0;
    for (let day = 1; day <= 400; day += 1) {
      house.clock.advance(DAY);
      const now = new Date(house.clock.now());
      const grants = await house.grants();
      for (const { refreshedAt } of grants) longest = Math.max(longest, now.getTime() - refreshedAt.getTime());
      // What cron asks once a day.
      if (grants.some((grant) => wantsKeeping(grant, now))) await house.keepGrants(app);
    }
    const answers = house.tokenAnswers(installed);
    expect(answers.every((status) => status === 200)).toBe(true);
    expect(answers.length).toBeLessThanOrEqual((3 * 400) / 7);
    expect(longest).toBeLessThanOrEqual(30 * DAY);
    expect((await house.grants()).map(({ status }) => status)).toEqual(['active', 'active', 'active']);
    await expect(ask()).resolves.toMatchObject({ id: 1 });
    expect(await house.findings()).toEqual([]);
  });

  it('in use are proven once a day, and so is who is an admin', async () => {
    await house.install(ADMIN);
    await house.install(REP);
    const start = mark();
    await Promise.all(Array.from({ length: 10 }, () => ask()));
    expect(questionsWho(start)).toBe(0);
    house.company.updateUser(ADMIN, { is_admin: false });
    house.clock.advance(DAY);
    await Promise.all(Array.from({ length: 10 }, () => ask()));
    expect(questionsWho(start)).toBe(1);
    expect(await grantOf(ADMIN)).toMatchObject({ isAdmin: false });
    await ask();
    expect(questionsWho(start)).toBe(1);
  });

  it('go on where Pipedrive cannot say whose they are, and are asked about again later', async () => {
    await house.install(ADMIN);
    house.clock.advance(DAY);
    house.practice.faults.add({ match: { path: /users\/me/ }, times: 9, fault: { kind: 'status', status: 503 } });
    const start = mark();
    for (let call = 0; call < 3; call += 1) await expect(ask()).resolves.toMatchObject({ id: 1 });
    expect(questionsWho(start)).toBe(1);
    house.practice.faults.clear();
    house.clock.advance(16 * MINUTE);
    await ask();
    expect(questionsWho(start)).toBe(2);
    expect((await grantOf(ADMIN))?.provenAt?.getTime()).toBe(house.clock.now());
  });

  it('5.2.17 SE-17 answer for another company: refused, its host not kept, and the service goes on with another', async () => {
    await house.install(ADMIN);
    await house.install(OTHER_ADMIN);
    const other = await house.practice.addCompany({
      id: 777,
      name: 'Stranger Ltd',
      domain: 'stranger',
      users: [{ id: ADMIN, name: 'Ada Admin', email: 'ada@example.com', is_admin: true }],
    });
    const before = await house.apiDomain();
    house.practice.grants.editTokenAnswer = (answer) => ({ ...answer, api_domain: other.apiDomain });
    house.practice.faults.add({
      match: { path: /users\/me/, company: 777 },
      fault: { kind: 'status', status: 200, body: { success: true, data: me(777) } },
    });
    house.practice.grants.expireAccess(501, ADMIN);
    await expect(ask()).resolves.toMatchObject({ id: 1 });
    expect(await grantOf(ADMIN)).toMatchObject({ status: 'refused' });
    expect(await house.apiDomain()).toBe(before);
    expect(other.requests().map(({ path }) => path)).toEqual(['/api/v1/users/me']);
    expect((await house.findings()).map(({ subject }) => subject)).toEqual([`user:${ADMIN}`]);

    house.practice.grants.editTokenAnswer = null;
    await house.install(ADMIN);
    expect(await house.findings()).toEqual([]);
  });

  it('follow a company that was renamed, and keep the new host once it is proven', async () => {
    await house.install(ADMIN);
    await house.install(REP);
    const moved = await house.company.rename('acme-new', 'redirect');
    await expect(ask()).resolves.toMatchObject({ id: 1 });
    expect(await house.apiDomain()).toBe(moved);
    // The other grant's token is as good at the new host.
    const start = mark();
    await expect(ask(REP)).resolves.toMatchObject({ id: 1 });
    expect(house.tokenAnswers(start)).toEqual([]);
  });

  it('are refused only after a few refusals that nobody understands, with time in between', async () => {
    await house.install(ADMIN);
    house.practice.faults.add({
      match: { path: /oauth\/token/ },
      times: 999,
      fault: { kind: 'status', status: 400, body: { message: 'something new' } },
    });
    house.practice.grants.expireAccess(501, ADMIN);
    for (let call = 0; call < 10; call += 1) await expect(ask()).rejects.toBeInstanceOf(UnavailableError);
    expect(await grantOf(ADMIN)).toMatchObject({ status: 'active', doubts: 1 });
    house.clock.advance(31 * MINUTE);
    await expect(ask()).rejects.toBeInstanceOf(UnavailableError);
    house.clock.advance(31 * MINUTE);
    await expect(ask()).rejects.toBeInstanceOf(ReauthRequiredError);
    expect((await house.findings()).map(({ kind, count }) => [kind, count])).toEqual([['reconnect_pipedrive', 1]]);
    house.practice.faults.clear();
    await house.install(ADMIN);
    await expect(ask()).resolves.toMatchObject({ id: 1 });
  });

  it('that were doubted are good again once Pipedrive takes them', async () => {
    await house.install(ADMIN);
    await house.install(OTHER_ADMIN);
    house.practice.faults.add({
      match: { path: /oauth\/token/ },
      fault: { kind: 'status', status: 400, body: { message: 'something new' } },
    });
    house.practice.grants.expireAccess(501, ADMIN);
    await expect(ask()).resolves.toMatchObject({ id: 1 });
    expect(await grantOf(ADMIN)).toMatchObject({ doubts: 1 });
    await house.keepGrants(app);
    expect(await grantOf(ADMIN)).toMatchObject({ doubts: 0, status: 'active' });
  });

  it('of a user who was deactivated give way to the next, and the last one asks to reconnect', async () => {
    for (const user of [ADMIN, OTHER_ADMIN]) await house.install(user);
    house.company.updateUser(ADMIN, { active_flag: false });
    await expect(ask()).resolves.toMatchObject({ id: 1 });
    expect(await house.status()).toBe('active');
    house.company.updateUser(OTHER_ADMIN, { active_flag: false });
    await expect(ask()).rejects.toBeInstanceOf(ReauthRequiredError);
    expect(await house.status()).toBe('reauth_required');
    const start = mark();
    await expect(ask()).rejects.toBeInstanceOf(ReauthRequiredError);
    expect(mark()).toBe(start);
  });

  it('SE-18 compare what was granted with what is asked for, at install and at every refresh', async () => {
    expect([...SCOPE_NAMES].sort()).toEqual([...house.practice.app.scopes].sort());
    await house.install(ADMIN);
    expect(await house.findings()).toEqual([]);
    house.practice.grants.narrow(
      501,
      ADMIN,
      SCOPE_NAMES.filter((scope) => scope !== 'webhooks:full'),
    );
    house.practice.grants.expireAccess(501, ADMIN);
    await ask();
    const [finding] = await house.findings();
    expect(finding).toMatchObject({ kind: 'scopes_missing', count: 1 });
    expect(finding?.message).toContain('For Ada Admin it cannot: be told at once when a deal is won');
    expect(finding?.action).toContain('installs the app again');
    house.practice.grants.expireAccess(501, ADMIN);
    await ask();
    expect((await house.findings())[0]?.count).toBe(1);

    house.practice.grants.grantedScopes = ['base', 'deals:full'];
    await house.install(REP);
    expect((await house.findings())[0]?.message).toContain('For Ada Admin, Rolf Rep it cannot');
    house.practice.grants.grantedScopes = null;
    for (const user of [ADMIN, REP]) await house.install(user);
    expect(await house.findings()).toEqual([]);
  });

  it('SE-18 are no longer complained of once they are refused', async () => {
    await house.install(OTHER_ADMIN);
    house.practice.grants.grantedScopes = ['base', 'deals:full'];
    await house.install(ADMIN);
    expect((await house.findings()).map(({ kind }) => kind)).toEqual(['scopes_missing']);
    house.company.updateUser(ADMIN, { active_flag: false });
    await ask();
    expect(await grantOf(ADMIN)).toMatchObject({ status: 'refused' });
    expect(await house.findings()).toEqual([]);
  });

  it('SE-18 leave the scopes as they were where a refresh names none', async () => {
    await house.install(ADMIN);
    house.practice.grants.editTokenAnswer = ({ scope: _, ...answer }) => answer;
    house.practice.grants.expireAccess(501, ADMIN);
    await ask();
    expect((await grantOf(ADMIN))?.scopes).toEqual(house.practice.app.scopes);
    expect(await house.findings()).toEqual([]);
  });

  it('of a company that removed the app end the work, and ask nobody to reconnect', async () => {
    await house.install(ADMIN);
    await house.erase();
    await expect(ask()).rejects.toBeInstanceOf(NotFoundError);
  });
});

const me = (companyId: number) => ({
  id: ADMIN,
  name: 'Ada Admin',
  email: 'ada@example.com',
  active_flag: true,
  is_admin: 1,
  company_id: companyId,
  company_name: 'Stranger Ltd',
  company_domain: 'stranger',
});
