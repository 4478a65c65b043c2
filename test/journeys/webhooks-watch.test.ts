import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WEBHOOKS } from '../../server/app/install/webhook-plan.ts';
import type { HookRecord } from '../practice/pipedrive/records.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Connected, but nothing agreed to: nothing is synced, so that nothing but the webhooks is in the way. */
let companies: Companies;
let customer: Customer;
beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: 2650, partners: 1, items: 1, invoices: 1, organizations: 1 });
  await customer.setUp({ agree: false });
  await companies.app.runJobs();
}, 240_000);
afterEach(() => {
  companies.world.pipedrive.faults.clear();
  companies.world.pipedrive.webhooks.faults.clear();
});
afterAll(() => companies?.close(), 60_000);

const kinds = ({ pipedrive }: Customer) => pipedrive.webhooks().map(kindOf).sort();
const kindOf = ({ event_object, event_action }: HookRecord) => `${event_object}.${event_action}`;
const ALL = WEBHOOKS.map(({ object, action }) => `${object}.${action}`).sort();
const WITHOUT_LINES = ALL.filter((kind) => !kind.startsWith('deal_product'));

const findings = async (customer: Customer, kind: string) =>
  (await customer.rows('findings')).filter((row) => row['kind'] === kind && row['resolved_at'] === null);

function hookOf({ pipedrive }: Customer, kind = 'deal.change'): HookRecord {
  const hook = pipedrive.webhooks().find((one) => kindOf(one) === kind);
  if (!hook) throw new Error(`There is no webhook for ${kind}.`);
  return hook;
}

async function deliver({ id }: Customer, hook: HookRecord): Promise<number> {
  const credentials = Buffer.from(`${hook.http_auth_user}:${hook.http_auth_password}`).toString('base64');
  const meta = { action: 'change', entity: 'deal', entity_id: '1', id: randomUUID(), company_id: String(id) };
  const answer = await fetch(hook.subscription_url, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    body: JSON.stringify({ meta, data: null, previous: null }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

describe('webhooks', () => {
  it('are narrow, far from the limit, and each has credentials of its own', async () => {
    expect(kinds(customer)).toEqual(ALL);
    expect(ALL.length).toBeLessThanOrEqual(18);
    const users = customer.pipedrive.webhooks().map(({ http_auth_user }) => http_auth_user);
    expect(new Set(users).size).toBe(ALL.length);
    const calls = await customer.callsDuring(() => companies.app.runJobsFor(HOUR));
    expect(calls.filter(({ path, method }) => path.startsWith('/api/v1/webhooks') && method !== 'GET')).toEqual([]);
  });

  it('WH-10 F30 that are gone, banned or elsewhere are there again within the hour, and nothing doubles', async () => {
    const { pipedrive } = customer;
    pipedrive.removeWebhook(hookOf(customer, 'deal.change').id);
    hookOf(customer, 'organization.delete').bannedUntil = companies.world.clock.now() + 2 * HOUR;
    hookOf(customer, 'person.delete').subscription_url += 'x';
    hookOf(customer, 'product.change').last_http_status = 401;
    const suspected = ['organization.delete', 'person.delete', 'product.change'].map(
      (kind) => hookOf(customer, kind).id,
    );
    await companies.app.runJobsFor(HOUR + MINUTE);
    expect(kinds(customer)).toEqual(ALL);
    const ids = pipedrive.webhooks().map(({ id }) => id);
    for (const id of suspected) expect(ids).not.toContain(id);
    const told = await findings(customer, 'webhooks_silent');
    expect(told.map((row) => row['message'])).toEqual([expect.stringContaining('turned away (status 401)')]);
    companies.world.clock.advance(MINUTE);
    for (const hook of pipedrive.webhooks()) expect(await deliver(customer, hook), kindOf(hook)).toBe(200);
    await companies.app.runJobsFor(HOUR + MINUTE);
    expect(await findings(customer, 'webhooks_silent')).toEqual([]);
  });

  it('that would be too many say what to do', async () => {
    const [hook] = customer.pipedrive.webhooks();
    if (!hook) throw new Error('There is no webhook.');
    for (const { id } of customer.pipedrive.webhooks()) customer.pipedrive.removeWebhook(id);
    const refused = companies.world.pipedrive.faults.add({
      match: { method: 'POST', path: /^\/api\/v1\/webhooks/, company: customer.id },
      times: 1_000,
      fault: {
        kind: 'status',
        status: 422,
        body: { status: 'error', success: false, errors: { user_id: ['webhook limit reached'] } },
      },
    });
    await companies.app.runJobsFor(HOUR + MINUTE);
    const told = await findings(customer, 'webhooks_refused');
    expect(told.map((row) => row['message'])).toEqual([expect.stringContaining('no more notifications')]);
    refused.remove();
    await companies.app.runJobsFor(HOUR + MINUTE);
    expect(kinds(customer)).toEqual(ALL);
    expect(await findings(customer, 'webhooks_refused')).toEqual([]);
  });

  it('5.7 one whose making was never answered is found again and kept: its deliveries are known', async () => {
    for (const { id } of customer.pipedrive.webhooks()) customer.pipedrive.removeWebhook(id);
    companies.world.pipedrive.faults.add({
      match: { method: 'POST', path: /^\/api\/v1\/webhooks/, company: customer.id },
      times: 2,
      fault: { kind: 'drop_after_commit' },
    });
    await companies.app.runJobsFor(HOUR + MINUTE);
    await companies.app.runJobsFor(10 * MINUTE);
    expect(kinds(customer)).toEqual(ALL);
    expect(customer.pipedrive.webhooks()[0]?.event_object).toBe('deal');
    for (const hook of customer.pipedrive.webhooks()) expect(await deliver(customer, hook), kindOf(hook)).toBe(200);
  });

  it('one kind that Pipedrive refuses is told once and asked for again the next day; the others go on', async () => {
    for (const action of ['create', 'change', 'delete'])
      customer.pipedrive.removeWebhook(hookOf(customer, `deal_product.${action}`).id);
    customer.pipedrive.state.switches.dealProductHooks = false;
    await companies.app.runJobsFor(HOUR + MINUTE);
    expect(kinds(customer)).toEqual(WITHOUT_LINES);
    const told = await findings(customer, 'webhooks_refused');
    expect(told.map((row) => row['subject']).sort()).toEqual([
      'webhook:deal_product.change',
      'webhook:deal_product.create',
      'webhook:deal_product.delete',
    ]);
    expect(told.map((row) => row['message']).join(' ')).toContain('products on deals');
    const asked = await customer.callsDuring(() => companies.app.runJobsFor(3 * HOUR));
    expect(asked.filter(({ path, method }) => path === '/api/v1/webhooks' && method === 'POST')).toEqual([]);
    customer.pipedrive.state.switches.dealProductHooks = true;
    await companies.app.runJobsFor(DAY);
    expect(kinds(customer)).toEqual(ALL);
    expect(await findings(customer, 'webhooks_refused')).toEqual([]);
  });
});

describe('silence', () => {
  it('WH-10 is noticed where a week ago there was life, and all are made anew', async () => {
    const { clock } = companies.world;
    const listen = async (day: number, hour: number) => {
      clock.set(Date.parse('2026-04-06T00:05:00Z') + day * DAY + hour * HOUR);
      await companies.app.runJobs();
      expect(await deliver(customer, hookOf(customer))).toBe(200);
    };
    // Monday and Tuesday; the next Monday begins like the first, and then nobody is heard any more.
    for (const hour of [8, 9, 10, 11, 12, 13]) await listen(0, hour);
    await listen(1, 9);
    await companies.app.runJobsFor(2 * DAY);
    expect(await findings(customer, 'webhooks_silent')).toEqual([]);
    for (const hour of [8, 9]) await listen(7, hour);
    await companies.app.runJobsFor(2 * HOUR);
    expect(await findings(customer, 'webhooks_silent')).toEqual([]);
    const before = customer.pipedrive.webhooks().map(({ id }) => id);
    await companies.app.runJobsFor(3 * HOUR);
    const [told, ...more] = await findings(customer, 'webhooks_silent');
    expect(more).toEqual([]);
    expect(told?.['message']).toContain('has not notified this app since');
    const renewed = customer.pipedrive.webhooks().map(({ id }) => id);
    for (const id of renewed) expect(before).not.toContain(id);
    expect(kinds(customer)).toEqual(ALL);
    // Once in one silence; and it is over with the next notification.
    await companies.app.runJobsFor(3 * HOUR);
    expect(customer.pipedrive.webhooks().map(({ id }) => id)).toEqual(renewed);
    expect(await deliver(customer, hookOf(customer))).toBe(200);
    await companies.app.runJobsFor(HOUR + MINUTE);
    expect(await findings(customer, 'webhooks_silent')).toEqual([]);
  }, 120_000);

  it('WH-10 of which changes were found that nobody told is noticed too', async () => {
    // Where no deal ever goes by itself, nobody looks for those that changed.
    const admin = companies.app.api(customer.id, ADMIN);
    await admin.post('/api/settings/consent', { crmFields: false, erpField: true });
    expect((await admin.post('/api/settings/handoff', { enabled: true })).status).toBe(200);
    await companies.app.runJobsFor(DAY + HOUR);
    companies.world.pipedrive.webhooks.faults.add({
      match: { company: customer.id },
      times: 1_000,
      fault: { kind: 'lose' },
    });
    const { id } = customer.pipedrive.createDeal({ title: 'Nobody' });
    customer.pipedrive.updateDeal(id, { title: 'Nobody told' });
    await companies.world.pipedrive.settled();
    companies.world.pipedrive.webhooks.faults.clear();
    const before = customer.pipedrive.webhooks().map(({ id }) => id);
    // Found by the gap fill of one round, and held against the notifications in the next.
    await companies.app.runJobsFor(HOUR);
    await companies.app.runJobsFor(HOUR);
    const told = await findings(customer, 'webhooks_silent');
    expect(told.map((row) => row['message'])).toEqual([expect.stringContaining('this app was not notified')]);
    for (const { id } of customer.pipedrive.webhooks()) expect(before).not.toContain(id);
    expect(await deliver(customer, hookOf(customer))).toBe(200);
    await companies.app.runJobsFor(HOUR + MINUTE);
    expect(await findings(customer, 'webhooks_silent')).toEqual([]);
  });
});

describe('silence of one kind', () => {
  it('WH-10 is noticed although others are heard, and is over once that kind is heard again', async () => {
    const { faults } = companies.world.pipedrive.webhooks;
    faults.add({ match: { company: customer.id, object: 'deal' }, times: 1e6, fault: { kind: 'lose' } });
    const [organization] = customer.pipedrive.organizations();
    const work = async (hours: number) => {
      customer.pipedrive.updateOrganization(organization?.id ?? 0, { website: `https://${hours}.example` });
      const { id } = customer.pipedrive.createDeal({ title: `Untold ${hours}` });
      customer.pipedrive.updateDeal(id, { title: 'Changed' });
      await companies.world.pipedrive.settled();
      await companies.app.runJobsFor(hours * HOUR);
    };
    const deals = async () =>
      (await findings(customer, 'webhooks_silent')).filter(({ subject }) => subject === 'object:deal');
    await work(25);
    await work(2);
    expect((await deals()).map(({ message }) => message)).toEqual([expect.stringContaining('Deals changed')]);
    // Organizations were heard all the time, and say nothing about deals.
    await work(3);
    expect(await deals()).toHaveLength(1);
    faults.clear();
    await work(2);
    expect(await deals()).toEqual([]);
  });
});

describe('webhooks of an admin who is none any more', () => {
  it('hang on rights that are gone: they are made anew by another admin, and left alone where there is none', async () => {
    const owners = () => [...new Set(customer.pipedrive.webhooks().map(({ user_id }) => user_id))];
    expect(owners()).toEqual([ADMIN]);
    customer.pipedrive.updateUser(REP, { is_admin: true });
    customer.pipedrive.updateUser(ADMIN, { is_admin: false });
    await companies.world.pipedrive.settled();
    await companies.app.runJobsFor(15 * MINUTE);
    expect(owners()).toEqual([REP]);
    expect(kinds(customer)).toEqual(ALL);

    customer.pipedrive.updateUser(REP, { is_admin: false });
    await companies.world.pipedrive.settled();
    await companies.app.runJobsFor(HOUR);
    const before = customer.pipedrive.webhooks().map(({ id }) => id);
    await companies.app.runJobsFor(3 * HOUR);
    expect(customer.pipedrive.webhooks().map(({ id }) => id)).toEqual(before);

    customer.pipedrive.updateUser(ADMIN, { is_admin: true });
    await companies.world.pipedrive.settled();
    await companies.app.install(customer.id, ADMIN);
    await companies.app.runJobsFor(HOUR + MINUTE);
    expect(owners()).toEqual([ADMIN]);
    expect(kinds(customer)).toEqual(ALL);
  });
});

describe('making all of them anew', () => {
  it('is an admin’s, and loses nothing: old ones are answered until they are gone for good', async () => {
    const before = customer.pipedrive.webhooks();
    const [old] = before;
    if (!old) throw new Error('There is no webhook.');
    const answer = await companies.app.api(customer.id, ADMIN).post('/api/settings/webhooks/renew');
    expect(answer.status).toBe(200);
    // In the middle of it the old and the new one both are let in.
    const creating = companies.world.pipedrive.faults.add({
      match: { method: 'DELETE', path: /^\/api\/v1\/webhooks/, company: customer.id },
      fault: { kind: 'status', status: 500 },
    });
    await companies.app.runJobs();
    expect(creating.struck()).toBe(1);
    expect(await deliver(customer, hookOf(customer))).toBe(200);
    for (const hook of before) expect(await deliver(customer, hook)).toBe(200);
    await companies.app.runJobsFor(MINUTE);
    expect(kinds(customer)).toEqual(ALL);
    const now = customer.pipedrive.webhooks();
    for (const hook of now) {
      expect(before.map(({ id }) => id)).not.toContain(hook.id);
      expect(hook.subscription_url).not.toBe(old.subscription_url);
      expect(await deliver(customer, hook)).toBe(200);
    }
    // What was under way when the old one was deleted still arrives; an hour later nobody can use it any more.
    expect(await deliver(customer, old)).toBe(200);
    await companies.app.runJobsFor(2 * HOUR);
    expect(await deliver(customer, old)).toBe(401);
    expect(await deliver(customer, { ...hookOf(customer), subscription_url: old.subscription_url })).toBe(401);
  });
});
