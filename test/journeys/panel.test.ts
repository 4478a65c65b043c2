import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { add, compare, subtract } from '../../server/kernel/money.ts';
import { numberOf, recordsOf, textOf } from '../practice/kernel/json.ts';
import type { NewLine } from '../practice/pipedrive/company/handle.ts';
import { ADMIN, type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';

const HOUR = 3_600_000;

let companies: Companies;
let customer: Customer;
beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: 2201, partners: 40, items: 14, invoices: 60, organizations: 20 });
  await customer.setUp();
  await companies.app.runJobs();
}, 240_000);
afterEach(() => {
  companies.world.sap.faults.clear();
  companies.world.pipedrive.faults.clear();
});
afterAll(() => companies?.close(), 60_000);

const view = (dealId: number, userId = REP) => companies.app.api(customer.id, userId).get(`/api/panel/deals/${dealId}`);

/** Customers whose organization is known, each handed out once so that no test disturbs another. */
const handedOut = new Set<string>();
function freshCustomer(): { cardCode: string; organizationId: number } {
  const { pipedrive, sap } = customer;
  for (const organization of pipedrive.organizations()) {
    const cardCode = pipedrive.fieldValue('organization', organization, 'SAP code');
    if (typeof cardCode !== 'string' || !cardCode.startsWith('C') || handedOut.has(cardCode)) continue;
    handedOut.add(cardCode);
    for (const invoice of sap.invoices()) {
      const open = numberOf(invoice, 'DocTotal') - numberOf(invoice, 'PaidToDate');
      if (textOf(invoice, 'CardCode') === cardCode && open > 0.005) sap.payInvoice(numberOf(invoice, 'DocEntry'));
    }
    sap.changePartner(cardCode, { CreditLimit: 100_000 });
    return { cardCode, organizationId: organization.id };
  }
  throw new Error('There are too few customers.');
}

const isStocked = (code: string) => textOf(customer.sap.item(code), 'InventoryItem') === 'tYES';

/** Products that SAP keeps in stock. */
function product(index = 0) {
  const stocked = customer.pipedrive
    .products()
    .filter(({ code }) => code && code !== 'OWN-1' && code !== 'TMP-1' && isStocked(code));
  const found = stocked[index];
  if (!found?.code) throw new Error('There are too few products.');
  return { id: found.id, code: found.code };
}

/** On hand less committed, over all warehouses. */
function availableOf(itemCode: string): number {
  return recordsOf(customer.sap.item(itemCode), 'ItemWarehouseInfoCollection').reduce(
    (sum, row) => sum + numberOf(row, 'InStock') - numberOf(row, 'Committed'),
    0,
  );
}

function stockUp(itemCode: string, wanted: number): void {
  const [warehouse] = recordsOf(customer.sap.item(itemCode), 'ItemWarehouseInfoCollection');
  customer.sap.receiveStock(itemCode, textOf(warehouse ?? {}, 'WarehouseCode'), wanted - availableOf(itemCode));
}

function aDeal(
  organizationId: number,
  lines: readonly NewLine[] = [{ product_id: product().id, item_price: 100, quantity: 2 }],
  more = {},
) {
  return customer.pipedrive.createDeal({
    title: 'New office',
    org_id: organizationId,
    currency: 'EUR',
    owner: REP,
    lines: lines.map((line) => ({ ...line })),
    ...more,
  });
}

describe('the panel on a deal', () => {
  it('shows customer, credit, lines and balance live, and a verdict', async () => {
    const { cardCode, organizationId } = freshCustomer();
    stockUp(product().code, 50);
    const invoice = customer.sap.postInvoice({ cardCode, total: 1_190, dueDate: '2026-04-01' });
    const deal = aDeal(organizationId);
    const { status, body } = await view(deal.id);
    expect(status).toBe(200);
    for (const name of ['customer', 'credit', 'lines', 'balance']) expect(body[name].status).toBe('ready');
    expect(body.customer.data).toMatchObject({ cardCode, active: true, type: 'customer' });
    expect(body.verdict).toMatchObject({ verdict: 'ship', title: 'Ship now' });
    const [line] = body.lines.data.lines;
    expect(Number(line.available)).toBe(availableOf(product().code));
    expect(line).toMatchObject({ itemCode: product().code, availability: 'in_stock', problem: null });
    expect(line.sapPrice).not.toBeNull();
    expect(body.balance.data.invoices).toMatchObject([
      { docNum: numberOf(invoice, 'DocNum'), open: { amount: '1190' } },
    ]);
    expect(body.send).toMatchObject({ action: 'send', problems: [] });
  });

  it('the figures that are shown add up', async () => {
    const { cardCode, organizationId } = freshCustomer();
    customer.sap.postInvoice({ cardCode, total: 500, date: '2026-01-05', dueDate: '2026-02-01' });
    customer.sap.postInvoice({ cardCode, total: 333.33, date: '2026-02-05', dueDate: '2026-03-20' });
    const { body } = await view(aDeal(organizationId).id);
    const { limit, balance, openOrders, thisDeal, headroom } = body.credit.data;
    expect(compare(add(headroom.amount, balance.amount, openOrders.amount, thisDeal.amount), limit.amount)).toBe(0);
    const aged = body.balance.data;
    const buckets = [aged.notDue, aged.days1To30, aged.days31To60, aged.daysOver60, aged.otherEntries];
    expect(compare(add(...buckets.map(({ amount }: { amount: string }) => amount)), aged.balance.amount)).toBe(0);
    expect(aged.days1To30.amount).toBe('500');
    expect(aged.notDue.amount).toBe('333.33');
  });

  it('PF-01 asks SAP three times at most, and spends 11 tokens in Pipedrive', async () => {
    const { organizationId } = freshCustomer();
    const lines = [0, 1, 2, 3].map((index) => ({ product_id: product(index).id, item_price: 80, quantity: 1 }));
    const deal = aDeal(organizationId, lines);
    await view(deal.id);
    const spent = customer.pipedrive.tokensSpent();
    const mark = companies.world.sap.log.all().length;
    await view(deal.id);
    expect(customer.pipedrive.tokensSpent() - spent).toBe(11);
    expect(companies.world.sap.log.since(mark).length).toBeLessThanOrEqual(3);
  });

  it('ships part of what is short', async () => {
    const { organizationId } = freshCustomer();
    stockUp(product(1).code, 3);
    const { body } = await view(aDeal(organizationId, [{ product_id: product(1).id, item_price: 10, quantity: 8 }]).id);
    expect(body.verdict.verdict).toBe('ship_part');
    expect(body.verdict.reasons[0]).toMatch(/^3 of 8 × /);
    stockUp(product(1).code, 0);
    const again = await view(aDeal(organizationId, [{ product_id: product(1).id, item_price: 10, quantity: 8 }]).id);
    expect(again.body.verdict.reasons[0]).toMatch(/^None of 8 × /);
  });

  it('makes no promise for lines whose stock it did not ask', async () => {
    const { organizationId } = freshCustomer();
    const one = { product_id: product().id, item_price: 1, quantity: 1 };
    stockUp(product().code, 30);
    const off = { ...one, is_enabled: false };
    const all = await view(aDeal(organizationId, [...Array.from({ length: 20 }, () => one), off]).id);
    expect(all.body.verdict.verdict).toBe('ship');
    const { body } = await view(aDeal(organizationId, [...Array.from({ length: 22 }, () => one), off]).id);
    expect(body.lines.data.notShown).toBe(3);
    expect(body.verdict).toMatchObject({
      verdict: 'unknown',
      reasons: ['The stock of 2 more lines was not asked'],
    });
  });

  it('freight is never short', async () => {
    const { organizationId } = freshCustomer();
    const service = customer.pipedrive.products().find(({ code }) => code && !isStocked(code));
    const { body } = await view(
      aDeal(organizationId, [{ product_id: service?.id ?? 0, item_price: 30, quantity: 1 }]).id,
    );
    expect(body.verdict.verdict).toBe('ship');
    expect(body.lines.data.lines[0]).toMatchObject({ availability: 'in_stock', warehouses: [] });
  });

  it('holds over the limit, for old debt, and for a deactivated customer', async () => {
    const over = freshCustomer();
    customer.sap.changePartner(over.cardCode, { CreditLimit: 100 });
    const first = await view(aDeal(over.organizationId).id);
    expect(first.body.verdict.verdict).toBe('hold');
    expect(first.body.verdict.reasons[0]).toContain('over the credit limit');
    expect(first.body.credit.data.status).toBe('over_limit');

    const late = freshCustomer();
    customer.sap.postInvoice({ cardCode: late.cardCode, total: 10, date: '2025-12-01', dueDate: '2026-01-01' });
    const second = await view(aDeal(late.organizationId).id);
    expect(second.body.verdict.verdict).toBe('hold');
    expect(second.body.credit.data.status).toBe('on_hold');

    const frozen = freshCustomer();
    customer.sap.freezePartner(frozen.cardCode);
    const third = await view(aDeal(frozen.organizationId).id);
    expect(third.body.verdict.reasons).toContain('The customer is deactivated in SAP');
    expect(third.body.send.problems.map(({ code }: { code: string }) => code)).toContain('customer_inactive');
  });

  it('counts a deal once: as this deal before it is sent, among the open orders after', async () => {
    const { organizationId } = freshCustomer();
    stockUp(product(2).code, 4);
    const deal = aDeal(organizationId, [{ product_id: product(2).id, item_price: 250, quantity: 4 }]);
    const first = (await view(deal.id)).body;
    const before = first.credit.data;
    expect(first.verdict.verdict).toBe('ship');
    expect(Number(before.thisDeal.amount)).toBeGreaterThanOrEqual(1_000);
    const sent = await companies.app.api(customer.id, REP).post(`/api/panel/deals/${deal.id}/send`);
    expect(sent.status).toBe(200);
    await companies.app.runJobs();
    const after = (await view(deal.id)).body;
    expect(after.send.action).toBe('done');
    // What the order keeps back is there for this very deal.
    expect(after.verdict.verdict).toBe('ship');
    expect(after.handoffs).toMatchObject([{ document: 'order', documentStatus: 'open' }]);
    expect(after.credit.data.thisDeal).toMatchObject({ amount: '0' });
    const moved = subtract(after.credit.data.openOrders.amount, before.openOrders.amount);
    expect(compare(moved, before.thisDeal.amount)).toBe(0);
    expect(compare(after.credit.data.headroom.amount, before.headroom.amount)).toBe(0);
  });

  it('a product without SAP item has its own problem, and takes nothing from the others', async () => {
    const { organizationId } = freshCustomer();
    const own = customer.pipedrive.createProduct({ name: 'Assembly', code: 'OWN-1' });
    const deal = aDeal(organizationId, [
      { product_id: own.id, item_price: 40, quantity: 1 },
      { product_id: product(3).id, item_price: 40, quantity: 1 },
    ]);
    const { body } = await view(deal.id);
    const [without, normal] = body.lines.data.lines;
    expect(without).toMatchObject({ itemCode: null, sapPrice: null, availability: 'unknown' });
    expect(without.problem).toContain('no item in SAP');
    expect(normal.problem).toBeNull();
    expect(body.verdict.verdict).toBe('unknown');
    expect(body.send.problems.map(({ code }: { code: string }) => code)).toEqual(['no_item']);
  });

  it('an item that SAP cannot answer for is the line’s own problem; credit and the other lines stay', async () => {
    const { organizationId } = freshCustomer();
    await customer.callSap('POST', 'Items', { ItemCode: 'TMP-1', ItemName: 'Gone soon', ItemsGroupCode: 100 });
    await companies.syncAgain();
    const gone = customer.pipedrive.products().find(({ code }) => code === 'TMP-1');
    const deal = aDeal(
      organizationId,
      [gone?.id ?? 0, product(0).id].map((product_id) => ({ product_id, item_price: 40, quantity: 1 })),
    );
    await customer.callSap('DELETE', "Items('TMP-1')");
    const { body } = await view(deal.id);
    expect(body.credit.status).toBe('ready');
    expect(body.lines.status).toBe('ready');
    const [failed, answered] = body.lines.data.lines;
    expect(failed).toMatchObject({ itemCode: 'TMP-1', sapPrice: null, available: null, availability: 'unknown' });
    expect(failed.problem).not.toBeNull();
    expect(answered).toMatchObject({ problem: null });
    expect(answered.sapPrice).not.toBeNull();
    expect(body.verdict.verdict).not.toBe('ship');
  });

  it('a deal in another currency is priced in it, and its value is put into local currency or left out in words', async () => {
    const { organizationId } = freshCustomer();
    const lines = [{ product_id: product().id, item_price: 100, quantity: 2 }];
    customer.pipedrive.state.currencies.push({ code: 'GBP', name: 'Pound', decimal_points: 2, symbol: '£' });
    for (const currency of ['USD', 'GBP']) {
      const { status, body } = await view(aDeal(organizationId, lines, { currency }).id);
      expect(status).toBe(200);
      expect(body.credit.status).toBe('ready');
      const { thisDeal, note, headroom } = body.credit.data;
      expect(headroom.currency).toBe('EUR');
      if (thisDeal === null) expect(note).toContain(currency);
      else expect(thisDeal.currency).toBe('EUR');
    }
  });

  it('shows twenty lines, and says how many there are beside', async () => {
    const { organizationId } = freshCustomer();
    const lines = Array.from({ length: 23 }, () => ({ product_id: product().id, item_price: 1, quantity: 1 }));
    const { body } = await view(aDeal(organizationId, lines).id);
    expect(body.lines.data.lines).toHaveLength(20);
    expect(body.lines.data.notShown).toBe(3);
  });
});

describe('what cannot be shown', () => {
  it('says what is missing where no customer is linked', async () => {
    const stranger = customer.pipedrive.createOrganization({ name: 'Nobody in SAP' });
    for (const org_id of [null, stranger.id]) {
      const deal = customer.pipedrive.createDeal({ title: 'Unknown', org_id, owner: REP });
      const { status, body } = await view(deal.id);
      expect(status).toBe(200);
      for (const name of ['customer', 'credit', 'balance']) expect(body[name].status).toBe('not_linked');
      expect(body.verdict.verdict).toBe('unknown');
      expect(body.send.problems.length).toBeGreaterThan(0);
    }
  });

  it('F10 SAP out of reach: nothing where nothing is known, the last figures with their age where something is', async () => {
    const seen = aDeal(freshCustomer().organizationId);
    const unseen = aDeal(freshCustomer().organizationId, [{ product_id: product(4).id, item_price: 5, quantity: 1 }]);
    const then = new Date(companies.world.clock.now()).toISOString();
    const known = (await view(seen.id)).body;
    companies.world.clock.advance(10 * 60_000);
    companies.world.sap.faults.add({ kind: 'drop_before', company: customer.companyDb, times: 1e6 });
    const stale = await view(seen.id);
    expect(stale.status).toBe(200);
    for (const name of ['customer', 'credit', 'lines', 'balance']) {
      expect(stale.body[name]).toMatchObject({ status: 'stale', asOf: then });
      expect(stale.body[name].reason).not.toBe('');
    }
    expect(stale.body.credit.data.balance).toEqual(known.credit.data.balance);
    const { body } = await view(unseen.id);
    for (const name of ['customer', 'credit', 'balance']) expect(body[name].status).toBe('unavailable');
    // The deal's own lines are known all the same.
    expect(body.lines.data.lines).toHaveLength(1);
    expect(body.lines.data.lines[0].problem).not.toBeNull();
    expect(body.verdict.verdict).toBe('unknown');
    companies.world.sap.faults.clear();
    companies.world.clock.advance(HOUR);
    expect((await view(seen.id)).body.credit.status).toBe('ready');
  });

  it.each([0, 1, 2])('of three answers number %i fails: the others stand, and no verdict is made up', async (skip) => {
    const { organizationId } = freshCustomer();
    const lost = companies.world.sap.faults.add({
      kind: 'reject',
      path: /^\$batch/,
      company: customer.companyDb,
      skip,
      code: -1,
      message: 'Internal error',
    });
    const { status, body } = await view(aDeal(organizationId).id);
    expect(status).toBe(200);
    expect(lost.hits()).toBe(1);
    const missing = [
      body.customer.status === 'unavailable',
      body.customer.status === 'ready' && body.balance.status === 'unavailable',
      body.lines.data.lines[0].problem !== null,
    ];
    expect(missing.filter(Boolean)).toHaveLength(1);
    expect(body.verdict.verdict).toBe('unknown');
  });
});

describe('who may see it', () => {
  it('SE-22 a deal that the person cannot see in Pipedrive is refused, and says nothing', async () => {
    const { organizationId, cardCode } = freshCustomer();
    const hidden = customer.pipedrive.createDeal({
      title: 'Between us',
      org_id: organizationId,
      owner: ADMIN,
      visible_to: 1,
    });
    expect((await view(hidden.id, ADMIN)).status).toBe(200);
    const refused = await view(hidden.id, REP);
    expect(refused.status).toBe(403);
    expect(JSON.stringify(refused.body)).not.toContain(cardCode);
    const sent = await companies.app.api(customer.id, REP).post(`/api/panel/deals/${hidden.id}/send`);
    expect(sent.status).toBe(403);
    expect((await companies.app.api(customer.id, REP).get(`/api/panel/deals/${hidden.id}/handoff`)).status).toBe(403);
  });

  it('a deal that was deleted, or never was, is refused alike', async () => {
    const deal = aDeal(freshCustomer().organizationId);
    customer.pipedrive.deleteDeal(deal.id);
    expect((await view(deal.id)).status).toBe(403);
    expect((await view(999_999)).status).toBe(403);
    for (const bad of ['0', '-1', '1.5', '1e3x', 'abc', '9007199254740993']) {
      expect((await companies.app.api(customer.id, REP).get(`/api/panel/deals/${bad}`)).status).toBe(400);
    }
  });

  it('SE-29 another company sees nothing of it, under the same number', async () => {
    const other = await companies.add({ id: 2202, partners: 6, items: 4, organizations: 4 });
    await other.setUp();
    await companies.app.runJobs();
    const deal = aDeal(freshCustomer().organizationId);
    const api = companies.app.api(other.id, ADMIN);
    const mine = (await view(deal.id)).body.customer.data;
    const { status, body } = await api.get(`/api/panel/deals/${deal.id}`);
    expect(status).toBe(403);
    expect(JSON.stringify(body)).not.toContain(mine.name);
    const ours = other.pipedrive.createDeal({ title: 'Ours', org_id: 1, owner: ADMIN });
    const theirs = await view(ours.id);
    if (theirs.status === 200) expect(theirs.body.customer.data?.cardCode).not.toBe('nobody');
  });

  it('a company, or a person, that has not installed the app is told so', async () => {
    const guest = customer.pipedrive.addUser({ id: 13, name: 'Carla Neu', email: 'carla@nordlicht.example' });
    const refused = await view(1, guest.id);
    expect(refused.status).toBe(403);
    expect(refused.body.message).toContain('not installed');
    expect((await companies.app.api(999_999, 1).get('/api/panel/deals/1')).status).toBe(404);
  });
});

describe('the panels on an organization and a person', () => {
  it('an organization shows its credit, its invoices and the deals that are not in SAP yet', async () => {
    const { cardCode, organizationId } = freshCustomer();
    const open = aDeal(organizationId);
    const sent = aDeal(organizationId, undefined, { title: 'Sent' });
    const lost = aDeal(organizationId, undefined, { title: 'Lost' });
    customer.pipedrive.updateDeal(lost.id, { status: 'lost' });
    await companies.app.api(customer.id, REP).post(`/api/panel/deals/${sent.id}/send`);
    await companies.app.runJobs();
    const { status, body } = await companies.app
      .api(customer.id, REP)
      .get(`/api/panel/organizations/${organizationId}`);
    expect(status).toBe(200);
    expect(body.customer.data.cardCode).toBe(cardCode);
    expect(body.credit).toMatchObject({ status: 'ready', data: { thisDeal: null } });
    const ids = body.unsentDeals.map(({ dealId }: { dealId: number }) => dealId);
    expect(ids).toContain(open.id);
    expect(ids).not.toContain(sent.id);
    expect(ids).not.toContain(lost.id);
    expect(body.verdict.title).toBe('Good to sell');
  });

  it('a person shows its organization’s, or that it has none', async () => {
    const { cardCode, organizationId } = freshCustomer();
    const api = companies.app.api(customer.id, REP);
    const person = customer.pipedrive.createPerson({ name: 'Petra Lang', org_id: organizationId });
    const shown = await api.get(`/api/panel/persons/${person.id}`);
    expect(shown.body).toMatchObject({ personId: person.id, organization: { customer: { data: { cardCode } } } });
    const alone = customer.pipedrive.createPerson({ name: 'Otto Allein' });
    expect((await api.get(`/api/panel/persons/${alone.id}`)).body).toEqual({ personId: alone.id, organization: null });
    expect((await api.get('/api/panel/persons/999999')).status).toBe(403);
    expect((await api.get('/api/panel/organizations/999999')).status).toBe(403);
  });
});

describe('before SAP is connected', () => {
  it('says so', async () => {
    const early = await companies.add({ id: 2203, partners: 3, items: 3, organizations: 3 });
    await companies.app.install(early.id, ADMIN);
    const answer = await companies.app.api(early.id, ADMIN).get('/api/panel/deals/1');
    expect(answer.status).toBe(404);
    expect(answer.body.message).toContain('not connected');
  });
});
