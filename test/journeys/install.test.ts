import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
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
const ALL_WEBHOOKS = ['deal.change', 'deal.create', 'deal.delete'];

/** A person's way through the install, up to where Pipedrive sends the browser back. */
async function begin(): Promise<{ authorize: string; cookie: string }> {
  const started = await fetch(`${companies.app.url}/oauth/install`, { redirect: 'manual' });
  const [cookie = ''] = started.headers.getSetCookie();
  return { authorize: started.headers.get('location') ?? '', cookie: cookie.split(';')[0] ?? '' };
}
const open = (address: string, cookie: string) => fetch(address, { redirect: 'manual', headers: { cookie } });

/** One delivery as Pipedrive would send it to the hook that was there before. */
async function deliverTo(hook: {
  subscription_url: string;
  http_auth_user: string | null;
  http_auth_password: string | null;
}) {
  const answer = await fetch(hook.subscription_url, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${hook.http_auth_user}:${hook.http_auth_password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: '{"meta":{"action":"change","entity":"deal","entity_id":1,"id":"late"}}',
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Calls to this company's Pipedrive, and sign-ins to its SAP: without one of these nothing can be asked there. */
async function trafficDuring(customer: Customer, work: () => Promise<unknown>): Promise<number> {
  const mark = companies.world.sap.log.all().length;
  const calls = await customer.callsDuring(work);
  const signIns = companies.world.sap.log
    .since(mark)
    .filter(({ path, body }) => path.endsWith('/Login') && body.includes(customer.companyDb));
  return calls.length + signIns.length;
}

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

describe('uninstalling', () => {
  it('one of two leaves: everything goes on for the other, webhooks included', async () => {
    const customer = await companies.add({ id: 2411 });
    await customer.setUp();
    await companies.app.runJobs();
    expect(await companies.world.pipedrive.uninstall(customer.id, ADMIN)).toBe(204);
    expect(webhooksOf(customer)).toEqual([]);
    expect((await customer.rows('grants')).map(({ user_id }) => Number(user_id))).toEqual([REP]);
    await companies.app.runJobs();
    expect(webhooksOf(customer)).toEqual(ALL_WEBHOOKS);
    expect((await companies.app.api(customer.id, REP).get('/api/settings')).status).toBe(200);
    expect((await companies.app.api(customer.id, ADMIN).get('/api/settings')).status).toBe(403);
  });

  it('SE-12 the last one leaves: secrets are gone within the call, and nobody is asked for anything any more', async () => {
    const customer = await companies.add({ id: 2412 });
    await customer.setUp();
    await companies.app.runJobs();
    const [hook] = customer.pipedrive.webhooks();
    if (!hook) throw new Error('There is no webhook.');
    await companies.world.pipedrive.uninstall(customer.id, REP);
    const mark = companies.world.sap.log.all().length;
    expect(await companies.world.pipedrive.uninstall(customer.id, ADMIN)).toBe(204);
    expect(companies.world.sap.log.since(mark).map(({ path }) => path)).toEqual(['/b1s/v2/Logout']);
    for (const table of [
      'grants',
      'connections',
      'crm_webhooks',
      'entity_links',
      'deliveries',
      'findings',
      'settings',
      'data_keys',
    ])
      expect(await customer.rows(table), table).toEqual([]);
    const [installation] = await customer.rows('installations');
    expect(installation).toMatchObject({ status: 'uninstalled', webhook_secret: null, company_name: '' });

    expect(await deliverTo(hook)).toBe(401);
    expect(await customer.rows('deliveries')).toEqual([]);
    expect((await companies.app.api(customer.id, ADMIN).get('/api/settings')).status).toBe(404);
    expect(await trafficDuring(customer, () => companies.app.runJobsFor(2 * HOUR))).toBe(0);
  });

  it('5.3.12 in the middle of the first load: no further call, no failed job that shows', async () => {
    const customer = await companies.add({ id: 2413, partners: 30, items: 10 });
    await customer.setUp();
    const held = companies.world.pipedrive.faults.add({
      match: { method: 'POST', path: /\/products$/, company: customer.id },
      fault: { kind: 'slow' },
      after: 2,
    });
    const running = companies.app.runJobs();
    while (held.struck() === 0) await new Promise((resolve) => setImmediate(resolve));
    await companies.world.pipedrive.uninstall(customer.id, REP);
    await companies.world.pipedrive.uninstall(customer.id, ADMIN);
    held.release();
    await running;
    expect(await trafficDuring(customer, () => companies.app.runJobsFor(2 * HOUR))).toBe(0);
    for (const table of ['connections', 'entity_links', 'findings'])
      expect(await customer.rows(table), table).toEqual([]);
  });

  it('comes back: the same company, new webhooks, and the late notice of before is not believed', async () => {
    const customer = await companies.add({ id: 2414 });
    await companies.app.install(customer.id, ADMIN);
    await companies.app.runJobs();
    const before = customer.pipedrive.webhooks().map(({ id }) => id);
    const noticed = new Date(companies.world.clock.now());
    await companies.world.pipedrive.uninstall(customer.id, ADMIN);
    companies.world.clock.advance(MINUTE);
    await customer.setUp();
    await companies.app.runJobs();
    expect(await customer.rows('installations')).toMatchObject([{ status: 'active' }]);
    expect(webhooksOf(customer)).toEqual(ALL_WEBHOOKS);
    for (const { id } of customer.pipedrive.webhooks()) expect(before).not.toContain(id);
    expect(customer.pipedrive.products().length).toBeGreaterThan(0);

    expect(await notice(customer, ADMIN, noticed.toISOString())).toBe(204);
    expect(await customer.rows('grants')).toHaveLength(2);
  });

  it.each([
    ['seconds', 2420, () => Math.floor(companies.world.clock.now() / 1_000)],
    ['nothing', 2421, () => undefined],
    ['words', 2422, () => 'yesterday'],
  ])('a notice stamped with %s counts', async (_what, id, stamp) => {
    const customer = await companies.add({ id });
    await companies.app.install(customer.id, ADMIN);
    companies.world.clock.advance(2_000);
    expect(await notice(customer, ADMIN, stamp())).toBe(204);
    expect(await customer.rows('installations')).toMatchObject([{ status: 'uninstalled' }]);
  });

  it('5.3 an unknown company, a stranger and a second notice change nothing', async () => {
    const customer = await companies.add({ id: 2440 });
    await companies.app.install(customer.id, ADMIN);
    const now = new Date(companies.world.clock.now()).toISOString();
    expect(await notice({ ...customer, id: 424_242 }, ADMIN, now)).toBe(204);
    expect(await notice(customer, 777, now)).toBe(204);
    expect(await customer.rows('grants')).toHaveLength(1);
    expect(await notice(customer, ADMIN, now)).toBe(204);
    expect(await notice(customer, ADMIN, now)).toBe(204);
    const forged = await fetch(`${companies.app.url}/oauth/callback`, { method: 'DELETE', body: '{}' });
    expect(forged.status).toBe(401);
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

async function notice({ id }: Pick<Customer, 'id'>, userId: number, timestamp: unknown): Promise<number> {
  const { clientId, clientSecret } = companies.world.pipedrive.app;
  const answer = await fetch(`${companies.app.url}/oauth/callback`, {
    method: 'DELETE',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ client_id: clientId, company_id: id, user_id: userId, timestamp }),
  });
  return answer.status;
}
