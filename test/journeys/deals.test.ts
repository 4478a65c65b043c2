import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fields, numberOf, textOf } from '../practice/kernel/json.ts';
import type { NewDeal } from '../practice/pipedrive/company/handle.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';

const MINUTE = 60_000;

let companies: Companies;
let customer: Customer;
let organization: { readonly id: number; readonly cardCode: string };
let products: readonly { readonly id: number; readonly itemCode: string }[];

beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: 3001, partners: 14, items: 16 });
  await customer.setUp();
  await companies.app.runJobs();
});
afterAll(() => companies?.close());

function findRecords(): void {
  const { pipedrive, sap } = customer;
  const sold = new Set(
    sap
      .rows('Items')
      .filter(isSold)
      .map((row) => textOf(row, 'ItemCode')),
  );
  products = pipedrive
    .products()
    .filter((one) => sold.has(one.code))
    .map((one) => ({ id: one.id, itemCode: one.code }));
  organization = organizationOf((partner) => partner['CardType'] === 'cCustomer' && isActive(partner));
}

const isActive = (row: Fields) => row['Frozen'] !== 'tYES' && row['Valid'] !== 'tNO';
const isSold = (row: Fields) => row['SalesItem'] === 'tYES' && isActive(row);

/** A linked organization whose business partner is as wanted. */
function organizationOf(wanted: (partner: Fields) => boolean): { id: number; cardCode: string } {
  const { pipedrive, sap } = customer;
  for (const one of pipedrive.organizations()) {
    const cardCode = pipedrive.fieldValue('organization', one, 'SAP code');
    if (typeof cardCode === 'string' && cardCode !== '' && wanted(sap.partner(cardCode)))
      return { id: one.id, cardCode };
  }
  throw new Error('No organization is as wanted.');
}

const productAt = (index: number) => products[index]?.id ?? 0;
const line = (index = 0) => ({ product_id: productAt(index), item_price: 75, quantity: 2 });

/** Somebody else than its owner may have made it: all its webhooks have been dealt with. */
async function makeDeal(deal: Partial<NewDeal> = {}): Promise<number> {
  const made = customer.pipedrive.createDeal({
    title: 'Desks',
    org_id: organization.id,
    currency: 'EUR',
    owner: REP,
    lines: [line()],
    ...deal,
  });
  await companies.app.runJobs();
  companies.world.clock.advance(1_000);
  return made.id;
}

async function win(dealId: number): Promise<void> {
  customer.pipedrive.win(dealId, REP);
  await companies.app.runJobs();
}

const api = (userId = REP) => companies.app.api(customer.id, userId);
const panel = async (dealId: number) => (await api().get(`/api/panel/deals/${dealId}`)).body;
const press = async (dealId: number, userId = REP) => {
  const answer = await api(userId).post(`/api/panel/deals/${dealId}/send`);
  await companies.app.runJobs();
  return answer;
};
const field = (dealId: number, name: 'SAP document' | 'SAP status') =>
  customer.pipedrive.fieldValue('deal', customer.pipedrive.deal(dealId), name);

async function handoffs(dealId: number): Promise<readonly Record<string, unknown>[]> {
  const rows = (await customer.rows('handoffs')).filter((row) => Number(row['deal_id']) === dealId);
  return rows.sort((left, right) => Number(left['generation']) - Number(right['generation']));
}
async function keyOf(dealId: number): Promise<string> {
  return String((await handoffs(dealId)).at(-1)?.['key']);
}
const inSap = async (dealId: number) => customer.sap.findByKey(await keyOf(dealId));
const openFindings = async (dealId: number) =>
  (await customer.findings()).filter(({ subject }) => subject === `deal:${dealId}`);

describe('before won deals go to SAP', () => {
  it('a deal won before the start time does nothing, however often it is edited, nor by the sweep', async () => {
    findRecords();
    const early = await makeDeal();
    await win(early);
    companies.world.clock.advance(1_000);
    const switched = await api(ADMIN).post('/api/settings/handoff', { enabled: true });
    expect(switched.status).toBe(200);
    companies.world.clock.advance(1_000);
    for (const title of ['Desks, white', 'Desks, oak']) {
      customer.pipedrive.updateDeal(early, { title }, REP);
      await companies.app.runJobs();
    }
    await companies.app.runJobsFor(31 * MINUTE);
    expect(await handoffs(early)).toEqual([]);
    expect(customer.sap.ordersWithKey()).toEqual([]);
    // A person may still send it.
    expect((await press(early)).status).toBe(200);
    expect(await inSap(early)).toHaveLength(1);
  });
});

describe('a deal that cannot become an order', () => {
  it('says all its problems at once, everywhere, posts nothing, and goes with the same key once corrected', async () => {
    const { pipedrive } = customer;
    const unsold = pipedrive.createProduct({ name: 'Flowers' });
    const dealId = await makeDeal({
      org_id: null,
      lines: [
        { product_id: unsold.id, item_price: 10, quantity: 1 },
        { ...line(1), quantity: 3 },
      ],
    });
    const [first, second] = pipedrive.deal(dealId).lines;
    pipedrive.updateLine(
      dealId,
      second?.id ?? 0,
      { billing_frequency: 'monthly', billing_frequency_cycles: 12, billing_start_date: '2026-03-02' },
      REP,
    );
    await win(dealId);
    const expected = ['no_organization', 'no_item', 'recurring'];
    const [row] = await handoffs(dealId);
    expect(row).toMatchObject({ state: 'needs_attention', sent: false });
    const { send } = await panel(dealId);
    expect(send).toMatchObject({ action: 'check_again', label: 'Check again' });
    expect(send.problems.map(({ code }: { code: string }) => code)).toEqual(expected);
    const words: string[] = send.problems.map(({ message }: { message: string }) => message);
    const [finding] = await openFindings(dealId);
    for (const message of words) expect(finding?.message).toContain(message);
    expect(String(field(dealId, 'SAP status'))).toContain(words[0]);
    expect(await inSap(dealId)).toEqual([]);

    const key = await keyOf(dealId);
    pipedrive.updateDeal(dealId, { org_id: organization.id }, REP);
    pipedrive.removeLine(dealId, first?.id ?? 0, REP);
    pipedrive.updateLine(
      dealId,
      second?.id ?? 0,
      { billing_frequency: 'one-time', billing_frequency_cycles: null },
      REP,
    );
    expect((await press(dealId)).status).toBe(200);
    expect(await keyOf(dealId)).toBe(key);
    expect(await inSap(dealId)).toHaveLength(1);
    expect(await openFindings(dealId)).toEqual([]);
    expect(field(dealId, 'SAP status')).toBe('In SAP');
  });

  it.each<[string, string, () => Partial<NewDeal> | Promise<Partial<NewDeal>>]>([
    ['no lines', 'no_lines', () => ({ lines: [] })],
    [
      'an organization that is not linked',
      'not_linked',
      () => ({ org_id: customer.pipedrive.createOrganization({ name: 'Neu & Sohn' }).id }),
    ],
    [
      'a lead where a customer is needed',
      'not_a_customer',
      () => {
        const { id, cardCode } = organizationOf((one) => one['CardType'] === 'cLid' && isActive(one));
        expect(cardCode).not.toBe(organization.cardCode);
        return { org_id: id };
      },
    ],
    [
      'a customer that is deactivated in SAP',
      'customer_inactive',
      () => {
        const other = organizationOf(
          (one) =>
            one['CardType'] === 'cCustomer' && isActive(one) && textOf(one, 'CardCode') !== organization.cardCode,
        );
        customer.sap.freezePartner(other.cardCode);
        return { org_id: other.id };
      },
    ],
    [
      'an item that SAP does not know any more',
      'unknown_item',
      async () => {
        await customer.callSap('POST', 'Items', { ItemCode: 'GONE-1', ItemName: 'Lamp', SalesItem: 'tYES' });
        await companies.app.runJobsFor(6 * MINUTE);
        const product = customer.pipedrive.products().find((one) => one.code === 'GONE-1');
        await customer.callSap('DELETE', `Items('GONE-1')`);
        return { lines: [{ ...line(), product_id: product?.id ?? 0 }] };
      },
    ],
  ])('%s', async (_what, code, deal) => {
    const dealId = await makeDeal(await deal());
    await win(dealId);
    const { send } = await panel(dealId);
    expect(send.problems.map((problem: { code: string }) => problem.code)).toEqual([code]);
    expect(await openFindings(dealId)).toMatchObject([{ kind: 'deal_not_ready', count: 1 }]);
    expect(String(field(dealId, 'SAP status'))).toMatch(/^Not sent: /);
    expect(await inSap(dealId)).toEqual([]);
  });
});

describe('what happens to a deal after it was won (EO-11)', () => {
  it('lost, and won again: the order stays one', async () => {
    const dealId = await makeDeal();
    await win(dealId);
    customer.pipedrive.updateDeal(dealId, { status: 'lost' }, REP);
    await companies.app.runJobs();
    companies.world.clock.advance(1_000);
    await win(dealId);
    await companies.app.runJobsFor(20 * MINUTE);
    expect(await handoffs(dealId)).toHaveLength(1);
    expect(await inSap(dealId)).toHaveLength(1);
    expect(customer.pipedrive.notes(dealId)).toHaveLength(1);
  });

  it('lost before SAP could be asked: called off, and won again it goes in a new generation', async () => {
    const dealId = await makeDeal({ lines: [] });
    await win(dealId);
    customer.pipedrive.updateDeal(dealId, { status: 'lost' }, REP);
    await companies.app.runJobs();
    expect(await handoffs(dealId)).toMatchObject([{ state: 'cancelled', sent: false }]);
    expect(await openFindings(dealId)).toEqual([]);
    customer.pipedrive.addLine(dealId, line(), REP);
    companies.world.clock.advance(1_000);
    await win(dealId);
    expect((await handoffs(dealId)).map((row) => [row['generation'], row['state']])).toEqual([
      [1, 'cancelled'],
      [2, 'written_back'],
    ]);
    expect(await inSap(dealId)).toHaveLength(1);
  });

  it('deleted: nothing more is posted, and the order that is there stays', async () => {
    const dealId = await makeDeal();
    await win(dealId);
    customer.pipedrive.deleteDeal(dealId, REP);
    await companies.app.runJobsFor(20 * MINUTE);
    expect(await inSap(dealId)).toHaveLength(1);
    const unsent = await makeDeal({ lines: [] });
    await win(unsent);
    customer.pipedrive.deleteDeal(unsent, REP);
    await companies.app.runJobsFor(20 * MINUTE);
    expect(await handoffs(unsent)).toMatchObject([{ state: 'cancelled' }]);
  });
});

describe('what wakes it', () => {
  it('two people press at once, and the deal is won: one order (EO-01)', async () => {
    const dealId = await makeDeal();
    const send = (userId: number) => api(userId).post(`/api/panel/deals/${dealId}/send`);
    const answers = await Promise.all([send(REP), send(ADMIN), send(REP)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await win(dealId);
    expect(await handoffs(dealId)).toHaveLength(1);
    expect(await inSap(dealId)).toHaveLength(1);
    expect((await panel(dealId)).send).toMatchObject({ action: 'done' });
  });

  it('a webhook that was lost is made up for by the sweep within 15 minutes (WH-11, F30)', async () => {
    const dealId = await makeDeal();
    companies.world.pipedrive.webhooks.faults.add({ match: { company: customer.id }, fault: { kind: 'lose' } });
    await win(dealId);
    expect(await handoffs(dealId)).toEqual([]);
    await companies.app.runJobsFor(15 * MINUTE);
    expect(await inSap(dealId)).toHaveLength(1);
    expect(field(dealId, 'SAP document')).toMatch(/^Sales order \d+$/);
  });
});

describe('what SAP says to it', () => {
  it('an approval procedure: the draft counts as the document, and a person sees that it waits', async () => {
    const dealId = await makeDeal();
    customer.sap.requireApproval(true);
    await win(dealId);
    customer.sap.requireApproval(false);
    const [found, ...more] = await inSap(dealId);
    expect(more).toEqual([]);
    expect(found?.set).toBe('Drafts');
    expect(field(dealId, 'SAP document')).toBe(`Order draft ${numberOf(found?.row ?? {}, 'DocNum')}`);
    expect(field(dealId, 'SAP status')).toBe('Waiting for approval in SAP');
    expect(await handoffs(dealId)).toMatchObject([{ document: 'draft', state: 'written_back' }]);
  });

  it('a refusal: its words are on the deal and in a finding, and Check again sends with the same key (F15)', async () => {
    const dealId = await makeDeal();
    customer.sap.refuseOrders('Only orders with a project, please');
    await win(dealId);
    expect(field(dealId, 'SAP status')).toContain('Only orders with a project, please');
    expect(await openFindings(dealId)).toMatchObject([{ kind: 'order_refused' }]);
    const key = await keyOf(dealId);
    // Nothing is tried again by itself.
    await companies.app.runJobsFor(31 * MINUTE);
    expect(await inSap(dealId)).toEqual([]);
    customer.sap.refuseOrders(undefined);
    expect((await press(dealId)).status).toBe(200);
    expect(await keyOf(dealId)).toBe(key);
    expect(await inSap(dealId)).toHaveLength(1);
    expect(await openFindings(dealId)).toEqual([]);
  });

  it('an order with our key under another customer is shown to a person, not doubled', async () => {
    const dealId = await makeDeal();
    const other = organizationOf(
      (one) => one['CardType'] === 'cCustomer' && isActive(one) && textOf(one, 'CardCode') !== organization.cardCode,
    );
    customer.sap.refuseOrders('not yet');
    await win(dealId);
    customer.sap.refuseOrders(undefined);
    const key = await keyOf(dealId);
    customer.sap.createOrder({
      CardCode: other.cardCode,
      U_PD_Key: key,
      DocumentLines: [{ ItemCode: products[0]?.itemCode ?? '', Quantity: 1, UnitPrice: 5 }],
    });
    await press(dealId);
    expect(await handoffs(dealId)).toMatchObject([{ state: 'needs_attention' }]);
    expect(String(field(dealId, 'SAP status'))).toContain(other.cardCode);
    expect(await inSap(dealId)).toHaveLength(1);
  });
});

describe('removed and installed again', () => {
  it('makes no second order of a deal that has one: the key is the same', async () => {
    const dealId = await makeDeal();
    await win(dealId);
    const key = await keyOf(dealId);
    await companies.world.pipedrive.uninstall(customer.id, REP);
    await companies.world.pipedrive.uninstall(customer.id, ADMIN);
    await customer.setUp();
    await companies.app.runJobs();
    expect((await api(ADMIN).post('/api/settings/handoff', { enabled: true })).status).toBe(200);
    companies.world.clock.advance(1_000);
    expect((await press(dealId)).status).toBe(200);
    customer.pipedrive.updateDeal(dealId, { status: 'open' }, REP);
    await companies.app.runJobs();
    companies.world.clock.advance(1_000);
    await win(dealId);
    await companies.app.runJobsFor(16 * MINUTE);
    expect(await keyOf(dealId)).toBe(key);
    expect(customer.sap.findByKey(key)).toHaveLength(1);
    expect(await handoffs(dealId)).toHaveLength(1);
  });
});
