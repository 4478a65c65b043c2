import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { proveErasure } from '../../server/db/erasure-proof.ts';
import { createTenantDirectory } from '../../server/db/tenant-directory.ts';
import { createUnitOfWork } from '../../server/db/unit-of-work.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';
import { SAP_PASSWORD } from '../support/practice-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const REMOVAL = '/api/settings/removal';

let companies: Companies;
let customer: Customer;
let nextId = 8101;
beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
beforeEach(async () => {
  nextId += 1;
  customer = await companies.add({
    id: nextId,
    partners: 4,
    items: 4,
    organizations: 3,
    sapSettings: { webhooks: 'available', webhooksEnabled: true },
  });
  await companies.app.install(customer.id, ADMIN);
  await companies.app.install(customer.id, REP);
  await companies.app.runJobs();
}, 120_000);
afterEach(() => {
  companies.world.pipedrive.faults.clear();
  companies.world.sap.faults.clear();
});
afterAll(() => companies?.close(), 60_000);

const api = (user = ADMIN) => companies.app.api(customer.id, user);
const nameOf = () => `Nordlicht ${customer.id}`;

async function proof() {
  const { database } = companies.app;
  const id = await createTenantDirectory(database).findByCompany(String(customer.id));
  if (!id) throw new Error('The company is not known.');
  return createUnitOfWork(database).within(id, proveErasure);
}

/** Calls to this company's Pipedrive while the work ran. */
const callsDuring = async (work: () => Promise<unknown>) => (await customer.callsDuring(work)).length;

describe('“Remove this app’s data”', () => {
  it('WH-12 SE-20 lets go of both sides, then erases everything; the panel says so, and nobody is called any more', async () => {
    await companies.app.connect(customer.id, ADMIN, customer.companyDb);
    await api().post('/api/settings/sap/events', { enabled: true });
    await companies.app.runJobs();
    expect(customer.sap.rows('EventSubscriptions')).toHaveLength(1);
    expect(customer.pipedrive.webhooks().length).toBeGreaterThan(2);

    const asked = await api().post(REMOVAL, { companyName: `  ${nameOf()} ` });
    expect(asked).toMatchObject({ status: 200, body: { state: 'running' } });
    expect((await api().get(REMOVAL)).body.steps.map(({ state }: { state: string }) => state)).toEqual(
      Array(4).fill('waiting'),
    );
    await companies.app.runJobs();

    expect(customer.pipedrive.webhooks()).toEqual([]);
    expect(customer.sap.rows('EventSubscriptions')).toEqual([]);
    const revoked = companies.world.pipedrive.log.all().filter(({ path }) => path === '/oauth/revoke');
    expect(revoked.length).toBeGreaterThan(1);
    expect((await api().get('/api/settings')).status).toBe(404);
    expect((await api().get(REMOVAL)).status).toBe(404);
    expect((await api(REP).get('/api/panel/organizations/1')).status).toBe(404);
    expect((await fetch(`${companies.app.url}/settings?companyId=${customer.id}`)).status).toBe(200);
    expect(await callsDuring(() => companies.app.runJobsFor(2 * HOUR))).toBe(0);
    expect(await proof()).toMatchObject({ erased: true, dataKey: 'gone', chain: { intact: true } });
  });

  it('wants the name of the company, and an admin (SE-38)', async () => {
    expect((await api().get(REMOVAL)).body).toMatchObject({ state: 'none', companyName: nameOf() });
    for (const companyName of ['', 'Nordlicht', nameOf().toLowerCase()])
      expect((await api().post(REMOVAL, { companyName })).status).toBe(400);
    expect((await api(REP).post(REMOVAL, { companyName: nameOf() })).status).toBe(403);
    expect((await api(REP).get('/api/settings/export')).status).toBe(403);
    await companies.app.runJobs();
    expect(customer.pipedrive.webhooks().length).toBeGreaterThan(2);
    expect((await api().get('/api/settings')).status).toBe(200);
  });

  it('waits a quarter of an hour for a Pipedrive that does not answer, then erases all the same', async () => {
    companies.world.pipedrive.faults.add({
      match: { path: /\/webhooks/, company: customer.id },
      fault: { kind: 'status', status: 503 },
      times: 1e6,
    });
    await api().post(REMOVAL, { companyName: nameOf() });
    await companies.app.runJobsFor(10 * MINUTE);
    expect((await api().get(REMOVAL)).body).toMatchObject({ state: 'running' });
    // Waiting is not failing: nobody is called, and it ends as soon as the time is up.
    expect(await customer.rows('findings')).toEqual([]);
    await companies.app.runJobsFor(6 * MINUTE);
    const told = expect.stringContaining('could not be asked to stop telling this app about changes');
    expect(await api().get(REMOVAL)).toMatchObject({ status: 404, body: { message: told } });
    expect(await proof()).toMatchObject({ erased: true });
  });

  it('starts nothing new from the moment it was asked for, and gives way to somebody who installs again', async () => {
    companies.world.pipedrive.faults.add({
      match: { path: /\/webhooks/, company: customer.id },
      fault: { kind: 'status', status: 503 },
      times: 1e6,
    });
    await companies.app.connect(customer.id, ADMIN, customer.companyDb);
    const [hook] = customer.pipedrive.webhooks();
    await api().post(REMOVAL, { companyName: nameOf() });
    const late = await fetch(hook?.subscription_url ?? '', { method: 'POST', body: '{}' });
    expect(late.status).toBe(401);
    const calls = await customer.callsDuring(() => companies.app.runJobsFor(5 * MINUTE));
    expect(new Set(calls.map(({ method, path }) => `${method} ${path.split('?')[0]}`))).toEqual(
      new Set(['GET /api/v1/webhooks']),
    );

    const sent = await api(REP).post('/api/panel/deals/1/send');
    expect(sent).toMatchObject({ status: 409, body: { message: expect.stringContaining('is being removed') } });
    expect((await api().get('/api/settings')).body).toMatchObject({
      pipedrive: { state: 'connected' },
      health: { tone: 'warning', sentence: expect.stringContaining('is being removed') },
    });

    await companies.app.install(customer.id, ADMIN);
    companies.world.pipedrive.faults.clear();
    await companies.app.runJobsFor(HOUR);
    expect((await api().get('/api/settings')).status).toBe(200);
    expect(customer.pipedrive.webhooks().length).toBeGreaterThan(2);
  });
});

describe('“Download your data”', () => {
  it('holds everything of the company and nothing of another, and no secret (SE-13)', async () => {
    const other = await companies.add({ id: 9100 + customer.id, partners: 2, items: 2, organizations: 2 });
    await other.setUp();
    await companies.app.connect(customer.id, ADMIN, customer.companyDb);
    await companies.app.runJobs();
    await api().post('/api/settings/sap/events', { enabled: true });
    await companies.app.runJobs();

    const { status, body } = await api().get('/api/settings/export');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      format: 'orderline-export',
      companyId: String(customer.id),
      companyName: nameOf(),
      complete: true,
    });
    const { data } = body;
    expect(data.people.map(({ user_name }: { user_name: string }) => user_name)).toEqual(['Anna Weber', 'Ben Kurz']);
    expect(data.connections).toMatchObject([{ company_db: customer.companyDb, user_name: 'orderline' }]);
    for (const part of ['settings', 'entity_links', 'sync_runs', 'token_ledger', 'crm_webhooks', 'audit_entries'])
      expect(data[part].length, part).toBeGreaterThan(0);
    const connected = data.audit_entries.find(({ verb }: { verb: string }) => verb === 'connected');
    expect(connected.after).toMatchObject({ companyDb: customer.companyDb });
    const rows = await customer.rows('entity_links');
    expect(data.entity_links).toHaveLength(rows.length);

    const text = JSON.stringify(body);
    expect(text).not.toContain(other.companyDb);
    const secrets = [
      SAP_PASSWORD,
      ...customer.pipedrive
        .webhooks()
        .flatMap((hook) => [
          hook.http_auth_user ?? 'none',
          hook.http_auth_password ?? 'none',
          hook.subscription_url.split('/').at(-1) ?? 'none',
        ]),
    ];
    for (const secret of secrets) expect(text.includes(secret)).toBe(false);
    expect(text).not.toMatch(/Bearer |Basic |refresh_token|access_token|"password"/);
  });
});
