import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cursorStore } from '../../server/db/sync-store.ts';
import { numberOf, textOf } from '../practice/kernel/json.ts';
import { ADMIN, type Companies, type Customer, startCompanies, writesIn } from '../support/companies.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let companies: Companies;
beforeAll(async () => {
  companies = await startCompanies();
}, 120_000);
afterEach(() => {
  companies.world.sap.faults.clear();
  companies.world.pipedrive.faults.clear();
});
afterAll(() => companies?.close(), 60_000);

function byCode({ pipedrive }: Customer): Map<string, number[]> {
  const codes = new Map<string, number[]>();
  for (const organization of pipedrive.organizations()) {
    const code = pipedrive.fieldValue('organization', organization, 'SAP code');
    if (typeof code === 'string') codes.set(code, [...(codes.get(code) ?? []), organization.id]);
  }
  return codes;
}

function fieldOf({ pipedrive }: Customer, id: number, field: string): unknown {
  const found = pipedrive.organizations().find((organization) => organization.id === id);
  return found && pipedrive.fieldValue('organization', found, field);
}

/** Every organization that can be recognised is linked, and none was made beside it. */
async function expectMatched(customer: Customer): Promise<void> {
  const codes = byCode(customer);
  const asked = new Set((await customer.findings()).map(({ subject }) => subject));
  const known = customer.data.truth.flatMap((truth) =>
    truth.kind === 'same' &&
    truth.by !== 'nothing_certain' &&
    textOf(customer.sap.partner(truth.cardCode), 'Frozen') !== 'tYES' &&
    !asked.has(`partner:${truth.cardCode}`)
      ? [truth]
      : [],
  );
  expect(known.length).toBeGreaterThan(5);
  for (const { cardCode, orgId } of known) expect([cardCode, codes.get(cardCode)]).toEqual([cardCode, [orgId]]);
}

async function findingsOf(customer: Customer, subject: string) {
  return (await customer.findings()).filter((finding) => finding.subject === subject);
}

/** Moves the clock just past the next full hour, and the next full day if that is asked for, in regular runs. */
async function runPast(period: number): Promise<void> {
  const { clock } = companies.world;
  await companies.app.runJobsFor(period - (clock.now() % period) + MINUTE);
}

describe('fields before records', () => {
  afterEach(() => companies.dismiss());

  it('SY-02 SAP failing at its field, and a regular run, double no organization', async () => {
    const customer = await companies.add({ id: 2201, partners: 30, organizations: 25 });
    await customer.setUp();
    companies.world.sap.faults.add({
      kind: 'drop_before',
      method: 'POST',
      path: /UserFieldsMD/,
      company: customer.companyDb,
      times: 3,
    });
    await companies.app.runJobs();
    await companies.syncAgain();
    await companies.app.runJobsFor(HOUR);
    await expectMatched(customer);
    expect(customer.sap.hasUserField('ORDR', 'PD_Key')).toBe(true);
  });

  it('SY-02 nothing is synced while a field that customers are recognised by is missing', async () => {
    const customer = await companies.add({ id: 2202, partners: 30, organizations: 25 });
    const before = customer.pipedrive.organizations().length;
    await customer.setUp();
    const held = companies.world.pipedrive.faults.add({
      match: { method: 'POST', path: /\/organizationFields$/, company: customer.id },
      fault: { kind: 'drop_before' },
      times: 1e6,
    });
    await companies.app.runJobsFor(2 * HOUR);
    expect(held.struck()).toBeGreaterThan(1);
    expect(customer.pipedrive.organizations()).toHaveLength(before);
    expect(customer.pipedrive.products()).toEqual([]);
    held.remove();
    // The job was given up long ago: a regular run takes it up again, and nobody has to agree again.
    await runPast(HOUR);
    await companies.app.runJobsFor(2 * HOUR);
    await expectMatched(customer);
    expect(await findingsOf(customer, 'job:fields.ensure:installation')).toEqual([]);
    expect((await customer.findings()).filter(({ kind }) => kind === 'job_exhausted')).toEqual([]);
  });

  it('SAP’s field is made by a regular run, once SAP can be reached again', async () => {
    const customer = await companies.add({ id: 2203 });
    await customer.setUp();
    const held = companies.world.sap.faults.add({
      kind: 'drop_before',
      method: 'POST',
      path: /UserFieldsMD/,
      company: customer.companyDb,
      times: 1e6,
    });
    await companies.app.runJobsFor(2 * HOUR);
    expect(held.hits()).toBeGreaterThan(1);
    expect(customer.sap.hasUserField('ORDR', 'PD_Key')).toBe(false);
    held.remove();
    await companies.app.runJobsFor(2 * HOUR);
    expect(customer.sap.hasUserField('ORDR', 'PD_Key')).toBe(true);
    // Then it is left alone: what is there is not asked for again.
    const calls = await customer.callsDuring(() => companies.app.runJobsFor(2 * HOUR));
    expect(calls.filter(({ path }) => path.includes('Fields'))).toEqual([]);
  });

  it('a field that is made later is filled for all that were written before', async () => {
    const customer = await companies.add({ id: 2204, plan: 'lite', partners: 30, organizations: 25 });
    // Room for two more: the ones that matching rests on.
    const own = () => customer.pipedrive.fields('organization').filter(({ is_custom_field }) => is_custom_field).length;
    for (
      let count = 0;
      own() + customer.pipedrive.fields('deal').filter((field) => field.is_custom_field).length < 29;
      count += 1
    ) {
      customer.pipedrive.createField('organization', { field_name: `Own ${count}`, field_type: 'varchar' });
    }
    await customer.setUp();
    await companies.app.runJobs();
    await expectMatched(customer);
    const missing = async () => (await customer.findings()).filter(({ kind }) => kind === 'field_missing').length;
    expect(await missing()).toBeGreaterThan(0);
    customer.pipedrive.state.plan = 'premium';
    await companies.app.runJobsFor(2 * HOUR);
    expect(await missing()).toBe(0);
    for (const [, [id = 0]] of byCode(customer)) {
      expect(fieldOf(customer, id, 'SAP credit status')).toBeTypeOf('string');
      expect(fieldOf(customer, id, 'SAP credit status since')).toBeTypeOf('string');
    }
  });
});

describe('what was left to a person', () => {
  let customer: Customer;
  const twice = 'A-TWICE';
  afterAll(() => companies.dismiss());
  beforeAll(async () => {
    customer = await companies.add({ id: 2210, partners: 30, organizations: 25 });
    await customer.callSap('POST', 'Items', { ItemCode: twice, ItemName: 'Doppelt', ItemsGroupCode: 100 });
    for (const name of ['Doppelt', 'Doppelt alt']) customer.pipedrive.createProduct({ name, code: twice });
    await customer.setUp();
    await companies.app.runJobs();
  }, 120_000);

  it('an item of whose two products one was deleted is linked the next day, and its finding closed', async () => {
    expect(await findingsOf(customer, `item:${twice}`)).toHaveLength(1);
    const [kept, other] = customer.pipedrive.products().filter(({ code }) => code === twice);
    customer.pipedrive.deleteProduct(other?.id ?? 0);
    await runPast(DAY);
    expect(await customer.linkOf('item', twice)).toMatchObject({ state: 'linked', pipedriveId: kept?.id });
    expect(await findingsOf(customer, `item:${twice}`)).toEqual([]);
    expect(customer.pipedrive.products().filter(({ code }) => code === twice)).toHaveLength(1);
  });

  it('an organization that was restored is found again within the hour', async () => {
    const [code = '', [id = 0] = []] = [...byCode(customer)].find(([key]) => key.startsWith('C')) ?? [];
    customer.pipedrive.deleteOrganization(id);
    customer.sap.changePartner(code, { CardName: 'Wiedergefunden GmbH' });
    await companies.syncAgain();
    expect(await customer.linkOf('partner', code)).toMatchObject({ state: 'gone' });
    expect(await findingsOf(customer, `partner:${code}`)).toHaveLength(1);
    await runPast(HOUR);
    expect(await customer.linkOf('partner', code)).toMatchObject({ state: 'gone' });

    const record = customer.pipedrive.state.organizations.get(id);
    if (record) record.is_deleted = false;
    customer.pipedrive.updateOrganization(id, {});
    await runPast(HOUR);
    expect(await customer.linkOf('partner', code)).toMatchObject({ state: 'linked', pipedriveId: id });
    expect(await findingsOf(customer, `partner:${code}`)).toEqual([]);
    expect(customer.pipedrive.organizations().find((one) => one.id === id)?.name).toBe('Wiedergefunden GmbH');
    expect(byCode(customer).get(code)).toEqual([id]);
  });

  it('a customer that waits costs nothing in the regular runs, also when it is the last that changed', async () => {
    const waiting = (await customer.findings()).find(({ kind }) => kind === 'partner_ambiguous');
    const code = waiting?.subject.slice('partner:'.length) ?? '';
    customer.sap.changePartner(code, { Website: 'https://waits.example' });
    await companies.syncAgain();
    expect(await customer.linkOf('partner', code)).toMatchObject({ state: 'ambiguous' });
    const { clock } = companies.world;
    await companies.app.runJobsFor(HOUR - (clock.now() % HOUR) + 10 * MINUTE);
    const calls = await customer.callsDuring(() => companies.app.runJobsFor(30 * MINUTE));
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  it('an item whose code a product of another item bears becomes a question, and stops nothing', async () => {
    const [product] = customer.pipedrive.products().filter(({ code }) => code !== twice);
    // Told, it would have its own code back within the minute.
    const { faults } = companies.world.pipedrive.webhooks;
    faults.add({ match: { company: customer.id, object: 'product' }, fault: { kind: 'lose' } });
    customer.pipedrive.updateProduct(product?.id ?? 0, { code: 'A-NEW' });
    await customer.callSap('POST', 'Items', { ItemCode: 'A-NEW', ItemName: 'Neu', ItemsGroupCode: 100 });
    await customer.callSap('POST', 'Items', { ItemCode: 'A-NEXT', ItemName: 'Danach', ItemsGroupCode: 100 });
    await companies.syncAgain();
    expect(await findingsOf(customer, 'item:A-NEW')).toHaveLength(1);
    expect(await customer.linkOf('item', 'A-NEXT')).toMatchObject({ state: 'linked' });
  });

  it('every run of the first load and of the credit stream comes to its end', async () => {
    const runs = await customer.rows('sync_runs');
    expect(runs.some(({ stream }) => stream === 'credit')).toBe(true);
    expect(runs.filter(({ state }) => state !== 'done')).toEqual([]);
    for (const run of runs) {
      expect(Number(run['written']) + Number(run['unchanged']) + Number(run['waiting'])).toBe(run['read']);
    }
  });
});

describe('what sales people entered', () => {
  const contact = { Name: 'Petra Voss', E_Mail: 'petra@voss.example', Active: 'tYES' };
  let customer: Customer;
  let organizationId: number;
  let personId: number;
  const person = () => {
    const found = customer.pipedrive.persons().find(({ id }) => id === personId);
    return { emails: found?.emails.map(({ value }) => value), phones: found?.phones.map(({ value }) => value) };
  };
  afterAll(() => companies.dismiss());
  beforeAll(async () => {
    customer = await companies.add({ id: 2220 });
    const { pipedrive } = customer;
    const [vat] = pipedrive.fields('organization').filter(({ field_name }) => field_name === 'VAT number');
    ({ id: organizationId } = pipedrive.createOrganization({
      name: 'Voss Tischlerei',
      address: { value: 'Hafenstr. 1, 20457 Hamburg', postal_code: '20457' },
      custom_fields: { [vat?.field_code ?? '']: 'DE555666777' },
    }));
    ({ id: personId } = pipedrive.createPerson({
      name: 'Petra Voss',
      org_id: organizationId,
      emails: [{ value: 'p.voss@private.example', primary: true, label: 'home' }],
      phones: [{ value: '+49 40 111', primary: true, label: 'mobile' }],
    }));
    customer.sap.createPartner({
      CardCode: 'C-VOSS',
      CardName: 'Voss Tischlerei GmbH',
      CardType: 'cCustomer',
      ZipCode: '20457',
      BPAddresses: [{ AddressName: 'Rechnung', AddressType: 'bo_BillTo', ZipCode: '20457', City: 'Hamburg' }],
      ContactEmployees: [contact],
    });
    await customer.setUp();
    await companies.app.runJobs();
  }, 120_000);

  const changeContact = (values: Record<string, string>) => {
    const [row] = [customer.sap.partner('C-VOSS')['ContactEmployees']].flat();
    const code = typeof row === 'object' && row !== null && 'InternalCode' in row ? row.InternalCode : 0;
    customer.sap.changePartner('C-VOSS', { ContactEmployees: [{ ...contact, ...values, InternalCode: Number(code) }] });
    return companies.syncAgain();
  };

  it('stays when an organization and a person are linked: SAP adds what it knows', () => {
    expect(byCode(customer).get('C-VOSS')).toEqual([organizationId]);
    expect(fieldOf(customer, organizationId, 'VAT number')).toBe('DE555666777');
    expect(customer.pipedrive.persons().filter(({ org_id }) => org_id === organizationId)).toHaveLength(1);
    expect(person()).toEqual({ emails: ['p.voss@private.example', 'petra@voss.example'], phones: ['+49 40 111'] });
  });

  it('stays when SAP’s address changes: only SAP’s own gives way', async () => {
    customer.pipedrive.updatePerson(personId, {
      phones: [
        { value: '+49 40 111', primary: true, label: 'mobile' },
        { value: '+49 171 9', primary: false, label: 'home' },
      ],
    });
    await changeContact({ E_Mail: 'voss@voss.example', Phone1: '+49 40 222' });
    expect(person()).toEqual({
      emails: ['p.voss@private.example', 'voss@voss.example'],
      phones: ['+49 40 111', '+49 171 9', '+49 40 222'],
    });
  });

  it('stays when SAP knows nothing any more', async () => {
    const before = person();
    await changeContact({ E_Mail: '', Phone1: '', Name: 'Petra Voss-Kurz' });
    expect(person()).toEqual(before);
    expect(customer.pipedrive.persons().find(({ id }) => id === personId)?.name).toBe('Petra Voss-Kurz');
  });
});

describe('what moves a customer’s credit', () => {
  afterEach(() => companies.dismiss());

  it('is not lost while its organization is only about to be made', async () => {
    const customer = await companies.add({ id: 2230, organizations: 2 });
    await customer.setUp();
    const held = companies.world.pipedrive.faults.add({
      match: { method: 'POST', path: /\/organizations$/, company: customer.id },
      fault: { kind: 'drop_before' },
      times: 1e6,
    });
    await companies.app.runJobs();
    const links = (await customer.rows('entity_links')).filter(
      ({ state }) => state === 'to_create' || state === 'creating',
    );
    const code = String(links.find(({ kind }) => kind === 'partner')?.['sap_key']);
    const creditRuns = async () =>
      (await customer.rows('sync_runs'))
        .filter(({ stream }) => stream === 'credit')
        .sort((one, other) => Number(one['position']) - Number(other['position']));
    const before = (await creditRuns()).length;
    customer.sap.postInvoice({ cardCode: code, total: 100 });
    await companies.syncAgain();
    expect(await creditRuns()).toHaveLength(before + 1);
    expect((await creditRuns()).at(-1)).toMatchObject({ changed: 1 });
    held.remove();
  });

  it('is found behind the numbers of another server, after SAP was connected anew', async () => {
    const customer = await companies.add({ id: 2231 });
    await customer.setUp();
    await companies.app.runJobs();
    // The books were moved to a server whose numbers and stamps are behind those of the old one.
    await customer.within(async (tx, connection) => {
      for (const stream of ['credit', 'partners'] as const) {
        const cursor = await cursorStore.find(tx, connection, stream);
        if (!cursor) throw new Error(`${stream} has no cursor`);
        const documents = Object.fromEntries(
          Object.keys(cursor.documents).map((set) => [set, { last: 1_000_000, missing: [] }]),
        );
        await cursorStore.save(tx, connection, stream, {
          ...cursor,
          documents,
          ...(stream === 'partners' ? { stampDate: '2030-01-01' } : {}),
        });
      }
    });
    await companies.app.connect(customer.id, ADMIN, customer.companyDb);
    const calls = await customer.callsDuring(() => companies.app.runJobs());
    expect(writesIn(calls)).toEqual([]);

    const [code = '', [id = 0] = []] = [...byCode(customer)].find(
      ([key, [one = 0]]) =>
        key.startsWith('C') &&
        numberOf(customer.sap.partner(key), 'CreditLimit') > 0 &&
        fieldOf(customer, one, 'SAP credit status') === 'Within limit',
    ) ?? ['', []];
    expect(code).not.toBe('');
    const total = numberOf(customer.sap.partner(code), 'CreditLimit') + 1_000;
    customer.sap.postInvoice({ cardCode: code, total });
    customer.sap.changePartner(code, { CardName: 'Umgezogen GmbH' });
    await companies.syncAgain();
    expect(fieldOf(customer, id, 'SAP credit status')).toBe('Over limit');
    expect(customer.pipedrive.organizations().find((one) => one.id === id)?.name).toBe(
      textOf(customer.sap.partner(code), 'CardName'),
    );
  });
});
