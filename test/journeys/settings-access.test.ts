import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildCompanyData } from '../practice/data/build-company-data.ts';
import { type PracticeSap, startPracticeSap } from '../practice/sap/start.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';
import { SAP_PASSWORD, SAP_USER } from '../support/practice-world.ts';

const HOUR = 3_600_000;

let companies: Companies;
const started: PracticeSap[] = [];
beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
afterEach(async () => {
  companies.world.sap.faults.clear();
  companies.world.pipedrive.faults.clear();
  companies.world.sap.sessions.unlock(SAP_USER);
  companies.world.sap.sessions.changePassword(SAP_USER, SAP_PASSWORD);
  await companies.dismiss();
});
afterAll(async () => {
  for (const sap of started) await sap.close();
  await companies?.close();
}, 60_000);

let nextId = 2550;
async function installed(): Promise<Customer> {
  nextId += 1;
  const customer = await companies.add({ id: nextId, partners: 5, items: 4, organizations: 3 });
  await companies.app.install(customer.id, ADMIN);
  await companies.app.install(customer.id, REP);
  return customer;
}

const FEW = buildCompanyData({ seed: 9, partners: 4, items: 3, orders: 1, invoices: 2, today: '2026-03-02' });

/** A Service Layer of this customer's own, so that its users can be locked and its certificate changed. */
async function ownSap(customer: Customer, port?: number): Promise<PracticeSap> {
  const users = [{ name: SAP_USER, password: SAP_PASSWORD }];
  const sap = await startPracticeSap({ clock: companies.world.clock, users, ...(port ? { port } : {}) });
  started.push(sap);
  sap.addCompany(customer.companyDb, FEW);
  return sap;
}

const api = ({ id }: Customer, userId = ADMIN) => companies.app.api(id, userId);
const access = (customer: Customer, values: Record<string, unknown> = {}) => ({
  address: companies.world.sap.url,
  companyDb: customer.companyDb,
  userName: SAP_USER,
  password: SAP_PASSWORD,
  confirmedFingerprints: [companies.world.sap.fingerprint256],
  pastedPem: null,
  proxy: null,
  ...values,
});
const connect = (customer: Customer, values: Record<string, unknown> = {}) =>
  api(customer).post('/api/settings/sap/connection', access(customer, values));
const signIns = (since: number) =>
  companies.world.sap.log.since(since).filter(({ path }) => path.endsWith('/Login')).length;
const mark = () => companies.world.sap.log.all().length;

describe('when the access no longer works', () => {
  it('SE-14 a changed password is tried twice at most, then everything waits for a person', async () => {
    const customer = await installed();
    const sap = await ownSap(customer);
    const own = { address: sap.url, confirmedFingerprints: [sap.fingerprint256] };
    await connect(customer, own);
    await api(customer).post('/api/settings/consent', { crmFields: true, erpField: true });
    await companies.app.runJobs();
    const before = sap.log.all().length;
    sap.sessions.changePassword(SAP_USER, 'another password');
    await companies.app.runJobsFor(2 * HOUR);
    await companies.app.runJobsFor(2 * HOUR);
    expect(sap.log.since(before).filter(({ path }) => path.endsWith('/Login')).length).toBeLessThanOrEqual(2);
    expect((await customer.findings()).filter(({ kind }) => kind === 'password_refused')).toHaveLength(1);
    const { body } = await api(customer).get('/api/settings');
    expect(body.connection.state).toBe('password_refused');
    expect(body.health).toMatchObject({ tone: 'bad' });
    expect(sap.sessions.isLocked(SAP_USER)).toBe(false);

    expect((await connect(customer, { ...own, password: 'another password' })).status).toBe(200);
    await companies.app.runJobsFor(HOUR);
    expect((await customer.findings()).filter(({ kind }) => kind === 'password_refused')).toEqual([]);
    expect((await api(customer).get('/api/settings')).body.connection.state).toBe('connected');
  });

  it('F18 a server with another certificate gets not one byte of the password', async () => {
    const customer = await installed();
    const first = await ownSap(customer);
    const connected = await connect(customer, { address: first.url, confirmedFingerprints: [first.fingerprint256] });
    expect(connected.status).toBe(200);
    await api(customer).post('/api/settings/consent', { crmFields: true, erpField: true });
    await first.close();

    const second = await ownSap(customer, first.port);
    await companies.app.runJobsFor(2 * HOUR);
    expect(second.log.all()).toEqual([]);
    const finding = (await customer.findings()).find(({ kind }) => kind === 'certificate_changed');
    expect(finding?.message).toContain(second.fingerprint256);
    const { body } = await api(customer).get('/api/settings');
    expect(body.connection.state).toBe('certificate_changed');
    expect(body.health.tone).toBe('bad');
    expect(second.log.all()).toEqual([]);

    const again = await connect(customer, { address: second.url, confirmedFingerprints: [second.fingerprint256] });
    expect(again.status).toBe(200);
    await companies.app.runJobs();
    expect((await customer.findings()).filter(({ kind }) => kind === 'certificate_changed')).toEqual([]);
    expect(second.log.all().length).toBeGreaterThan(0);
  });

  it('disconnecting forgets the password, signs out, and asks SAP for nothing any more; connecting again catches up', async () => {
    const customer = await installed();
    await connect(customer);
    await api(customer).post('/api/settings/consent', { crmFields: true, erpField: true });
    await companies.app.runJobs();
    const gone = await api(customer).delete('/api/settings/sap/connection');
    expect(gone.status).toBe(200);
    expect(gone.body.connection).toBeNull();
    const before = mark();
    customer.sap.changePartner(String(customer.sap.rows('BusinessPartners')[0]?.['CardCode']), {
      CardName: 'Inzwischen GmbH',
    });
    await companies.app.runJobsFor(HOUR);
    const ours = companies.world.sap.log.since(before).filter(({ body }) => body.includes(`"${customer.companyDb}"`));
    expect(ours).toEqual([]);
    expect((await api(customer).delete('/api/settings/sap/connection')).status).toBe(404);

    await connect(customer);
    await companies.app.runJobs();
    expect(customer.pipedrive.organizations().map(({ name }) => name)).toContain('Inzwischen GmbH');
    expect(signIns(before)).toBeGreaterThan(0);
  });
});
