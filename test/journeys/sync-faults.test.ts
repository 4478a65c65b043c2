import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { textOf } from '../practice/kernel/json.ts';
import type { FaultKind } from '../practice/pipedrive/faults.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies, writesIn } from '../support/companies.ts';

// Hours go by in these tests, with every job that falls due in them.
vi.setConfig({ testTimeout: 120_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let companies: Companies;
beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
afterEach(async () => {
  companies.world.sap.faults.clear();
  companies.world.pipedrive.faults.clear();
  await companies.dismiss();
});
afterAll(() => companies?.close(), 60_000);

const activePartners = ({ sap }: Customer) =>
  sap
    .rows('BusinessPartners')
    .filter((row) => textOf(row, 'CardType') !== 'cSupplier' && textOf(row, 'Frozen') !== 'tYES')
    .map((row) => textOf(row, 'CardCode'))
    .sort();
const activeItems = ({ sap }: Customer) =>
  sap
    .rows('Items')
    .filter(
      (row) =>
        textOf(row, 'SalesItem') === 'tYES' && textOf(row, 'Frozen') !== 'tYES' && textOf(row, 'Valid') !== 'tNO',
    )
    .map((row) => textOf(row, 'ItemCode'))
    .sort();
const codesIn = ({ pipedrive }: Customer) =>
  pipedrive
    .organizations()
    .map((organization) => pipedrive.fieldValue('organization', organization, 'SAP code'))
    .filter((code) => typeof code === 'string')
    .sort();
const productCodes = ({ pipedrive }: Customer) =>
  pipedrive
    .products()
    .map(({ code }) => code)
    .sort();
const personsTwice = ({ pipedrive }: Customer) => {
  const names = pipedrive.persons().map(({ org_id, name }) => `${org_id}/${name}`);
  return names.filter((name, index) => names.indexOf(name) !== index);
};

/** Everything is there, once. */
async function expectComplete(customer: Customer): Promise<void> {
  const asked = new Set((await customer.findings()).map(({ subject }) => subject));
  expect(codesIn(customer)).toEqual(activePartners(customer).filter((code) => !asked.has(`partner:${code}`)));
  expect(productCodes(customer)).toEqual(activeItems(customer));
  expect(personsTwice(customer)).toEqual([]);
  const settings = await companies.app.api(customer.id, ADMIN).get('/api/settings');
  for (const { state } of settings.body.firstLoad.streams) expect(state).toBe('done');
}

function strike(
  customer: Customer,
  method: string,
  path: RegExp,
  fault: FaultKind,
  more: { times?: number; after?: number } = {},
) {
  return companies.world.pipedrive.faults.add({ match: { method, path, company: customer.id }, fault, ...more });
}

describe('a load in which something goes wrong', () => {
  it('a record that Pipedrive refuses becomes a finding, and the others go on', async () => {
    const customer = await companies.add({ id: 2101 });
    await customer.setUp();
    const refusal = { success: false, error: 'Name is too long', code: 'ERR_SCHEMA_VALIDATION_FAILED' };
    strike(customer, 'POST', /\/organizations$/, { kind: 'status', status: 400, body: refusal });
    strike(customer, 'POST', /\/products$/, { kind: 'status', status: 400, body: refusal });
    await companies.app.runJobs();
    const refused = (await customer.findings()).filter(({ kind }) => kind === 'record_refused');
    expect(refused.map(({ subject }) => subject.split(':')[0]).sort()).toEqual(['item', 'partner']);
    for (const { message } of refused) expect(message).toContain('Name is too long');
    expect(codesIn(customer)).toHaveLength(
      activePartners(customer).length -
        (await customer.findings()).filter(({ subject }) => subject.startsWith('partner:')).length,
    );
    const partner =
      refused.find(({ subject }) => subject.startsWith('partner:'))?.subject.slice('partner:'.length) ?? '';
    customer.sap.changePartner(partner, { CardName: 'Kurz GmbH' });
    await companies.syncAgain();
    expect(codesIn(customer).filter((code) => code === partner)).toHaveLength(1);
    expect((await customer.findings()).map(({ subject }) => subject)).not.toContain(`partner:${partner}`);
  });

  it('SY-16 a record that SAP sends in a form that cannot be read becomes a finding, until it can', async () => {
    const customer = await companies.add({ id: 2107 });
    await customer.setUp();
    const [code = ''] = activePartners(customer);
    customer.sap.overwrite('BusinessPartners', code, { CreditLimit: 2 ** 60 });
    await companies.app.runJobs();
    const unread = (await customer.findings()).filter(({ kind }) => kind === 'record_refused');
    expect(unread.map(({ subject }) => subject)).toEqual([`partner:${code}`]);
    expect(unread[0]?.message).toBe(
      `SAP customer ${code} could not be read. SAP sends CreditLimit with more digits than can be carried exactly.`,
    );
    expect(codesIn(customer)).not.toContain(code);
    expect(codesIn(customer).length).toBeGreaterThan(5);

    customer.sap.overwrite('BusinessPartners', code, { CreditLimit: 50_000 });
    customer.sap.changePartner(code, { CardName: 'Wieder lesbar GmbH' });
    await companies.syncAgain();
    expect(codesIn(customer)).toContain(code);
    expect((await customer.findings()).map(({ subject }) => subject)).not.toContain(`partner:${code}`);
  });

  it('one organization that the app may not change keeps no other from being written', async () => {
    const customer = await companies.add({ id: 2102 });
    await customer.setUp();
    const refusal = { success: false, error: 'Not allowed', code: 'ERR_FORBIDDEN' };
    const known = customer.data.truth.find((truth) => truth.kind === 'same' && truth.by !== 'nothing_certain');
    if (known?.kind !== 'same') throw new Error('No organization is a customer’s.');
    const path = new RegExp(`/organizations/${known.orgId}$`);
    strike(customer, 'PATCH', path, { kind: 'status', status: 403, body: refusal }, { times: 1e6 });
    await companies.app.runJobsFor(HOUR);
    const refused = (await customer.findings()).filter(({ kind }) => kind === 'record_refused');
    expect(refused.map(({ subject }) => subject)).toEqual([`partner:${known.cardCode}`]);
    await expectComplete(customer);

    companies.world.pipedrive.faults.clear();
    customer.sap.changePartner(known.cardCode, { CardName: 'Nun erlaubt GmbH' });
    await companies.syncAgain();
    expect(await customer.linkOf('partner', known.cardCode)).toMatchObject({
      state: 'linked',
      pipedriveId: known.orgId,
    });
    await expectComplete(customer);
  });

  it.each([
    ['the answer is lost after the record was made', { kind: 'drop_after_commit' }],
    ['an error is answered although the record was made', { kind: 'status_after_commit', status: 502 }],
    ['the connection is cut before anything was done', { kind: 'drop_before' }],
  ] as const)('SY-05 doubles nothing when %s', async (what, fault) => {
    const customer = await companies.add({ id: 2110 + what.length, partners: 12, organizations: 6 });
    await customer.setUp();
    for (const path of [/\/organizations$/, /\/persons$/, /\/products$/]) {
      strike(customer, 'POST', path, fault, { times: 2, after: 1 });
    }
    await companies.app.runJobsFor(2 * HOUR);
    await expectComplete(customer);
  });

  it('waits when the day’s tokens are spent, and goes on the next day without loss or double', async () => {
    const customer = await companies.add({ id: 2130, plan: 'lite', seats: 1 });
    await customer.setUp();
    strike(customer, 'POST', /./, { kind: 'rate_limit_daily' }, { times: 1, after: 26 });
    await companies.app.runJobs();
    expect(codesIn(customer).length).toBeLessThan(activePartners(customer).length);
    customer.pipedrive.state.budget.chargeOtherApp(29_900);
    const calls = await customer.callsDuring(() => companies.app.runJobsFor(HOUR));
    expect(calls.length).toBeLessThanOrEqual(20);
    companies.world.clock.advance(24 * HOUR);
    await companies.app.runJobsFor(HOUR);
    await expectComplete(customer);
  });

  it('goes on after SAP was out of reach in the middle', async () => {
    const customer = await companies.add({ id: 2140, partners: 24, organizations: 4, items: 10 });
    await customer.setUp();
    const away = companies.world.sap.faults.add({
      kind: 'drop_before',
      company: customer.companyDb,
      times: 1e6,
      skip: 14,
    });
    await companies.app.runJobsFor(HOUR);
    expect(away.hits()).toBeGreaterThan(0);
    away.remove();
    await companies.app.runJobsFor(HOUR);
    await companies.syncAgain();
    await expectComplete(customer);
  });

  it('goes on after Pipedrive was out of reach for longer than a job is tried', async () => {
    const customer = await companies.add({ id: 2145, partners: 12, organizations: 4, items: 6 });
    await customer.setUp();
    const away = strike(customer, 'POST', /./, { kind: 'drop_before' }, { times: 1e6, after: 20 });
    await companies.app.runJobsFor(40 * MINUTE);
    expect(away.struck()).toBeGreaterThan(0);
    away.remove();
    await companies.app.runJobsFor(HOUR);
    await companies.syncAgain();
    await expectComplete(customer);
  });

  it('F26 parks when Pipedrive refuses every grant, and goes on after a new install', async () => {
    const customer = await companies.add({ id: 2150, partners: 45, organizations: 4 });
    await customer.setUp();
    const held = strike(customer, 'POST', /\/organizations$/, { kind: 'token_revoked' }, { times: 1e6, after: 3 });
    // Both users' tokens die in the middle of the load, and cannot be renewed.
    companies.world.pipedrive.faults.add({
      match: { path: /\/oauth\/token/ },
      times: 1e6,
      fault: { kind: 'status', status: 400, body: { success: false, error: 'invalid_grant' } },
    });
    await companies.app.runJobsFor(HOUR);
    expect(held.struck()).toBeGreaterThan(1);
    const findings = await customer.findings();
    expect(findings.filter(({ kind }) => kind === 'reconnect_pipedrive')).toHaveLength(1);
    expect(codesIn(customer).length).toBeLessThan(30);
    const calls = await customer.callsDuring(() => companies.app.runJobsFor(2 * HOUR));
    expect(calls).toEqual([]);
    companies.world.pipedrive.faults.clear();
    await companies.app.install(customer.id, ADMIN);
    await companies.app.install(customer.id, REP);
    await companies.app.runJobsFor(HOUR);
    expect((await customer.findings()).filter(({ kind }) => kind === 'reconnect_pipedrive')).toEqual([]);
    await expectComplete(customer);
  });
});

describe('the agreed fields', () => {
  it('uses the field that people made for the same thing, and makes the others once', async () => {
    const customer = await companies.add({ id: 2160 });
    const before = customer.pipedrive.fields('organization').map(({ field_name }) => field_name);
    expect(before).toContain('VAT number');
    await customer.setUp();
    await companies.app.runJobs();
    await companies.app.api(customer.id, ADMIN).post('/api/settings/consent', { crmFields: true, erpField: true });
    await companies.app.runJobs();
    const names = customer.pipedrive.fields('organization').map(({ field_name }) => field_name);
    expect(names.filter((name) => name === 'VAT number')).toHaveLength(1);
    expect(names.length).toBe(before.length + 5);
    expect(new Set(names).size).toBe(names.length);
    expect(customer.sap.hasUserField('ORDR', 'PD_Key')).toBe(true);
  });

  it('lists what the plan does not allow, once each, and makes it after the admin freed a field', async () => {
    const customer = await companies.add({ id: 2161, plan: 'lite' });
    for (let count = customer.pipedrive.fields('organization').length; count < 28; count += 1) {
      customer.pipedrive.createField('organization', { field_name: `Own ${count}`, field_type: 'varchar' });
    }
    await customer.setUp();
    await companies.app.runJobs();
    const missing = async () => (await customer.findings()).filter(({ kind }) => kind === 'field_missing');
    expect((await missing()).length).toBeGreaterThan(0);
    for (const { message, action } of await missing()) {
      expect(message).toContain('limit of custom fields');
      expect(action).not.toBe('');
    }
    customer.pipedrive.state.plan = 'premium';
    await companies.app.api(customer.id, ADMIN).post('/api/settings/consent', { crmFields: true, erpField: true });
    await companies.app.runJobs();
    expect(await missing()).toEqual([]);
  });
});

describe('what SAP stamps badly', () => {
  it('finds an item that SAP did not stamp when it was made', async () => {
    const customer = await companies.add({ id: 2170, sapSettings: { stampsNewItems: false } });
    await customer.setUp();
    await companies.app.runJobs();
    await customer.callSap('POST', 'Items', { ItemCode: 'NEU-1', ItemName: 'Neuer Hocker', ItemsGroupCode: 100 });
    const calls = await customer.callsDuring(() => companies.syncAgain());
    expect(customer.pipedrive.products().filter(({ code }) => code === 'NEU-1')).toHaveLength(1);
    expect(writesIn(calls)).toHaveLength(1);
    expect(writesIn(await customer.callsDuring(() => companies.syncAgain()))).toEqual([]);
  });
});
