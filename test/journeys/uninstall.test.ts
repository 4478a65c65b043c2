import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WEBHOOKS } from '../../server/app/install/webhook-plan.ts';
import { proveErasure } from '../../server/db/erasure-proof.ts';
import { createTenantDirectory } from '../../server/db/tenant-directory.ts';
import { createUnitOfWork } from '../../server/db/unit-of-work.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';
import { isActive, mayOrder } from './deal-desk.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let companies: Companies;
beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
afterEach(async () => {
  companies.world.pipedrive.faults.clear();
  companies.world.sap.faults.clear();
  await companies.dismiss();
});
afterAll(() => companies?.close(), 60_000);

const webhooksOf = ({ pipedrive }: Customer) =>
  pipedrive
    .webhooks()
    .map(({ event_object, event_action }) => `${event_object}.${event_action}`)
    .sort();
const ALL_WEBHOOKS = WEBHOOKS.map(({ object, action }) => `${object}.${action}`).sort();

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

describe('uninstalling', () => {
  it('WH-12 5.3.14 one of two leaves: everything goes on for the other, webhooks included', async () => {
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

  it('WH-12 SE-20 5.3.20 the last one leaves: secrets are gone within the call, and nobody is asked for anything any more', async () => {
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

  it('WH-12 F26 5.3.12 in the middle of the first load: no further call, no failed job that shows', async () => {
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

  it('WH-12 5.3.13 comes back: the same company, new webhooks, and the late notice of before is not believed', async () => {
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

  it('WH-12 F26 5.3.10 while an order is out to SAP: it arrives and is recorded, and nothing else begins', async () => {
    const customer = await companies.add({ id: 2415, partners: 14, items: 16 });
    await customer.setUp();
    await companies.app.runJobs();
    const first = await sendableDeal(customer);
    const second = await sendableDeal(customer);
    const held = companies.world.sap.faults.add({
      kind: 'slow',
      method: 'POST',
      path: /^Orders$/,
      company: customer.companyDb,
    });
    await companies.app.api(customer.id, REP).post(`/api/panel/deals/${first}/send`);
    await companies.app.api(customer.id, REP).post(`/api/panel/deals/${second}/send`);
    const running = companies.app.runJobs();
    while (held.hits() === 0) await new Promise((resolve) => setImmediate(resolve));
    await companies.world.pipedrive.uninstall(customer.id, REP);
    expect(await companies.world.pipedrive.uninstall(customer.id, ADMIN)).toBe(204);
    held.release();
    await running;

    const handoffs = await customer.rows('handoffs');
    expect(handoffs).toMatchObject([{ deal_id: String(first), state: 'posted', draft: null, problems: [] }]);
    expect(customer.sap.findByKey(String(handoffs[0]?.['key']))).toMatchObject([
      { set: 'Orders', row: { DocEntry: handoffs[0]?.['doc_entry'] } },
    ]);
    expect(customer.sap.rows('Orders').filter((row) => String(row['Comments']).includes(String(second)))).toEqual([]);
    expect((await customer.rows('audit_entries')).map(({ verb }) => verb)).toContain('handoff_posted');
    const mark = customer.pipedrive.requests().length;
    await companies.app.runJobsFor(2 * HOUR);
    expect(customer.pipedrive.requests().slice(mark)).toEqual([]);
    expect(await erased(customer)).toBe(true);
  });

  it('WH-12 F25 5.3.11 while a token is being refreshed: it ends, and what it brought is kept nowhere', async () => {
    const customer = await companies.add({ id: 2416 });
    await companies.app.install(customer.id, ADMIN);
    await companies.app.runJobs();
    companies.world.clock.advance(2 * HOUR);
    const held = companies.world.pipedrive.faults.add({
      match: { method: 'POST', path: /\/oauth\/token$/ },
      fault: { kind: 'slow_after_commit' },
    });
    const asking = companies.app.api(customer.id, ADMIN).get('/api/settings');
    while (held.struck() === 0) await new Promise((resolve) => setImmediate(resolve));
    const leaving = companies.world.pipedrive.uninstall(customer.id, ADMIN);
    held.release();
    expect(await leaving).toBe(204);
    await asking;
    expect(await customer.rows('grants')).toEqual([]);
    await companies.app.runJobsFor(HOUR);
    expect(await erased(customer)).toBe(true);
  });

  it('WH-12 5.3.13 a colleague who installs later makes nobody else’s notice a late one', async () => {
    const customer = await companies.add({ id: 2417 });
    await companies.app.install(customer.id, ADMIN);
    companies.world.clock.advance(HOUR);
    const left = new Date(companies.world.clock.now()).toISOString();
    companies.world.clock.advance(MINUTE);
    await companies.app.install(customer.id, REP);
    expect(await notice(customer, ADMIN, left)).toBe(204);
    expect((await customer.rows('grants')).map(({ user_id }) => Number(user_id))).toEqual([REP]);
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

  it('WH-12 5.3.3 5.3.9 an unknown company, a stranger and a second notice change nothing', async () => {
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

/** A deal of a customer who may order, with an item that may be sold. */
async function sendableDeal({ pipedrive, sap }: Customer): Promise<number> {
  const organization = pipedrive.organizations().find((one) => {
    const code = pipedrive.fieldValue('organization', one, 'SAP code');
    return typeof code === 'string' && code !== '' && mayOrder(sap.partner(code));
  });
  const sold = sap.rows('Items').filter((row) => row['SalesItem'] === 'tYES' && isActive(row));
  const product = pipedrive.products().find(({ code }) => sold.some((row) => row['ItemCode'] === code));
  const deal = pipedrive.createDeal({
    title: 'Desks',
    org_id: organization?.id ?? 0,
    currency: 'EUR',
    owner: REP,
    lines: [{ product_id: product?.id ?? 0, item_price: 75, quantity: 2 }],
  });
  await companies.app.runJobs();
  return deal.id;
}

async function erased({ id }: Customer): Promise<boolean> {
  const { database } = companies.app;
  const installation = await createTenantDirectory(database).findByCompany(String(id));
  if (!installation) throw new Error('The company is not known.');
  return (await createUnitOfWork(database).within(installation, proveErasure)).erased;
}

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
