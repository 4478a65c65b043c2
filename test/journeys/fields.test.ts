import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Companies, type Customer, startCompanies } from '../support/companies.ts';

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
    await small.setUp();
    const calls = await small.callsDuring(() => companies.app.runJobsFor(3 * HOUR));
    const missing = (await small.findings()).filter(({ kind }) => kind === 'field_missing');
    expect(missing.map(({ subject }) => subject).sort()).toEqual([
      'deal.sap_document',
      'deal.sap_link',
      'deal.sap_status',
      'organization.credit_limit',
      'organization.credit_status',
      'organization.credit_status_date',
      'organization.segment',
    ]);
    const told = missing.find(({ subject }) => subject === 'organization.segment')?.message ?? '';
    expect(told).toMatch(/“SAP segment” could not be made in Pipedrive: .* \d+ records wait for it\./);
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
    expect(missing.map(({ subject }) => subject)).toEqual(['organization.sap_code']);

    remove(/^Own /);
    await companies.app.runJobsFor(2 * HOUR);
    expect(codesOf('C99002')).toEqual(['C99002']);
    const open = (await small.findings()).map(({ kind }) => kind);
    expect(open.filter((kind) => kind === 'field_missing' || kind === 'record_refused')).toEqual([]);
  });
});

function ownFields({ pipedrive }: Customer): number {
  return (['organization', 'deal', 'person', 'product'] as const)
    .flatMap((entity) => pipedrive.fields(entity))
    .filter(({ is_custom_field }) => is_custom_field).length;
}
