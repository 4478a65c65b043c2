import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WEBHOOKS } from '../../server/app/install/webhook-plan.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let companies: Companies;
beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
afterEach(() => {
  companies.world.pipedrive.faults.clear();
  companies.world.sap.faults.clear();
});
afterAll(() => companies?.close(), 60_000);

const webhooksOf = ({ pipedrive }: Customer) =>
  pipedrive
    .webhooks()
    .map(({ event_object, event_action }) => `${event_object}.${event_action}`)
    .sort();
const ALL_WEBHOOKS = WEBHOOKS.map(({ object, action }) => `${object}.${action}`).sort();

/** A person's way through the install, up to where Pipedrive sends the browser back. */
async function begin(): Promise<{ authorize: string; cookie: string }> {
  const started = await fetch(`${companies.app.url}/oauth/install`, { redirect: 'manual' });
  const [cookie = ''] = started.headers.getSetCookie();
  return { authorize: started.headers.get('location') ?? '', cookie: cookie.split(';')[0] ?? '' };
}
const open = (address: string, cookie: string) => fetch(address, { redirect: 'manual', headers: { cookie } });

describe('installing', () => {
  it('SE-17 two people of one company have one installation, each with a grant of their own', async () => {
    const customer = await companies.add({ id: 2401 });
    expect(await companies.app.install(customer.id, ADMIN)).toBe(
      `${customer.pipedrive.apiDomain}/settings/marketplace/app/orderline-test/app-settings`,
    );
    await companies.app.install(customer.id, REP);
    await companies.app.runJobs();
    expect(await customer.rows('installations')).toHaveLength(1);
    const grants = await customer.rows('grants');
    expect(grants.map(({ user_id, is_admin }) => [Number(user_id), is_admin]).sort()).toEqual([
      [ADMIN, true],
      [REP, false],
    ]);
    expect(webhooksOf(customer)).toEqual(ALL_WEBHOOKS);
  });

  it('both at the same moment, for the first time, end in one installation too', async () => {
    const customer = await companies.add({ id: 2402 });
    const third = customer.pipedrive.addUser({ id: 13, name: 'Carla Neu', email: 'carla@nordlicht.example' });
    const landed = await Promise.all([ADMIN, REP, third.id].map((user) => companies.app.install(customer.id, user)));
    for (const address of landed) expect(address).toContain('/app-settings');
    await companies.app.runJobs();
    expect(await customer.rows('installations')).toHaveLength(1);
    expect(await customer.rows('grants')).toHaveLength(3);
    expect(webhooksOf(customer)).toEqual(ALL_WEBHOOKS);
  });

  it('installing again keeps what is there and doubles nothing', async () => {
    const customer = await companies.add({ id: 2403 });
    await companies.app.install(customer.id, ADMIN);
    await companies.app.runJobs();
    const [before] = await customer.rows('installations');
    const hooks = customer.pipedrive.webhooks().map(({ id }) => id);
    await companies.app.install(customer.id, ADMIN);
    await companies.app.runJobs();
    const [after] = await customer.rows('installations');
    expect(after?.['installation_id']).toBe(before?.['installation_id']);
    expect(customer.pipedrive.webhooks().map(({ id }) => id)).toEqual(hooks);
    expect(await customer.rows('grants')).toHaveLength(1);
  });

  it('a person who declines gets one sentence and a way back, and nothing is kept', async () => {
    const customer = await companies.add({ id: 2404 });
    const { authorize, cookie } = await begin();
    const callback = companies.world.pipedrive.consent(authorize, {
      companyId: customer.id,
      userId: ADMIN,
      decline: true,
    });
    const page = await open(callback, cookie);
    expect(page.status).toBe(200);
    const text = await page.text();
    expect(text).toContain('nothing has been changed');
    expect(text).toContain('/oauth/install');
    expect(await customer.rows('installations')).toEqual([]);
  });

  it('SE-16 the state works once, in one browser, for ten minutes', async () => {
    const customer = await companies.add({ id: 2405 });
    const mine = await begin();
    const somebody = await begin();
    const callback = companies.world.pipedrive.consent(mine.authorize, { companyId: customer.id, userId: ADMIN });
    expect((await open(callback, somebody.cookie)).status).toBe(400);
    expect(await customer.rows('installations')).toEqual([]);

    const late = await begin();
    const lateCallback = companies.world.pipedrive.consent(late.authorize, { companyId: customer.id, userId: ADMIN });
    companies.world.clock.advance(10 * MINUTE + 1_000);
    expect((await open(lateCallback, late.cookie)).status).toBe(400);
    expect(await customer.rows('installations')).toEqual([]);

    const good = await begin();
    const goodCallback = companies.world.pipedrive.consent(good.authorize, { companyId: customer.id, userId: ADMIN });
    expect((await open(goodCallback, good.cookie)).status).toBe(302);
    expect((await open(goodCallback, good.cookie)).status).toBe(400);
    expect(await customer.rows('grants')).toHaveLength(1);
  });

  it('5.2.20 a double click makes one installation, and one of both ends in Pipedrive', async () => {
    const customer = await companies.add({ id: 2406 });
    const { authorize, cookie } = await begin();
    const callback = companies.world.pipedrive.consent(authorize, { companyId: customer.id, userId: ADMIN });
    const answers = await Promise.all([open(callback, cookie), open(callback, cookie)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([302, 400]);
    expect(await customer.rows('grants')).toHaveLength(1);
  });

  it('a start in the marketplace, without our state, is started anew by us', async () => {
    const answer = await open(`${companies.app.url}/oauth/callback?code=anything`, '');
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('/oauth/install');
  });

  it('5.2.16 a token host that fails is said in words, and nothing is kept', async () => {
    const customer = await companies.add({ id: 2407 });
    const { authorize, cookie } = await begin();
    const callback = companies.world.pipedrive.consent(authorize, { companyId: customer.id, userId: ADMIN });
    companies.world.pipedrive.faults.add({
      match: { path: /\/oauth\/token/ },
      times: 10,
      fault: { kind: 'status', status: 500 },
    });
    const page = await open(callback, cookie);
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(await page.text()).toContain('/oauth/install');
    expect(await customer.rows('installations')).toEqual([]);
  });
});

describe('a grant that Pipedrive no longer takes', () => {
  it('F26 becomes one finding, everything waits, and installing again goes on', async () => {
    const customer = await companies.add({ id: 2450 });
    await customer.setUp();
    await companies.app.runJobs();
    companies.world.pipedrive.revokeGrant(customer.id, ADMIN);
    companies.world.pipedrive.revokeGrant(customer.id, REP);
    customer.sap.changePartner(String(customer.sap.rows('BusinessPartners')[0]?.['CardCode']), {
      CardName: 'Wartet GmbH',
    });
    await companies.app.runJobsFor(HOUR);
    expect((await customer.findings()).filter(({ kind }) => kind === 'reconnect_pipedrive')).toHaveLength(1);
    const settings = await companies.app.api(customer.id, ADMIN).get('/api/settings');
    expect(settings.body.pipedrive.state).toBe('reconnect');
    expect(settings.body.health.tone).toBe('bad');
    expect(await customer.callsDuring(() => companies.app.runJobsFor(HOUR))).toEqual([]);

    await companies.app.install(customer.id, ADMIN);
    await companies.app.runJobsFor(HOUR);
    expect((await customer.findings()).filter(({ kind }) => kind === 'reconnect_pipedrive')).toEqual([]);
    expect(customer.pipedrive.organizations().map(({ name }) => name)).toContain('Wartet GmbH');
    expect(webhooksOf(customer)).toEqual(ALL_WEBHOOKS);
  });

  it('one person’s refusal concerns that person alone', async () => {
    const customer = await companies.add({ id: 2451 });
    await customer.setUp();
    await companies.app.runJobs();
    companies.world.pipedrive.revokeGrant(customer.id, REP);
    const deal = customer.pipedrive.createDeal({ title: 'Desks', org_id: 1, owner: ADMIN });
    const refused = await companies.app.api(customer.id, REP).get(`/api/panel/deals/${deal.id}`);
    expect(refused.status).toBe(409);
    expect(refused.body.kind).toBe('reauth_required');
    expect((await companies.app.api(customer.id, ADMIN).get(`/api/panel/deals/${deal.id}`)).status).toBe(200);
    expect((await customer.findings()).filter(({ kind }) => kind === 'reconnect_pipedrive')).toEqual([]);
    await companies.app.install(customer.id, REP);
    expect((await companies.app.api(customer.id, REP).get(`/api/panel/deals/${deal.id}`)).status).toBe(200);
  });
});
