import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildCompanyData } from '../practice/data/build-company-data.ts';
import { type PracticeSap, startPracticeSap } from '../practice/sap/start.ts';
import { ADMIN, type Companies, type Customer, startCompanies } from '../support/companies.ts';
import { SAP_PASSWORD, SAP_USER } from '../support/practice-world.ts';
import { type Relay, startRelay } from '../support/relay.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DATA = buildCompanyData({ seed: 9, partners: 4, items: 3, orders: 1, invoices: 2, today: '2026-03-02' });

let companies: Companies;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await companies?.close();
}, 60_000);

let nextId = 2900;
let customer: Customer;
let first: PracticeSap;
let second: PracticeSap;
let relay: Relay;

async function startSap(): Promise<PracticeSap> {
  const sap = await startPracticeSap({
    clock: companies.world.clock,
    users: [{ name: SAP_USER, password: SAP_PASSWORD }],
  });
  closing.push(() => sap.close());
  sap.addCompany(customer.companyDb, DATA);
  return sap;
}

/** A customer that is connected to the first of two servers, which stand behind one address. */
beforeEach(async () => {
  nextId += 1;
  await companies.dismiss();
  customer = await companies.add({ id: nextId, partners: 3, items: 3, organizations: 2 });
  await companies.app.install(customer.id, ADMIN);
  [first, second] = [await startSap(), await startSap()];
  relay = await startRelay(first.port);
  closing.push(relay.close);
  expect((await connect({ confirmedFingerprints: [first.fingerprint256] })).status).toBe(200);
  await api().post('/api/settings/consent', { crmFields: true, erpField: true });
}, 60_000);

const api = () => companies.app.api(customer.id, ADMIN);
const connect = (values: Record<string, unknown> = {}) =>
  api().post('/api/settings/sap/connection', {
    address: relay.url,
    companyDb: customer.companyDb,
    userName: SAP_USER,
    password: SAP_PASSWORD,
    confirmedFingerprints: [],
    pastedPem: null,
    proxy: null,
    ...values,
  });
const trust = (body: Record<string, unknown>) => api().post('/api/settings/sap/trust', body);
const connection = async () => (await api().get('/api/settings')).body.connection;
const finding = async (kind: string) => (await customer.findings()).find((one) => one.kind === kind);
const verbs = async () => (await customer.rows('audit_entries')).map(({ verb }) => verb);

describe('which certificates are accepted (SE-08)', () => {
  it('one that was added by its fingerprint takes over without a pause, and can stay alone', async () => {
    const added = await trust({
      change: 'add_fingerprint',
      fingerprint: second.fingerprint256.replaceAll(':', '').toLowerCase(),
    });
    expect(added.body.connection.trust).toMatchObject({
      kind: 'confirmed',
      slots: [
        { fingerprint: first.fingerprint256, seen: true },
        { fingerprint: second.fingerprint256, seen: false, subject: null, validTo: null },
      ],
    });
    await companies.app.runJobs();
    relay.leadTo(second.port);
    await companies.app.runJobsFor(6 * MINUTE);
    expect(second.log.all().some(({ path }) => path.endsWith('/Login'))).toBe(true);
    expect(await connection()).toMatchObject({ state: 'connected', trust: { slots: [{}, { seen: true }] } });
    expect(await finding('certificate_changed')).toBeUndefined();

    const removed = await trust({ change: 'remove', fingerprint: first.fingerprint256 });
    expect(removed.body.connection.trust.slots).toMatchObject([{ fingerprint: second.fingerprint256 }]);
    const last = await trust({ change: 'remove', fingerprint: second.fingerprint256 });
    expect(last.body.problems).toMatchObject([{ code: 'last_slot' }]);
    expect((await verbs()).filter((verb) => verb === 'trust_changed')).toHaveLength(2);
  });

  it('SE-09: one that was removed is refused from the next request on, although sockets are open', async () => {
    await trust({ change: 'add_pem', pem: second.certificatePem });
    await companies.app.runJobs();
    await trust({ change: 'remove', fingerprint: first.fingerprint256 });
    const before = first.log.all().length;
    await companies.app.runJobsFor(6 * MINUTE);
    expect(first.log.since(before).filter(({ path }) => !path.endsWith('/Logout'))).toEqual([]);
    expect(await connection()).toMatchObject({ state: 'certificate_changed' });
  });

  it('F18: a changed one stops everything, with both fingerprints; confirmed without the password, all goes on', async () => {
    await companies.app.runJobs();
    relay.leadTo(second.port);
    await companies.app.runJobsFor(6 * MINUTE);
    expect(await connection()).toMatchObject({ state: 'certificate_changed' });
    const message = (await finding('certificate_changed'))?.message;
    expect(message).toContain(first.fingerprint256);
    expect(message).toContain(second.fingerprint256);
    expect(second.log.all()).toEqual([]);

    const wrong = await trust({ change: 'confirm_shown', fingerprint: first.fingerprint256 });
    expect(wrong.body.problems).toMatchObject([{ code: 'certificate_not_confirmed' }]);
    expect(await connection()).toMatchObject({ state: 'certificate_changed' });
    const confirmed = await trust({ change: 'confirm_shown', fingerprint: second.fingerprint256 });
    expect(confirmed.body.connection).toMatchObject({ state: 'connected' });
    await companies.app.runJobs();
    expect(second.log.all().some(({ path }) => path.endsWith('/Login'))).toBe(true);
    expect(await finding('certificate_changed')).toBeUndefined();
  });

  it('nothing is confirmed that no server shows, that is no fingerprint, or beside an authority', async () => {
    for (const [body, code] of [
      [{ change: 'add_fingerprint', fingerprint: 'AB:CD' }, 'fingerprint_form'],
      [{ change: 'add_pem', pem: 'no certificate' }, 'pem_form'],
      [{ change: 'add_pem', pem: '-----BEGIN PRIVATE KEY-----' }, 'pem_key'],
      [{ change: 'use_public' }, 'certificate_not_public'],
      [{ change: 'remove', fingerprint: second.fingerprint256 }, 'slot_unknown'],
    ] as const) {
      const refused = await trust(body);
      expect({ code: refused.body.problems[0]?.code, status: refused.status }).toEqual({ code, status: 400 });
    }
    expect(await connection()).toMatchObject({ trust: { slots: [{ fingerprint: first.fingerprint256 }] } });
  });
});

describe('another user or password at the same server', () => {
  it('is tried before it is kept, and ends the waiting', async () => {
    await companies.app.runJobs();
    first.sessions.changePassword(SAP_USER, 'changed');
    first.restart();
    await companies.app.runJobsFor(2 * HOUR);
    expect(await connection()).toMatchObject({ state: 'password_refused' });
    const signIn = (password: string) => api().post('/api/settings/sap/sign-in', { userName: SAP_USER, password });
    expect((await signIn('wrong')).body.problems).toMatchObject([{ code: 'sign_in_password' }]);
    expect(await connection()).toMatchObject({ state: 'password_refused' });
    expect((await signIn('changed')).body.connection).toMatchObject({ state: 'connected' });
    const before = first.log.all().length;
    await companies.app.runJobs();
    expect(first.log.since(before).length).toBeGreaterThan(0);
    expect(await finding('password_refused')).toBeUndefined();
    expect(await verbs()).toContain('sign_in_changed');
  });
});

describe('what a proxy before SAP asks for', () => {
  const header = { name: 'X-Gateway-Key', value: 'header-canary' };

  it('goes with every request, is shown to nobody, and is kept when only the password changes', async () => {
    const { status, body } = await api().post('/api/settings/sap/proxy', {
      proxy: { header, clientCertificate: null },
    });
    expect(status).toBe(200);
    expect(body.connection.proxy).toEqual({ headerName: 'X-Gateway-Key', clientCertificate: null });
    expect(JSON.stringify(body)).not.toContain('canary');
    await api().post('/api/settings/sap/sign-in', { userName: SAP_USER, password: SAP_PASSWORD });
    const before = first.log.all().length;
    await companies.app.runJobsFor(6 * MINUTE);
    const after = first.log.since(before);
    expect(after.length).toBeGreaterThan(1);
    expect(after.filter(({ headers }) => headers['x-gateway-key'] !== 'header-canary')).toEqual([]);
    expect(JSON.stringify([await customer.rows('connections'), await customer.rows('audit_entries')])).not.toContain(
      'canary',
    );
    await api().post('/api/settings/sap/proxy', { proxy: null });
    expect((await connection()).proxy).toBeNull();
  });
});

describe('SE-06: servers that are tried out', () => {
  it('are ten an hour; then it is said when the next may be', async () => {
    const look = () => api().post('/api/settings/sap/certificate', { address: relay.url });
    // Connecting was the first.
    for (let round = 0; round < 9; round += 1) expect((await look()).status).toBe(200);
    const refused = await look();
    expect(refused.status).toBe(429);
    expect(refused.body.message).toContain('within the last hour');
    expect(refused.body.retryAt).toBe(new Date(companies.world.clock.now() + HOUR).toISOString());
    companies.world.clock.set(companies.world.clock.now() + HOUR);
    expect((await look()).status).toBe(200);
  });
});
