import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { cursorStore } from '../../server/db/sync-store.ts';
import { recordsOf, textOf } from '../practice/kernel/json.ts';
import { ADMIN, type Companies, type Customer, startCompanies } from '../support/companies.ts';

// Hours go by in these tests, with every job that falls due in them.
vi.setConfig({ testTimeout: 120_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const forbidden = { success: false, error: 'Not allowed', code: 'ERR_FORBIDDEN' };

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

async function aLoaded(id: number): Promise<Customer> {
  const customer = await companies.add({ id });
  await customer.setUp();
  await companies.app.runJobs();
  return customer;
}

/** A customer whose organization is linked. */
async function aLinked(customer: Customer): Promise<{ code: string; id: number }> {
  const links = await customer.rows('entity_links');
  const link = links.find(({ kind, state }) => kind === 'partner' && state === 'linked');
  return { code: String(link?.['sap_key']), id: Number(link?.['pipedrive_id']) };
}

function fieldOf({ pipedrive }: Customer, id: number, field: string): unknown {
  const found = pipedrive.organizations().find((organization) => organization.id === id);
  return found && pipedrive.fieldValue('organization', found, field);
}

/** Runs until just behind the next full hour. */
async function runPastHour(): Promise<void> {
  await companies.app.runJobsFor(HOUR - (companies.world.clock.now() % HOUR) + MINUTE);
}

const refusedIn = async (customer: Customer) =>
  (await customer.findings()).filter(({ kind }) => kind === 'record_refused').map(({ subject }) => subject);

describe('what a person broke, or allows later, in Pipedrive', () => {
  it('what was left to a person is looked at with the first run of a day, whenever that is', async () => {
    const customer = await companies.add({ id: 2305 });
    await customer.callSap('POST', 'Items', { ItemCode: 'A-TWO', ItemName: 'Doppelt', ItemsGroupCode: 100 });
    for (const name of ['Doppelt', 'Doppelt alt']) customer.pipedrive.createProduct({ name, code: 'A-TWO' });
    await customer.setUp();
    await companies.app.runJobs();
    // Long enough for the products not to count as touched.
    await companies.app.runJobsFor(4 * HOUR);
    const [kept, other] = customer.pipedrive.products().filter(({ code }) => code === 'A-TWO');
    customer.pipedrive.deleteProduct(other?.id ?? 0);
    await runPastHour();
    await companies.app.runJobsFor(20 * MINUTE);
    expect(await customer.linkOf('item', 'A-TWO')).toMatchObject({ state: 'ambiguous' });
    // As on the morning after a night in which nothing ran.
    await customer.within(async (tx, connection) => {
      const cursor = await cursorStore.find(tx, connection, 'items');
      if (!cursor) throw new Error('The items were not read.');
      await cursorStore.save(tx, connection, 'items', { ...cursor, dueDatesCheckedOn: '2026-01-01' });
    });
    await companies.syncAgain();
    expect(await customer.linkOf('item', 'A-TWO')).toMatchObject({ state: 'linked', pipedriveId: kept?.id });
  });

  it('a field that was deleted is made anew and filled', async () => {
    const customer = await aLoaded(2301);
    const { code, id } = await aLinked(customer);
    const fields = customer.pipedrive.state.fields.organization;
    fields.splice(
      fields.findIndex(({ field_name }) => field_name === 'SAP credit status'),
      1,
    );
    customer.sap.changePartner(code, { CardName: 'Ohne Feld GmbH' });
    await companies.syncAgain();
    await companies.app.runJobsFor(30 * MINUTE);
    expect(fieldOf(customer, id, 'SAP credit status')).toBeTypeOf('string');
    expect(customer.pipedrive.organizations().find((one) => one.id === id)?.name).toBe('Ohne Feld GmbH');
    expect(await refusedIn(customer)).toEqual([]);
  });

  it('what no right allowed is written within the hour once there is one, with no change in SAP', async () => {
    const customer = await companies.add({ id: 2302 });
    await customer.setUp();
    for (const path of [/\/products$/, /\/persons$/]) {
      companies.world.pipedrive.faults.add({
        match: { method: 'POST', path, company: customer.id },
        fault: { kind: 'status', status: 403, body: forbidden },
        times: 1e6,
      });
    }
    await companies.app.runJobs();
    expect(customer.pipedrive.products()).toEqual([]);
    const persons = customer.pipedrive.persons().length;
    expect((await refusedIn(customer)).length).toBeGreaterThan(1);
    companies.world.pipedrive.faults.clear();
    await runPastHour();
    expect(customer.pipedrive.products().length).toBeGreaterThan(3);
    expect(customer.pipedrive.persons().length).toBeGreaterThan(persons);
    await runPastHour();
    expect(await refusedIn(customer)).toEqual([]);
  });

  it('what was refused is tried again when SAP is connected anew', async () => {
    const customer = await companies.add({ id: 2303 });
    await customer.setUp();
    companies.world.pipedrive.faults.add({
      match: { method: 'POST', path: /\/products$/, company: customer.id },
      fault: { kind: 'status', status: 400, body: { ...forbidden, code: 'ERR_SCHEMA_VALIDATION_FAILED' } },
      times: 1e6,
    });
    await companies.app.runJobs();
    companies.world.pipedrive.faults.clear();
    await runPastHour();
    expect(customer.pipedrive.products()).toEqual([]);
    await companies.app.connect(customer.id, ADMIN, customer.companyDb);
    await companies.app.runJobs();
    expect(customer.pipedrive.products().length).toBeGreaterThan(3);
    expect(await refusedIn(customer)).toEqual([]);
  });

  it('while SAP’s field cannot be made, Pipedrive’s lists of fields are asked for once', async () => {
    const customer = await companies.add({ id: 2304 });
    await customer.setUp();
    companies.world.sap.faults.add({
      kind: 'drop_before',
      method: 'POST',
      path: /UserFieldsMD/,
      company: customer.companyDb,
      times: 1e6,
    });
    const calls = await customer.callsDuring(() => companies.app.runJobsFor(2 * HOUR));
    const lists = calls.filter(({ method, path }) => method === 'GET' && path.includes('Fields'));
    expect(lists.map(({ path }) => path).length).toBeLessThanOrEqual(4);
  });
});

describe('what people keep in Pipedrive', () => {
  it('a VAT number that a rep typed into the customer’s own field stays', async () => {
    const customer = await aLoaded(2310);
    const { code, id } = await aLinked(customer);
    const field = customer.pipedrive.fields('organization').find(({ field_name }) => field_name === 'VAT number');
    customer.sap.changePartner(code, { FederalTaxID: 'DE111111111' });
    await companies.syncAgain();
    expect(fieldOf(customer, id, 'VAT number')).toBe('DE111111111');
    customer.pipedrive.updateOrganization(id, { custom_fields: { [field?.field_code ?? '']: 'DE999999999' } });
    customer.sap.changePartner(code, { CardName: 'Umbenannt GmbH' });
    await companies.syncAgain();
    expect(customer.pipedrive.organizations().find((one) => one.id === id)?.name).toBe('Umbenannt GmbH');
    expect(fieldOf(customer, id, 'VAT number')).toBe('DE999999999');
    customer.sap.changePartner(code, { FederalTaxID: 'DE222222222' });
    await companies.syncAgain();
    expect(fieldOf(customer, id, 'VAT number')).toBe('DE999999999');
  });

  it('a person whom a rep renamed and moved stays so when only the number changes in SAP', async () => {
    const customer = await aLoaded(2313);
    const link = (await customer.rows('entity_links')).find(
      ({ kind, state }) => kind === 'contact' && state === 'linked',
    );
    const key = String(link?.['sap_key']);
    const code = key.slice(0, key.lastIndexOf('/'));
    const id = Number(link?.['pipedrive_id']);
    const elsewhere = customer.pipedrive.createOrganization({ name: 'Anderswo' }).id;
    customer.pipedrive.updatePerson(id, { name: 'Petra Neu', org_id: elsewhere });
    const contacts = recordsOf(customer.sap.partner(code), 'ContactEmployees').map((contact) => ({
      ...contact,
      Phone1: '+49 30 4711',
    }));
    customer.sap.changePartner(code, { ContactEmployees: contacts });
    await companies.syncAgain();
    const person = customer.pipedrive.persons().find((one) => one.id === id);
    expect(person).toMatchObject({ name: 'Petra Neu', org_id: elsewhere });
    expect(JSON.stringify(person?.phones)).toContain('4711');
  });

  it('prices in other currencies, and costs, stay when SAP’s price changes', async () => {
    const customer = await aLoaded(2311);
    const [product] = customer.pipedrive.products();
    const currency = product?.prices[0]?.currency ?? '';
    const other = currency === 'USD' ? 'GBP' : 'USD';
    customer.pipedrive.updateProduct(product?.id ?? 0, {
      prices: [
        { currency, price: 1, cost: 7 },
        { currency: other, price: 55 },
      ],
    });
    customer.sap.setPrice(product?.code ?? '', 1, 4242);
    customer.sap.changeItem(product?.code ?? '', { ItemName: 'Neuer Name' });
    await companies.syncAgain();
    const now = customer.pipedrive.products().find(({ id }) => id === product?.id);
    expect(now?.name).toBe('Neuer Name');
    expect(now?.prices).toEqual([
      expect.objectContaining({ currency, price: 4242, cost: 7 }),
      expect.objectContaining({ currency: other, price: 55 }),
    ]);
  });

  it('an organization and a product whose making was never answered get what SAP says by then', async () => {
    const customer = await companies.add({ id: 2312, partners: 12, organizations: 2 });
    await customer.setUp();
    for (const path of [/\/organizations$/, /\/products$/]) {
      companies.world.pipedrive.faults.add({
        match: { method: 'POST', path, company: customer.id },
        fault: { kind: 'drop_after_commit' },
        times: 1e6,
      });
    }
    await companies.app.runJobs();
    const creating = (await customer.rows('entity_links')).filter(({ state }) => state === 'creating');
    const keyOf = (kind: string) => String(creating.find((link) => link['kind'] === kind)?.['sap_key']);
    companies.world.pipedrive.faults.clear();
    customer.sap.changePartner(keyOf('partner'), { CardName: 'Inzwischen GmbH' });
    customer.sap.changeItem(keyOf('item'), { ItemName: 'Inzwischen' });
    await companies.app.runJobsFor(HOUR);
    const named = customer.pipedrive.organizations().filter(({ name }) => name === 'Inzwischen GmbH');
    expect(named).toHaveLength(1);
    expect(textOf(customer.sap.partner(keyOf('partner')), 'CardName')).toBe('Inzwischen GmbH');
    expect(customer.pipedrive.products().filter(({ name }) => name === 'Inzwischen')).toHaveLength(1);
  });
});
