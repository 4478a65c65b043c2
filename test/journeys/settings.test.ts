import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { numberOf, recordsOf, textOf } from '../practice/kernel/json.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies, writesIn } from '../support/companies.ts';
import { SAP_PASSWORD, SAP_USER } from '../support/practice-world.ts';

const MINUTE = 60_000;

let companies: Companies;
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
  await companies?.close();
}, 60_000);

let nextId = 2500;
async function installed(): Promise<Customer> {
  nextId += 1;
  const customer = await companies.add({ id: nextId, partners: 5, items: 4, organizations: 3 });
  await companies.app.install(customer.id, ADMIN);
  await companies.app.install(customer.id, REP);
  return customer;
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
const mark = () => companies.world.sap.log.all().length;

describe('connecting SAP', () => {
  it('SE-07 shows the certificate that no public authority vouches for, and sends nothing before it is confirmed', async () => {
    const customer = await installed();
    const before = mark();
    const seen = await api(customer).post('/api/settings/sap/certificate', { address: companies.world.sap.url });
    expect(seen.status).toBe(200);
    expect(seen.body).toMatchObject({
      trusted: false,
      certificate: { fingerprint: companies.world.sap.fingerprint256 },
    });
    const other = companies.world.sap.fingerprint256.replace(/^../, '00');
    for (const [confirmedFingerprints, code] of [
      [[], 'certificate_not_confirmed'],
      [['AA:BB'], 'fingerprint_form'],
      [[other], 'certificate_not_confirmed'],
    ] as const) {
      const refused = await connect(customer, { confirmedFingerprints });
      expect(refused.status).toBe(400);
      expect(refused.body.problems[0]).toMatchObject({ code, at: 'confirmedFingerprints' });
    }
    expect(mark()).toBe(before);
    expect(await customer.rows('connections')).toEqual([]);
  });

  it('pins what was confirmed, keeps the password to itself, and says who has connected what', async () => {
    const customer = await installed();
    const { status, body } = await connect(customer);
    expect(status).toBe(200);
    expect(body.connection).toMatchObject({
      companyDb: customer.companyDb,
      userName: SAP_USER,
      state: 'connected',
      trust: { kind: 'confirmed', slots: [{ fingerprint: companies.world.sap.fingerprint256, seen: true }] },
    });
    expect(JSON.stringify(body)).not.toContain(SAP_PASSWORD);
    const [row] = await customer.rows('connections');
    expect(JSON.stringify(row)).not.toContain(SAP_PASSWORD);
  });

  it('WRONG ACCESS: each gets its own sentence with who can fix it, and nothing is kept', async () => {
    const customer = await installed();
    const answers = {
      company: await connect(customer, { companyDb: 'NOBODY' }),
      password: await connect(customer, { password: 'wrong' }),
      user: await connect(customer, { userName: 'nobody' }),
      port: await connect(customer, { address: 'https://127.0.0.1:1' }),
      scheme: await connect(customer, { address: 'ftp://127.0.0.1' }),
      blank: await connect(customer, { address: ' ' }),
    };
    for (const [what, { status, body }] of Object.entries(answers)) {
      expect([400, 503], what).toContain(status);
      expect(body.message.length, what).toBeGreaterThan(20);
    }
    const sentences = Object.entries(answers)
      .filter(([what]) => what !== 'user' && what !== 'blank')
      .map(([, { body }]) => body.message);
    expect(new Set(sentences).size).toBe(sentences.length);
    expect(answers.company.body.problems[0].at).toBe('companyDb');
    expect(answers.password.body.problems[0].at).toBe('password');
    for (const what of ['company', 'password'] as const) expect(answers[what].body.message).toContain('administrator');
    expect(await customer.rows('connections')).toEqual([]);
  });

  it('5.6 refuses what no form should take', async () => {
    const customer = await installed();
    for (const body of [
      {},
      { ...access(customer), status: 'connected' },
      { ...access(customer), password: '' },
      { ...access(customer), companyDb: ['A'] },
      { ...access(customer), address: { $gt: '' } },
    ]) {
      expect((await api(customer).post('/api/settings/sap/connection', body)).status).toBe(400);
    }
  });

  it('people who are no admins change nothing', async () => {
    const customer = await installed();
    const before = mark();
    const rep = api(customer, REP);
    const seen = await rep.get('/api/settings');
    expect(seen.body.mayChange).toBe(false);
    for (const [path, body] of [
      ['/api/settings/sap/certificate', { address: companies.world.sap.url }],
      ['/api/settings/sap/connection', access(customer)],
      ['/api/settings/consent', { crmFields: true, erpField: true }],
      ['/api/settings/handoff', { enabled: true }],
      ['/api/settings/preferences', { webClientUrl: null, priceList: null }],
    ] as const) {
      expect((await rep.post(path, body)).status, path).toBe(403);
    }
    expect((await rep.delete('/api/settings/sap/connection')).status).toBe(403);
    expect(mark()).toBe(before);
    expect(await customer.rows('settings')).toEqual([]);
  });
});

describe('what was agreed', () => {
  it('won deals cannot be switched on before the key field is agreed to; then they start from now', async () => {
    const customer = await installed();
    expect((await api(customer).post('/api/settings/handoff', { enabled: true })).status).toBe(404);
    await connect(customer);
    const refused = await api(customer).post('/api/settings/handoff', { enabled: true });
    expect(refused.status).toBe(409);
    expect(refused.body.message).toContain('key field');
    const settings = await api(customer).get('/api/settings');
    expect(settings.body.handoff).toMatchObject({ enabled: false, startsAt: null, ready: false });
    await api(customer).post('/api/settings/consent', { crmFields: true, erpField: true });
    const { body } = await api(customer).post('/api/settings/handoff', { enabled: true });
    expect(body.handoff).toMatchObject({
      enabled: true,
      startsAt: new Date(companies.world.clock.now()).toISOString(),
    });
  });

  it('nothing is made on either side before it is agreed to', async () => {
    const customer = await installed();
    const fields = customer.pipedrive.fields('organization').length;
    await connect(customer);
    await companies.app.runJobsFor(10 * MINUTE);
    expect(customer.pipedrive.fields('organization')).toHaveLength(fields);
    expect(customer.pipedrive.fields('deal')).toEqual([]);
    expect(customer.pipedrive.products()).toEqual([]);
    expect(customer.sap.hasUserField('ORDR', 'PD_Key')).toBe(false);
    const { body } = await api(customer).get('/api/settings');
    expect(body.firstLoad.quote.tokens).toBeGreaterThan(0);
    expect(body.health.tone).toBe('setup');
  });

  it('every step says what is next, until all is well', async () => {
    const customer = await installed();
    const sentence = async () => (await api(customer).get('/api/settings')).body.health.sentence;
    expect(await sentence()).toContain('Connect SAP');
    await connect(customer);
    expect(await sentence()).toContain('agree');
    await api(customer).post('/api/settings/consent', { crmFields: true, erpField: true });
    expect(await sentence()).toContain('Won deals');
    await api(customer).post('/api/settings/handoff', { enabled: true });
    await companies.app.runJobs();
    const { body } = await api(customer).get('/api/settings');
    expect(body.findings.open > 0 ? body.health.tone : body.health.sentence).toBe(
      body.findings.open > 0 ? 'warning' : 'All is well.',
    );
    expect(body.people.installed.sort()).toEqual(['Anna Weber', 'Ben Kurz']);
  });

  it('two admins at once: the settings end as one of them said', async () => {
    const customer = await installed();
    await connect(customer);
    const answers = await Promise.all(
      [true, false, true].map((crmFields) =>
        api(customer).post('/api/settings/consent', { crmFields, erpField: true }),
      ),
    );
    for (const { status } of answers) expect([200, 409]).toContain(status);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
  });

  it('another price list changes the products, once', async () => {
    const customer = await installed();
    await connect(customer);
    await api(customer).post('/api/settings/consent', { crmFields: true, erpField: true });
    await companies.app.runJobs();
    const { body } = await api(customer).get('/api/settings');
    const [first, second] = body.preferences.priceLists;
    const prices = () =>
      customer.pipedrive.products().map(({ code, prices: [price] }) => [code, price?.currency, price?.price]);
    const inList = (list: number) =>
      customer.pipedrive.products().map(({ code }) => {
        const row = recordsOf(customer.sap.item(code ?? ''), 'ItemPrices').find(
          (one) => numberOf(one, 'PriceList') === list,
        );
        return [code, textOf(row ?? {}, 'Currency'), numberOf(row ?? {}, 'Price')];
      });
    expect(prices()).toEqual(inList(first.number));
    const saved = await api(customer).post('/api/settings/preferences', {
      webClientUrl: 'https://sap.example/webclient',
      priceList: second.number,
    });
    expect(saved.body.preferences).toMatchObject({
      webClientUrl: 'https://sap.example/webclient',
      priceList: second.number,
    });
    await companies.app.runJobs();
    expect(prices()).toEqual(inList(second.number));
    expect(writesIn(await customer.callsDuring(() => companies.syncAgain()))).toEqual([]);
    const bad = await api(customer).post('/api/settings/preferences', {
      webClientUrl: 'javascript:alert(1)',
      priceList: null,
    });
    expect(bad.status).toBe(400);
  });
});
