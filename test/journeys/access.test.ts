import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createErpAccess } from '../../server/app/access/erp-access.ts';
import { readConfig } from '../../server/config.ts';
import { createConnectionStore } from '../../server/db/connection-store.ts';
import { dataKeyStore } from '../../server/db/data-key-store.ts';
import { findingStore } from '../../server/db/finding-store.ts';
import { createUnitOfWork } from '../../server/db/unit-of-work.ts';
import { createVault } from '../../server/secrets/vault.ts';
import { buildCompanyData } from '../practice/data/build-company-data.ts';
import { type PracticeSap, startPracticeSap } from '../practice/sap/start.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';
import { SAP_PASSWORD, SAP_USER } from '../support/practice-world.ts';
import { type Relay, startRelay } from '../support/relay.ts';

const MINUTE = 60_000;

let companies: Companies;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await companies?.close();
}, 60_000);

const api = ({ id }: Customer, userId = ADMIN) => companies.app.api(id, userId);
const DATA = buildCompanyData({ seed: 9, partners: 4, items: 3, orders: 1, invoices: 2, today: '2026-03-02' });

async function startSap(companyDb: string): Promise<PracticeSap> {
  const users = [{ name: SAP_USER, password: SAP_PASSWORD }];
  const sap = await startPracticeSap({ clock: companies.world.clock, users });
  closing.push(() => sap.close());
  sap.addCompany(companyDb, DATA);
  return sap;
}

describe('a certificate that was refused', () => {
  let customer: Customer;
  let home: PracticeSap;
  let impostor: PracticeSap;
  let relay: Relay;
  beforeAll(async () => {
    customer = await companies.add({ id: 2701, partners: 3, items: 3, organizations: 2 });
    await companies.app.install(customer.id, ADMIN);
    home = await startSap(customer.companyDb);
    impostor = await startSap(customer.companyDb);
    relay = await startRelay(home.port);
    closing.push(relay.close);
    const connected = await api(customer).post('/api/settings/sap/connection', {
      address: relay.url,
      companyDb: customer.companyDb,
      userName: SAP_USER,
      password: SAP_PASSWORD,
      confirmedFingerprints: [home.fingerprint256],
      pastedPem: null,
      proxy: null,
    });
    expect(connected.status).toBe(200);
    await api(customer).post('/api/settings/consent', { crmFields: true, erpField: true });
    await companies.app.runJobs();
  }, 120_000);

  const state = async () => (await api(customer).get('/api/settings')).body.connection.state;

  it('F18 stops nothing for ever: when the confirmed one is back, everything goes on, and nobody else hears a word', async () => {
    relay.leadTo(impostor.port);
    await companies.app.runJobsFor(6 * MINUTE);
    expect(await state()).toBe('certificate_changed');
    await companies.app.runJobsFor(40 * MINUTE);
    expect(await state()).toBe('certificate_changed');
    expect(impostor.log.all()).toEqual([]);

    relay.leadTo(home.port);
    const before = home.log.all().length;
    await companies.app.runJobsFor(16 * MINUTE);
    expect(await state()).toBe('connected');
    expect((await customer.findings()).filter(({ kind }) => kind === 'certificate_changed')).toEqual([]);
    expect(home.log.all().length).toBeGreaterThan(before);
    expect((await customer.rows('audit_entries')).map(({ verb }) => verb)).toContain('certificate_accepted');
  });

  it('SE-08 an expired one parks the connection and says so in its own words', async () => {
    const { erpAccess, installation, connection } = await accessOf(customer);
    const { version } = await erpAccess.load(installation, connection);
    const seen = { fingerprint: 'AB:CD', fault: 'expired' } as const;
    await erpAccess.certificateRefused(installation, connection, seen, 'of an access that was changed since');
    expect(await state()).toBe('connected');
    await erpAccess.certificateRefused(installation, connection, seen, version);
    expect(await state()).toBe('certificate_changed');
    const [finding] = (await customer.findings()).filter(({ kind }) => kind === 'certificate_changed');
    expect(finding?.message).toContain('not valid at this date');
    expect((await api(customer).get('/api/settings')).body.health.tone).toBe('bad');
  });
});

/** What the SAP client has of a customer's connection, and where it reports to. */
async function accessOf(customer: Customer) {
  const { database, environment } = companies.app;
  const vault = createVault({ masterKeys: readConfig(environment).masterKeys, dataKeys: dataKeyStore });
  const erpAccess = createErpAccess({
    clock: { now: () => new Date(companies.world.clock.now()) },
    unitOfWork: createUnitOfWork(database),
    connections: createConnectionStore(vault),
    findings: findingStore,
  });
  return customer.within(async (tx, connection) => ({ erpAccess, installation: tx.installationId, connection }));
}

describe('who is an admin', () => {
  it('SE-38 is asked of Pipedrive as it is now, not as it was at install', async () => {
    const customer = await companies.add({ id: 2702, partners: 3, items: 3, organizations: 2 });
    await customer.setUp();
    const save = (userId: number) =>
      api(customer, userId).post('/api/settings/preferences', { webClientUrl: null, priceList: null });
    const mayChange = async (userId: number) => (await api(customer, userId).get('/api/settings')).body.mayChange;
    const setAdmin = (userId: number, isAdmin: boolean) => {
      const user = customer.pipedrive.state.users.get(userId);
      if (user) user.is_admin = isAdmin;
      companies.world.clock.set(companies.world.clock.now() + 6 * MINUTE);
    };
    expect((await save(ADMIN)).status).toBe(200);
    expect((await save(REP)).status).toBe(403);

    setAdmin(ADMIN, false);
    setAdmin(REP, true);
    expect((await save(ADMIN)).status).toBe(403);
    expect(await mayChange(ADMIN)).toBe(false);
    expect((await save(REP)).status).toBe(200);
    expect(await mayChange(REP)).toBe(true);
    const grants = await customer.rows('grants');
    expect(grants.map(({ user_id, is_admin }) => [Number(user_id), is_admin]).sort()).toEqual([
      [ADMIN, false],
      [REP, true],
    ]);

    // While Pipedrive cannot be asked, what it said last counts; and it is asked once in five minutes.
    companies.world.clock.set(companies.world.clock.now() + 6 * MINUTE);
    companies.world.pipedrive.faults.add({
      match: { path: /users\/me/, company: customer.id },
      times: 100,
      fault: { kind: 'status', status: 503 },
    });
    expect((await save(REP)).status).toBe(200);
    expect((await save(ADMIN)).status).toBe(403);
    companies.world.pipedrive.faults.clear();
    // After so many failures Pipedrive is left in peace for some seconds.
    companies.world.clock.set(companies.world.clock.now() + MINUTE);
    const calls = await customer.callsDuring(async () => {
      await save(REP);
      await save(REP);
      await mayChange(REP);
    });
    expect(calls.filter(({ path }) => path.includes('/users/me'))).toHaveLength(1);
  });

  it('whose grant is refused is none', async () => {
    const customer = await companies.add({ id: 2703, partners: 3, items: 3, organizations: 2 });
    await customer.setUp({ agree: false });
    companies.world.pipedrive.revokeGrant(customer.id, ADMIN);
    companies.world.clock.set(companies.world.clock.now() + 6 * MINUTE);
    const answer = await api(customer).post('/api/settings/preferences', { webClientUrl: null, priceList: null });
    expect(answer.status).toBe(403);
  });
});
