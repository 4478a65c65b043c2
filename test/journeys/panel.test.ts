import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { add, compare, subtract } from '../../server/kernel/money.ts';
import { numberOf } from '../practice/kernel/json.ts';
import { type Companies, type Customer, REP, startCompanies } from '../support/companies.ts';
import { type PanelBench, panelBench } from '../support/panel-bench.ts';

let companies: Companies;
let customer: Customer;
let bench: PanelBench;
beforeAll(async () => {
  companies = await startCompanies();
  customer = await companies.add({ id: 2201, partners: 40, items: 14, invoices: 60, organizations: 20 });
  await customer.setUp();
  await companies.app.runJobs();
  bench = panelBench(companies, customer);
}, 240_000);
afterEach(() => {
  companies.world.sap.faults.clear();
  companies.world.pipedrive.faults.clear();
});
afterAll(() => companies?.close(), 60_000);

describe('the panel on a deal', () => {
  it('shows customer, credit, lines and balance live, and a verdict', async () => {
    const { cardCode, organizationId } = bench.freshCustomer();
    bench.stockUp(bench.product().code, 50);
    const invoice = customer.sap.postInvoice({ cardCode, total: 1_190, dueDate: '2026-04-01' });
    const deal = bench.aDeal(organizationId);
    const { status, body } = await bench.view(deal.id);
    expect(status).toBe(200);
    for (const name of ['customer', 'credit', 'lines', 'balance']) expect(body[name].status).toBe('ready');
    expect(body.customer.data).toMatchObject({ cardCode, active: true, type: 'customer' });
    expect(body.verdict).toMatchObject({ verdict: 'ship', title: 'Ship now' });
    const [line] = body.lines.data.lines;
    expect(Number(line.available)).toBe(bench.availableOf(bench.product().code));
    expect(line).toMatchObject({ itemCode: bench.product().code, availability: 'in_stock', problem: null });
    expect(line.sapPrice).not.toBeNull();
    expect(body.balance.data.invoices).toMatchObject([
      { docNum: numberOf(invoice, 'DocNum'), open: { amount: '1190' } },
    ]);
    expect(body.send).toMatchObject({ action: 'send', problems: [] });
  });

  it('the figures that are shown add up', async () => {
    const { cardCode, organizationId } = bench.freshCustomer();
    customer.sap.postInvoice({ cardCode, total: 500, date: '2026-01-05', dueDate: '2026-02-01' });
    customer.sap.postInvoice({ cardCode, total: 333.33, date: '2026-02-05', dueDate: '2026-03-20' });
    const { body } = await bench.view(bench.aDeal(organizationId).id);
    const { limit, balance, openOrders, thisDeal, headroom } = body.credit.data;
    expect(compare(add(headroom.amount, balance.amount, openOrders.amount, thisDeal.amount), limit.amount)).toBe(0);
    const aged = body.balance.data;
    const buckets = [aged.notDue, aged.days1To30, aged.days31To60, aged.daysOver60, aged.otherEntries];
    expect(compare(add(...buckets.map(({ amount }: { amount: string }) => amount)), aged.balance.amount)).toBe(0);
    expect(aged.days1To30.amount).toBe('500');
    expect(aged.notDue.amount).toBe('333.33');
  });

  it('PF-01 asks SAP three times at most, and spends 11 tokens in Pipedrive, or 1 where its lines are known', async () => {
    const { organizationId } = bench.freshCustomer();
    const lines = [0, 1, 2, 3].map((index) => ({ product_id: bench.product(index).id, item_price: 80, quantity: 1 }));
    await bench.view(bench.aDeal(organizationId).id);
    const deal = bench.aDeal(organizationId, lines);
    const spent = customer.pipedrive.tokensSpent();
    await bench.view(deal.id);
    expect(customer.pipedrive.tokensSpent() - spent).toBe(11);
    const mark = companies.world.sap.log.all().length;
    await bench.view(deal.id);
    expect(customer.pipedrive.tokensSpent() - spent).toBe(12);
    expect(companies.world.sap.log.since(mark).length).toBeLessThanOrEqual(3);
  });

  it('ships part of what is short', async () => {
    const { organizationId } = bench.freshCustomer();
    bench.stockUp(bench.product(1).code, 3);
    const { body } = await bench.view(
      bench.aDeal(organizationId, [{ product_id: bench.product(1).id, item_price: 10, quantity: 8 }]).id,
    );
    expect(body.verdict.verdict).toBe('ship_part');
    expect(body.verdict.reasons[0]).toMatch(/^3 of 8 × /);
    bench.stockUp(bench.product(1).code, 0);
    const again = await bench.view(
      bench.aDeal(organizationId, [{ product_id: bench.product(1).id, item_price: 10, quantity: 8 }]).id,
    );
    expect(again.body.verdict.reasons[0]).toMatch(/^None of 8 × /);
  });

  it('makes no promise for lines whose stock it did not ask', async () => {
    const { organizationId } = bench.freshCustomer();
    const one = { product_id: bench.product().id, item_price: 1, quantity: 1 };
    bench.stockUp(bench.product().code, 30);
    const off = { ...one, is_enabled: false };
    const all = await bench.view(bench.aDeal(organizationId, [...Array.from({ length: 20 }, () => one), off]).id);
    expect(all.body.verdict.verdict).toBe('ship');
    const { body } = await bench.view(bench.aDeal(organizationId, [...Array.from({ length: 22 }, () => one), off]).id);
    expect(body.lines.data.notShown).toBe(3);
    expect(body.verdict).toMatchObject({
      verdict: 'unknown',
      reasons: ['The stock of 2 more lines was not asked'],
    });
  });

  it('freight is never short', async () => {
    const { organizationId } = bench.freshCustomer();
    const service = customer.pipedrive.products().find(({ code }) => code && !bench.isStocked(code));
    const { body } = await bench.view(
      bench.aDeal(organizationId, [{ product_id: service?.id ?? 0, item_price: 30, quantity: 1 }]).id,
    );
    expect(body.verdict.verdict).toBe('ship');
    expect(body.lines.data.lines[0]).toMatchObject({ availability: 'in_stock', warehouses: [] });
  });

  it('holds over the limit, for old debt, and for a deactivated customer', async () => {
    const over = bench.freshCustomer();
    customer.sap.changePartner(over.cardCode, { CreditLimit: 100 });
    const first = await bench.view(bench.aDeal(over.organizationId).id);
    expect(first.body.verdict.verdict).toBe('hold');
    expect(first.body.verdict.reasons[0]).toContain('over the credit limit');
    expect(first.body.credit.data.status).toBe('over_limit');

    const late = bench.freshCustomer();
    customer.sap.postInvoice({ cardCode: late.cardCode, total: 10, date: '2025-12-01', dueDate: '2026-01-01' });
    const second = await bench.view(bench.aDeal(late.organizationId).id);
    expect(second.body.verdict.verdict).toBe('hold');
    expect(second.body.credit.data.status).toBe('on_hold');

    const frozen = bench.freshCustomer();
    customer.sap.freezePartner(frozen.cardCode);
    const third = await bench.view(bench.aDeal(frozen.organizationId).id);
    expect(third.body.verdict.reasons).toContain('The customer is deactivated in SAP');
    expect(third.body.send.problems.map(({ code }: { code: string }) => code)).toContain('customer_inactive');
  });

  it('counts a deal once: as this deal before it is sent, among the open orders after', async () => {
    const { organizationId } = bench.freshCustomer();
    bench.stockUp(bench.product(2).code, 4);
    const deal = bench.aDeal(organizationId, [{ product_id: bench.product(2).id, item_price: 250, quantity: 4 }]);
    const first = (await bench.view(deal.id)).body;
    const before = first.credit.data;
    expect(first.verdict.verdict).toBe('ship');
    expect(Number(before.thisDeal.amount)).toBeGreaterThanOrEqual(1_000);
    const sent = await companies.app.api(customer.id, REP).post(`/api/panel/deals/${deal.id}/send`);
    expect(sent.status).toBe(200);
    await companies.app.runJobs();
    const after = (await bench.view(deal.id)).body;
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
    const { organizationId } = bench.freshCustomer();
    const own = customer.pipedrive.createProduct({ name: 'Assembly', code: 'OWN-1' });
    const deal = bench.aDeal(organizationId, [
      { product_id: own.id, item_price: 40, quantity: 1 },
      { product_id: bench.product(3).id, item_price: 40, quantity: 1 },
    ]);
    const { body } = await bench.view(deal.id);
    const [without, normal] = body.lines.data.lines;
    expect(without).toMatchObject({ itemCode: null, sapPrice: null, availability: 'unknown' });
    expect(without.problem).toContain('no item in SAP');
    expect(normal.problem).toBeNull();
    expect(body.verdict.verdict).toBe('hold');
    expect(body.send.problems.map(({ code }: { code: string }) => code)).toEqual(['no_item']);
  });

  it('an item that SAP cannot answer for is the line’s own problem; credit and the other lines stay', async () => {
    const { organizationId } = bench.freshCustomer();
    await customer.callSap('POST', 'Items', { ItemCode: 'TMP-1', ItemName: 'Gone soon', ItemsGroupCode: 100 });
    await companies.syncAgain();
    const gone = customer.pipedrive.products().find(({ code }) => code === 'TMP-1');
    const deal = bench.aDeal(
      organizationId,
      [gone?.id ?? 0, bench.product(0).id].map((product_id) => ({ product_id, item_price: 40, quantity: 1 })),
    );
    await customer.callSap('DELETE', "Items('TMP-1')");
    const { body } = await bench.view(deal.id);
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
    const { organizationId } = bench.freshCustomer();
    const lines = [{ product_id: bench.product().id, item_price: 100, quantity: 2 }];
    customer.pipedrive.addCurrency('GBP', 2);
    for (const currency of ['USD', 'GBP']) {
      const { status, body } = await bench.view(bench.aDeal(organizationId, lines, { currency }).id);
      expect(status).toBe(200);
      expect(body.credit.status).toBe('ready');
      const { thisDeal, note, headroom } = body.credit.data;
      expect(headroom.currency).toBe('EUR');
      if (thisDeal === null) expect(note).toContain(currency);
      else expect(thisDeal.currency).toBe('EUR');
    }
  });

  it('holds a deal with an item that was deactivated', async () => {
    const { organizationId } = bench.freshCustomer();
    const { id, code } = bench.product(2);
    bench.stockUp(code, 50);
    const deal = bench.aDeal(organizationId, [{ product_id: id, item_price: 10, quantity: 1 }]);
    expect((await bench.view(deal.id)).body.verdict.verdict).toBe('ship');
    customer.sap.changeItem(code, { Frozen: 'tYES', Valid: 'tNO' });
    const { body } = await bench.view(deal.id);
    expect(body.verdict).toMatchObject({ verdict: 'hold', reasons: [expect.stringContaining('deactivated in SAP')] });
    customer.sap.changeItem(code, { Frozen: 'tNO', Valid: 'tYES' });
  });

  it('shows twenty lines, and says how many there are beside', async () => {
    const { organizationId } = bench.freshCustomer();
    const lines = Array.from({ length: 23 }, () => ({ product_id: bench.product().id, item_price: 1, quantity: 1 }));
    const { body } = await bench.view(bench.aDeal(organizationId, lines).id);
    expect(body.lines.data.lines).toHaveLength(20);
    expect(body.lines.data.notShown).toBe(3);
  });

  it('a silent SAP’s last words about one deal are no answer for a like one in another currency', async () => {
    const { organizationId } = bench.freshCustomer();
    const lines = [{ product_id: bench.product().id, item_price: 100, quantity: 2 }];
    const euro = await bench.view(bench.aDeal(organizationId, lines).id);
    expect(euro.body.credit.data.thisDeal).toMatchObject({ currency: 'EUR' });
    companies.world.sap.faults.add({ path: /\$batch/, kind: 'html_502_before', times: 99 });
    const { body } = await bench.view(bench.aDeal(organizationId, lines, { currency: 'USD' }).id);
    expect(body.credit).toMatchObject({ status: 'stale', data: { thisDeal: null } });
    expect(body.credit.data.note).toContain('USD');
    expect(body.lines.data.lines[0]).toMatchObject({ sapPrice: null });
    expect(body.verdict.verdict).toBe('unknown');
  });
});
