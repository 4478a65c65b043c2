import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';
import { SAP_PASSWORD, SAP_USER } from '../support/practice-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let companies: Companies;
beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
afterEach(() => {
  companies.world.sap.faults.clear();
  companies.world.sap.sessions.unlock(SAP_USER);
  companies.world.sap.sessions.changePassword(SAP_USER, SAP_PASSWORD);
});
afterAll(async () => {
  await companies?.close();
}, 60_000);

let nextId = 2700;
async function connected(options: { agree?: boolean; sapSettings?: Customer['sap']['settings'] | object } = {}) {
  nextId += 1;
  const { agree = true, sapSettings } = options;
  const customer = await companies.add({
    id: nextId,
    partners: 5,
    items: 4,
    organizations: 3,
    ...(sapSettings ? { sapSettings } : {}),
  });
  await customer.setUp({ agree });
  return customer;
}

const api = ({ id }: Customer, userId = ADMIN) => companies.app.api(id, userId);
const capabilities = async (customer: Customer) => (await api(customer).get('/api/settings/sap/capabilities')).body;
const diagnose = (customer: Customer, draft = false) => api(customer).post('/api/settings/sap/diagnosis', { draft });
const stepIn = (body: { steps: { step: string }[] }, name: string) => body.steps.find(({ step }) => step === name);

describe('what SAP can do', () => {
  it('is found out after connecting, kept, and asked again once a day', async () => {
    const customer = await connected();
    expect(await capabilities(customer)).toMatchObject({
      probedAt: null,
      facts: [],
      record: null,
      handoffGuard: 'settle',
    });
    await companies.app.runJobs();
    const first = await capabilities(customer);
    expect(first.record).toMatchObject({ dialect: 'v2', localCurrency: 'EUR', keyField: 'yes', preview: 'yes' });
    expect(first.facts.length).toBeGreaterThan(10);

    const asked = () => companies.world.sap.log.all().filter(({ path }) => path.includes('GetCompanyInfo')).length;
    const before = asked();
    await companies.app.runJobsFor(12 * HOUR);
    expect(asked()).toBe(before);
    await companies.app.runJobsFor(13 * HOUR);
    expect(asked()).toBe(before + 1);
    expect(Date.parse((await capabilities(customer)).probedAt)).toBeGreaterThan(Date.parse(first.probedAt) + DAY / 2);
  });

  it('is forgotten with another access, and found out anew', async () => {
    const customer = await connected({ agree: false });
    await companies.app.runJobs();
    await companies.app.connect(customer.id, ADMIN, customer.companyDb);
    expect((await capabilities(customer)).probedAt).toBeNull();
    await companies.app.runJobs();
    expect((await capabilities(customer)).probedAt).not.toBeNull();
  });

  it('shows the ledger as the guard once its table is there', async () => {
    const customer = await connected({ agree: false });
    await api(customer).post('/api/settings/consent', { crmFields: false, erpField: true, erpLedger: true });
    await companies.app.runJobs();
    expect(await capabilities(customer)).toMatchObject({ handoffGuard: 'ledger', record: { ledger: 'yes' } });
  });
});

describe('the check of the connection', () => {
  let customer: Customer;
  beforeAll(async () => {
    customer = await connected();
    await companies.app.runJobs();
  });

  it('is for admins, and tells everything once it is inside', async () => {
    expect((await api(customer, REP).post('/api/settings/sap/diagnosis', { draft: false })).status).toBe(403);
    const { status, body } = await diagnose(customer);
    expect(status).toBe(200);
    expect(body.signedIn).toBe(true);
    expect(stepIn(body, 'read_rights')).toMatchObject({ verdict: 'fine' });
    expect(stepIn(body, 'certificate')).toMatchObject({ verdict: 'fine' });
  });

  it('makes one draft on request, removes it, and keeps that on record', async () => {
    const { body } = await diagnose(customer, true);
    expect(stepIn(body, 'create_rights')).toMatchObject({ verdict: 'fine' });
    expect(customer.sap.drafts()).toEqual([]);
    const verbs = (await customer.rows('audit_entries')).map((row) => row['verb']);
    expect(verbs).toContain('connection_tried');
    // The stamp of the draft told the company's time zone (Europe/Berlin, winter).
    expect((await capabilities(customer)).record.offsetMinutes).toBe(60);
  });

  it('finds SAP off, without a word of what the other side said (SE-06)', async () => {
    companies.world.sap.faults.add({ kind: 'html_502_before', times: 1_000 });
    const { status, body } = await diagnose(customer);
    expect(status).toBe(200);
    expect(body).toMatchObject({ signedIn: false, summary: 'One thing is wrong.' });
    expect(stepIn(body, 'sign_in')).toMatchObject({ verdict: 'wrong', details: [] });
    expect(JSON.stringify(body)).not.toMatch(/502|Proxy/);
  });

  it('is refused after ten looks in an hour (SE-06)', async () => {
    let status = 200;
    let looks = 0;
    while (status === 200 && looks < 20) {
      looks += 1;
      status = (await diagnose(customer)).status;
    }
    expect(status).toBe(429);
    expect(looks).toBeLessThanOrEqual(11);
  });
});

describe('the key field at a chosen time', () => {
  it('is not made before it, by whatever job, and made then', async () => {
    const customer = await connected({ agree: false });
    const at = new Date(companies.world.clock.now() + 5 * HOUR).toISOString();
    const agreed = await api(customer).post('/api/settings/consent', {
      crmFields: false,
      erpField: true,
      erpChangesAt: at,
    });
    expect(agreed.body.consent).toMatchObject({ erpField: true, erpChangesAt: at, keyField: false });
    await companies.app.runJobsFor(4 * HOUR);
    expect(customer.sap.hasUserField('ORDR', 'PD_Key')).toBe(false);
    await companies.app.runJobsFor(2 * HOUR);
    expect(customer.sap.hasUserField('ORDR', 'PD_Key')).toBe(true);
    expect((await api(customer).get('/api/settings')).body.consent.keyField).toBe(true);
    expect((await capabilities(customer)).record).toMatchObject({ keyField: 'yes' });
  });

  it('is known to be there, with its table, as soon as both were made', async () => {
    const customer = await connected({ agree: false });
    await companies.app.runJobs();
    expect((await capabilities(customer)).record).toMatchObject({ keyField: 'no', ledger: 'no' });
    await api(customer).post('/api/settings/consent', { crmFields: false, erpField: true, erpLedger: true });
    await companies.app.runJobs();
    expect(await capabilities(customer)).toMatchObject({
      handoffGuard: 'ledger',
      record: { keyField: 'yes', ledger: 'yes' },
    });
  });

  it('comes with its table an hour later where SAP refused that at first, and the finding is closed', async () => {
    const customer = await connected({ agree: false });
    await companies.app.runJobs();
    companies.world.sap.faults.add({
      kind: 'reject',
      method: 'POST',
      path: /^UserTablesMD$/,
      company: customer.companyDb,
      message: 'The company is being closed for the day',
    });
    await api(customer).post('/api/settings/consent', { crmFields: false, erpField: true, erpLedger: true });
    await companies.app.runJobs();
    const subjects = async () => (await customer.findings()).map(({ subject }) => subject);
    expect(await subjects()).toContain('erp-ledger');
    expect(await capabilities(customer)).toMatchObject({ handoffGuard: 'settle' });
    companies.world.clock.advance(HOUR);
    await companies.app.app.jobs.runUntilIdle();
    await companies.app.runJobs();
    expect(await subjects()).not.toContain('erp-ledger');
    expect(await capabilities(customer)).toMatchObject({ handoffGuard: 'ledger' });
  });

  it('is not made at once because the chosen hour is over already', async () => {
    const customer = await connected({ agree: false });
    const at = new Date(companies.world.clock.now() - 9 * HOUR).toISOString();
    const { status, body } = await api(customer).post('/api/settings/consent', {
      crmFields: false,
      erpField: true,
      erpChangesAt: at,
    });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain('is over');
    await companies.app.runJobs();
    expect(customer.sap.hasUserField('ORDR', 'PD_Key')).toBe(false);
  });

  it('is made at once when the admin changes their mind', async () => {
    const customer = await connected({ agree: false });
    const at = new Date(companies.world.clock.now() + 5 * HOUR).toISOString();
    await api(customer).post('/api/settings/consent', { crmFields: false, erpField: true, erpChangesAt: at });
    await companies.app.runJobs();
    expect(customer.sap.hasUserField('ORDR', 'PD_Key')).toBe(false);
    await api(customer).post('/api/settings/consent', { crmFields: false, erpField: true, erpChangesAt: null });
    await companies.app.runJobs();
    expect(customer.sap.hasUserField('ORDR', 'PD_Key')).toBe(true);
  });

  it('counts what the SAP partner has made meanwhile', async () => {
    const customer = await connected({ agree: false });
    customer.sap.addUserField({
      TableName: 'ORDR',
      Name: 'PD_Key',
      Description: 'Key',
      Type: 'db_Alpha',
      EditSize: 64,
    });
    const at = new Date(companies.world.clock.now() + 5 * HOUR).toISOString();
    await api(customer).post('/api/settings/consent', { crmFields: false, erpField: true, erpChangesAt: at });
    await companies.app.runJobs();
    expect((await api(customer).get('/api/settings')).body.consent.keyField).toBe(true);
  });
});

describe('the sheet for the SAP partner', () => {
  it('names what the app makes itself, from the same source', async () => {
    const customer = await connected();
    const { body } = await api(customer).get('/api/settings/sap/sheet');
    const values = body.sections.flatMap((section: { values: { value: string }[] }) =>
      section.values.map(({ value }) => value),
    );
    expect(values).toEqual(expect.arrayContaining(['PD_Key', '64', 'PD_LINK']));
  });
});
