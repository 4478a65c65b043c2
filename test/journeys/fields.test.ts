import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ADMIN, type Companies, type Customer, startCompanies } from '../support/companies.ts';

// Days go by in these tests, with every job that falls due in them.
vi.setConfig({ testTimeout: 120_000 });

const HOUR = 3_600_000;

let companies: Companies;
let customer: Customer;
beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: 2401 });
  await customer.setUp();
  await companies.app.runJobs();
}, 120_000);
afterAll(() => companies?.close(), 60_000);

const fieldNamed = (name: string) => {
  const found = customer.pipedrive.fields('organization').find(({ field_name }) => field_name === name);
  if (!found) throw new Error(`There is no field ${name}.`);
  return found;
};
const labels = (name: string) => fieldNamed(name).options?.map(({ label }) => label);

async function aLinked(): Promise<{ code: string; organization: () => ReturnType<typeof organizationOf> }> {
  const links = await customer.rows('entity_links');
  const link = links.find(
    ({ kind, state, sap_key }) => kind === 'partner' && state === 'linked' && String(sap_key).startsWith('C'),
  );
  return { code: String(link?.['sap_key']), organization: () => organizationOf(Number(link?.['pipedrive_id'])) };
}

function organizationOf(id: number) {
  const found = customer.pipedrive.organizations().find((one) => one.id === id);
  if (!found) throw new Error(`There is no organization ${id}.`);
  return found;
}

const shownIn = (organization: ReturnType<typeof organizationOf>, field: string) =>
  customer.pipedrive.fieldValue('organization', organization, field);

describe('the app’s fields in Pipedrive', () => {
  it('are lists where people filter, with SAP’s own words as options', async () => {
    expect(fieldNamed('SAP credit status')).toMatchObject({ field_type: 'enum' });
    expect(labels('SAP credit status')).toEqual(['Within limit', 'Over limit', 'On hold', 'No limit set']);
    const groups = customer.sap.rows('BusinessPartnerGroups').map(({ Name }) => Name);
    expect(groups.length).toBeGreaterThan(2);
    expect(labels('SAP segment')).toEqual(groups);
    const { organization } = await aLinked();
    expect(labels('SAP segment')).toContain(shownIn(organization(), 'SAP segment'));
  });

  it('stay in use when somebody renames one', async () => {
    const field = fieldNamed('SAP credit status');
    field.field_name = 'Bonität';
    await companies.app.runJobsFor(25 * HOUR);
    const names = customer.pipedrive.fields('organization').map(({ field_name }) => field_name);
    expect(names.filter((name) => name === 'Bonität' || name === 'SAP credit status')).toEqual(['Bonität']);
    const { organization } = await aLinked();
    expect(shownIn(organization(), 'Bonität')).toBeTypeOf('string');
    field.field_name = 'SAP credit status';
  });

  it('follow a customer group that SAP names anew, and every customer in it', async () => {
    const { organization } = await aLinked();
    const before = shownIn(organization(), 'SAP segment');
    const group = customer.sap.rows('BusinessPartnerGroups').find(({ Name }) => Name === before);
    customer.sap.overwrite('BusinessPartnerGroups', String(group?.['Code']), { Name: 'Specialist dealers' });
    const calls = await customer.callsDuring(() => companies.app.runJobsFor(25 * HOUR));
    expect(shownIn(organization(), 'SAP segment')).toBe('Specialist dealers');
    expect(labels('SAP segment')).not.toContain(before);
    // The option was reworded; no organization was written for it.
    expect(calls.filter(({ method, path }) => method === 'PATCH' && path.includes('/organizations/'))).toEqual([]);
  });

  it('get an option for a new customer group before a customer needs it', async () => {
    const { code, organization } = await aLinked();
    await companies.app.runJobsFor(HOUR);
    customer.sap.enter('BusinessPartnerGroups', { Code: 177, Name: 'Public sector', Type: 'bbpgt_CustomerGroup' });
    customer.sap.changePartner(code, { GroupCode: 177 });
    await companies.syncAgain();
    expect(shownIn(organization(), 'SAP segment')).toBe('Public sector');
  });

  it('are looked at before they are written into: one that was deleted is made anew, and nothing is refused', async () => {
    const { code, organization } = await aLinked();
    await companies.app.runJobsFor(5 * HOUR);
    const fields = customer.pipedrive.state.fields.organization;
    fields.splice(fields.indexOf(fieldNamed('SAP credit status')), 1);
    customer.sap.changePartner(code, { CardName: 'Ohne Feld GmbH' });
    const calls = await customer.callsDuring(async () => {
      await companies.syncAgain();
      await companies.app.runJobsFor(HOUR);
    });
    expect(organization().name).toBe('Ohne Feld GmbH');
    expect(shownIn(organization(), 'SAP credit status')).toBeTypeOf('string');
    expect(calls.filter(({ status }) => status >= 400)).toEqual([]);
    expect((await customer.findings()).filter(({ kind }) => kind === 'record_refused')).toEqual([]);
  });

  it('are told with what waits for them where the plan has no room, and each once', async () => {
    const small = await companies.add({ id: 2402, plan: 'lite' });
    // Room for one of the two that matching rests on; the other one people have made themselves.
    for (let count = ownFields(small); count < 29; count += 1) {
      small.pipedrive.createField('organization', { field_name: `Own ${count}`, field_type: 'varchar' });
    }
    await small.setUp({ agree: false });
    const before = await companies.app.api(small.id, ADMIN).get('/api/settings');
    expect(before.body.consent.crmFieldPlan.room).toMatchObject({ present: 29, toMake: 8 });
    await agree(small);
    const calls = await small.callsDuring(() => companies.app.runJobsFor(3 * HOUR));
    const missing = (await small.findings()).filter(({ kind }) => kind === 'field_missing');
    expect(missing.map(({ subject }) => subject)).toEqual(['custom-fields']);
    const told = missing[0]?.message ?? '';
    expect(told).toMatch(/^7 fields \(“SAP credit limit”, .*“SAP segment”\) could not be made in Pipedrive: /);
    expect(told).toMatch(/ \d+ records wait for them\.$/);
    // One refusal in each run is enough to know that there is no room.
    const refused = calls.filter(
      ({ method, path, status }) => method === 'POST' && /Fields/.test(path) && status === 403,
    );
    expect(refused.length).toBeLessThanOrEqual(4);
  });

  it('are waited for where matching rests on one: nobody is brought without it', async () => {
    const small = await companies.add({ id: 2403, plan: 'lite', partners: 6, items: 3, invoices: 3, organizations: 4 });
    await small.setUp();
    await companies.app.runJobs();
    const fields = small.pipedrive.state.fields.organization;
    const remove = (name: RegExp) =>
      fields.splice(
        fields.findIndex(({ field_name }) => name.test(field_name)),
        1,
      );
    const enter = (code: string) =>
      small.sap.createPartner({ CardCode: code, CardName: `Neu ${code} GmbH`, CardType: 'cCustomer' });
    const codesOf = (code: string) =>
      small.pipedrive
        .organizations()
        .filter(({ name }) => name === `Neu ${code} GmbH`)
        .map((one) => small.pipedrive.fieldValue('organization', one, 'SAP code'));
    const madeDuring = async (work: () => Promise<void>) =>
      (await small.callsDuring(work)).filter(
        ({ method, path, status }) => method === 'POST' && path.endsWith('/organizations') && status < 300,
      );

    // Deleted a moment after it was looked at: Pipedrive's refusal is the first to tell.
    remove(/^SAP code$/);
    enter('C99001');
    const made = await madeDuring(async () => {
      await companies.syncAgain();
      await companies.app.runJobsFor(HOUR);
    });
    expect(made.map(({ body }) => body?.includes('C99001'))).toEqual([true]);
    expect(codesOf('C99001')).toEqual(['C99001']);

    await companies.app.runJobsFor(5 * HOUR);
    remove(/^SAP code$/);
    for (let count = ownFields(small); count < 30; count += 1) {
      small.pipedrive.createField('organization', { field_name: `Own ${count}`, field_type: 'varchar' });
    }
    enter('C99002');
    expect(
      await madeDuring(async () => {
        await companies.syncAgain();
        await companies.app.runJobsFor(HOUR);
      }),
    ).toEqual([]);
    const missing = (await small.findings()).filter(({ kind }) => kind === 'field_missing');
    expect(missing.map(({ message }) => message.slice(0, 20))).toEqual(['The field “SAP code”']);

    remove(/^Own /);
    await companies.app.runJobsFor(2 * HOUR);
    expect(codesOf('C99002')).toEqual(['C99002']);
    const open = (await small.findings()).map(({ kind }) => kind);
    expect(open.filter((kind) => kind === 'field_missing' || kind === 'record_refused')).toEqual([]);
  });
});

describe('fields that the company made itself, by the names that the app gives', () => {
  it('are named before anybody agrees, then filled from SAP and never emptied; the others are made', async () => {
    const own = await companies.add({ id: 2404, partners: 6, items: 3, invoices: 3, organizations: 4 });
    own.pipedrive.createField('deal', { field_name: 'SAP status', field_type: 'varchar' });
    own.pipedrive.createField('organization', { field_name: 'SAP credit limit', field_type: 'monetary' });
    await own.setUp({ agree: false });
    const { body } = await companies.app.api(own.id, ADMIN).get('/api/settings');
    const { fields, room } = body.consent.crmFieldPlan;
    const used = fields.filter(({ uses }: { uses: string | null }) => uses !== null);
    expect(used).toEqual([
      { name: 'VAT number (organization)', uses: 'VAT number', ours: false },
      { name: 'SAP credit limit (organization)', uses: 'SAP credit limit', ours: false },
      { name: 'SAP status (deal)', uses: 'SAP status', ours: false },
    ]);
    expect(room.toMake).toBe(fields.length - used.length);
    await agree(own);
    await companies.app.runJobs();
    expect(own.pipedrive.fields('deal').map(({ field_name }) => field_name)).toEqual([
      'SAP status',
      'SAP document',
      'SAP link',
    ]);
    expect(await own.rows('crm_fields')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ purpose: 'deal.sap_status', made_by_us: false }),
        expect.objectContaining({ purpose: 'organization.credit_limit', made_by_us: false }),
        expect.objectContaining({ purpose: 'organization.sap_code', made_by_us: true }),
      ]),
    );

    const [link] = (await own.rows('entity_links')).filter(
      ({ kind, state, sap_key }) => kind === 'partner' && state === 'linked' && String(sap_key).startsWith('C'),
    );
    const limit = () => {
      const found = own.pipedrive.organizations().find(({ id }) => id === Number(link?.['pipedrive_id']));
      return found && own.pipedrive.fieldValue('organization', found, 'SAP credit limit');
    };
    own.sap.changePartner(String(link?.['sap_key']), { CreditLimit: 4321 });
    await companies.syncAgain();
    const filled = limit();
    expect(JSON.stringify(filled)).toContain('4321');
    own.sap.changePartner(String(link?.['sap_key']), { CreditLimit: 0 });
    await companies.syncAgain();
    expect(limit()).toEqual(filled);
  });
});

describe('another SAP company whose customer groups have the same numbers', () => {
  it('gets choices of its own, and those of the first company stay as they were', async () => {
    const request = { partners: 6, items: 3, invoices: 3, organizations: 4 };
    const group = await companies.add({ id: 2405, ...request });
    await group.setUp();
    await companies.app.runJobs();
    const labelsNow = () =>
      group.pipedrive
        .fields('organization')
        .find(({ field_name }) => field_name === 'SAP segment')
        ?.options?.map(({ label }) => label) ?? [];
    const before = labelsNow();
    const second = await companies.add({ id: 2406, ...request, seed: 2405 });
    for (const { Code } of second.sap.rows('BusinessPartnerGroups'))
      second.sap.overwrite('BusinessPartnerGroups', String(Code), { Name: `Handel ${String(Code)}` });
    await companies.app.connect(group.id, ADMIN, second.companyDb);
    await companies.app.runJobsFor(HOUR);
    expect(labelsNow()).toEqual(expect.arrayContaining(before));
    expect(labelsNow().length).toBeGreaterThan(before.length);
    const [connection] = await group.within(async (_tx, id) => [id]);
    const linked = (await group.rows('entity_links')).filter(
      ({ kind, state, connection_id }) => kind === 'partner' && state === 'linked' && connection_id === connection,
    );
    expect(linked.length).toBeGreaterThan(0);
    for (const link of linked) {
      const found = group.pipedrive.organizations().find(({ id }) => id === Number(link['pipedrive_id']));
      const code = String(second.sap.partner(String(link['sap_key']))['GroupCode']);
      expect(found && group.pipedrive.fieldValue('organization', found, 'SAP segment')).toBe(`Handel ${code}`);
    }
  });
});

async function agree({ id }: Customer): Promise<void> {
  const { status } = await companies.app
    .api(id, ADMIN)
    .post('/api/settings/consent', { crmFields: true, erpField: true });
  expect(status).toBe(200);
}

function ownFields({ pipedrive }: Customer): number {
  return (['organization', 'deal', 'person', 'product'] as const)
    .flatMap((entity) => pipedrive.fields(entity))
    .filter(({ is_custom_field }) => is_custom_field).length;
}
