import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpItem, ErpPartner } from '../../../server/app/ports/erp.ts';
import type { OrderDraft } from '../../../server/domain/order-handoff.ts';
import { NotFoundError } from '../../../server/kernel/errors.ts';
import { connectErp, type Sap, startSap, TODAY } from './sap-bench.ts';

let bench: Sap;
let customer: ErpPartner;
let items: readonly ErpItem[];
let client: ReturnType<typeof connectErp>;

beforeAll(async () => {
  bench = await startSap();
  client = connectErp(bench);
  const { erp, caller } = client;
  const partners = (await erp.listPartnersByKey(caller, null, 200)).rows;
  const good = partners.find(({ type, active, priceList }) => type === 'customer' && active && priceList === 2);
  if (!good) throw new Error('the seeded company has no fitting customer');
  customer = good;
  items = (await erp.listItemsByKey(caller, null, 200)).rows.filter(({ active, sales }) => active && sales);
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.sap.faults.clear();
  bench.sap.log.clear();
  bench.office.settings.rejectsCollectionSelect = false;
});
const requests = () => bench.sap.log.all().map(({ method, path }) => `${method} ${path.replace(/^.*\/v\d\//, '')}`);

describe('viewCustomer', () => {
  it('is one request, with the names read beside it once', async () => {
    const { erp, caller } = connectErp(bench);
    const first = await erp.viewCustomer(caller, customer.cardCode);
    expect(first.partner).toEqual(customer);
    expect(first).toMatchObject({ priceListName: 'Fachhandel', localCurrency: 'EUR' });
    expect(first.groupName).toEqual(expect.any(String));
    expect(first.paymentTermsName).toEqual(expect.any(String));
    expect(requests()).toEqual(['POST Login', 'POST $batch']);
    const second = await erp.viewCustomer(caller, customer.cardCode);
    expect(second).toEqual(first);
    expect(bench.sap.log.all().at(-1)?.body.match(/^GET /gm)).toHaveLength(1);
  });

  it('tells whether the customer’s prices hold tax', async () => {
    const holdTax = async () => {
      const { erp, caller } = connectErp(bench);
      return (await erp.viewCustomer(caller, customer.cardCode)).pricesHoldTax;
    };
    expect(await holdTax()).toBe(false);
    bench.office.overwrite('PriceLists', '2', { IsGrossPrice: 'tYES' });
    expect(await holdTax()).toBe(true);
    bench.office.overwrite('PriceLists', '2', { IsGrossPrice: 'tNO' });
  });

  it('says so when there is no such customer', async () => {
    const { erp, caller } = client;
    await expect(erp.viewCustomer(caller, "O'Neill/7")).rejects.toBeInstanceOf(NotFoundError);
  });

  it('shows credit as SAP computes it', async () => {
    const { erp, caller } = client;
    const before = (await erp.viewCustomer(caller, customer.cardCode)).partner.credit;
    bench.office.postInvoice({ cardCode: customer.cardCode, total: 100 });
    const { credit } = (await erp.viewCustomer(caller, customer.cardCode)).partner;
    expect(Number(credit.balance)).toBeCloseTo(Number(before.balance) + 100, 6);
  });

  it('knows who is deactivated', async () => {
    const other = bench.office.rows('BusinessPartners').find((row) => row['CardCode'] !== customer.cardCode);
    const code = String(other?.['CardCode']);
    bench.office.freezePartner(code);
    const { erp, caller } = client;
    expect((await erp.viewCustomer(caller, code)).partner.active).toBe(false);
  });
});

describe('viewDocuments', () => {
  it('is one request: what is owed, oldest first, with credit notes against it', async () => {
    const { erp, caller } = client;
    const { cardCode } = customer;
    const late = bench.office.postInvoice({ cardCode, total: 50, date: '2026-02-01', dueDate: '2026-02-20' });
    const paid = bench.office.postInvoice({ cardCode, total: 70, date: '2026-02-02' });
    bench.office.payInvoice(Number(paid['DocEntry']));
    const note = bench.office.postCreditNote({ cardCode, total: 20, date: '2026-02-03' });
    const { openInvoices } = await erp.viewDocuments(caller, cardCode, []);
    expect(requests()).toEqual(['POST $batch']);
    const entries = openInvoices.map(({ docNum }) => docNum);
    expect(entries).toContain(late['DocNum']);
    expect(entries).not.toContain(paid['DocNum']);
    expect(openInvoices.find(({ docNum }) => docNum === note['DocNum'])).toMatchObject({ open: '-20', total: '-20' });
    const dates = openInvoices.map(({ dueDate }) => dueDate);
    expect(dates).toEqual([...dates].sort());
  });

  it('follows more open invoices than a page holds', async () => {
    const { erp, caller } = client;
    const other = bench.office
      .rows('BusinessPartners')
      .filter((row) => row['CardType'] === 'cCustomer' && row['Frozen'] !== 'tYES')
      .at(-1);
    const cardCode = String(other?.['CardCode']);
    const before = (await erp.viewDocuments(caller, cardCode, [])).openInvoices.length;
    for (let number = 0; number < 230; number += 1) bench.office.postInvoice({ cardCode, total: 1 });
    expect((await erp.viewDocuments(caller, cardCode, [])).openInvoices).toHaveLength(before + 230);
  });

  it('shows what is owed although SAP has no key field yet', async () => {
    const { erp, caller } = client;
    const view = await erp.viewDocuments(caller, customer.cardCode, ['PD7-1']);
    expect(view.orders).toEqual([]);
    expect(view.openInvoices.length).toBeGreaterThan(0);
  });

  it('fails as a whole when the reason is another', async () => {
    const { erp, caller } = client;
    bench.sap.faults.add({ path: /\$batch/, kind: 'html_502_before', times: 9 });
    await expect(erp.viewDocuments(caller, customer.cardCode, [])).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('quoteItems', () => {
  const ask = async (codes: readonly string[]) => (await askAll(codes, null)).items;
  const askAll = (codes: readonly string[], order: OrderDraft | null) => {
    const asked = codes.map((itemCode) => ({ itemCode, quantity: '2', currency: 'EUR' }));
    return client.erp.quoteItems(client.caller, customer.cardCode, asked, TODAY, order);
  };
  const orderOf = (...codes: readonly string[]): OrderDraft => ({
    cardCode: customer.cardCode,
    documentDate: TODAY,
    dueDate: TODAY,
    currency: 'EUR',
    comments: '',
    lines: codes.map((itemCode, index) => ({
      lineId: index + 1,
      itemCode,
      quantity: '2',
      unitPrice: '100',
      discountPercent: '0',
    })),
  });

  it('tells the order’s total with tax in the same request, and saves nothing', async () => {
    const code = items[0]?.itemCode ?? '';
    const orders = bench.office.orders().length;
    const { gross } = await askAll([code], orderOf(code));
    expect(requests()).toEqual(['POST $batch']);
    expect(Number(gross)).toBeCloseTo(238, 6);
    expect(bench.office.orders()).toHaveLength(orders);
  });

  it('answers prices and stock though SAP would refuse the order', async () => {
    const code = items[0]?.itemCode ?? '';
    const { gross, items: quotes } = await askAll([code, "NO'1"], orderOf("NO'1"));
    expect(gross).toBeNull();
    expect(quotes.map(({ price }) => price !== null)).toEqual([true, false]);
  });

  it('answers price and stock of twenty items in one request', async () => {
    const codes = items.slice(0, 20).map(({ itemCode }) => itemCode);
    const quotes = await ask(codes);
    expect(requests()).toEqual(['POST $batch']);
    expect(quotes.map(({ itemCode }) => itemCode)).toEqual(codes);
    for (const { price, stock, problem } of quotes) {
      expect(problem).toBeNull();
      expect(Number(price?.price)).toBeGreaterThan(0);
      expect(stock?.warehouses.map(({ name }) => name)).toEqual(['Hamburg', 'Leipzig', 'Köln']);
    }
  });

  it('keeps each failure to its item', async () => {
    const [first = '', second = '', third = ''] = items.map(({ itemCode }) => itemCode);
    const quotes = await ask([first, "NO'1", second, 'NO 2', third]);
    expect(quotes.map(({ price }) => price !== null)).toEqual([true, false, true, false, true]);
    expect(quotes.map(({ problem }) => problem !== null)).toEqual([false, true, false, true, false]);
    expect(requests()).toHaveLength(3);
  });

  it('takes the discount off SAP’s price', async () => {
    const code = items[0]?.itemCode ?? '';
    const { settings } = bench.office;
    const usual = settings.partnerDiscountOn;
    settings.partnerDiscountOn = 'line';
    const before = (await ask([code]))[0]?.price?.price ?? '0';
    bench.office.changePartner(customer.cardCode, { DiscountPercent: 10 });
    const after = (await ask([code]))[0]?.price?.price ?? '0';
    expect(Number(after)).toBeCloseTo(Number(before) * 0.9, 6);
    bench.office.changePartner(customer.cardCode, { DiscountPercent: 0 });
    settings.partnerDiscountOn = usual;
  });

  it('knows the customer’s special price', async () => {
    const code = items[1]?.itemCode ?? '';
    bench.office.setSpecialPrice(customer.cardCode, code, 12.34);
    expect((await ask([code]))[0]?.price).toMatchObject({ price: '12.34', currency: 'EUR' });
  });

  it('works where collections cannot be selected, and asks for whole records from then on', async () => {
    bench.office.settings.rejectsCollectionSelect = true;
    const { erp, caller } = connectErp(bench);
    const question = [{ itemCode: items[0]?.itemCode ?? '', quantity: '1', currency: 'EUR' }];
    const {
      items: [quote],
    } = await erp.quoteItems(caller, customer.cardCode, question, TODAY, null);
    expect(quote?.stock?.warehouses).toHaveLength(3);
    const before = bench.sap.log.all().length;
    await erp.quoteItems(caller, customer.cardCode, question, TODAY, null);
    expect(bench.sap.log.all().length - before).toBe(1);
    await expect(erp.viewCustomer(caller, customer.cardCode)).resolves.toMatchObject({
      partner: { cardCode: customer.cardCode },
    });
  });

  it('signs in again when the session ends between two views', async () => {
    bench.sap.restart();
    await expect(ask([items[0]?.itemCode ?? ''])).resolves.toHaveLength(1);
  });
});

describe('the key field', () => {
  it('is missing, is made once, and is there; making it again is fine', async () => {
    const { erp, caller } = client;
    expect(await erp.hasKeyField(caller)).toBe(false);
    await erp.createKeyField(caller);
    expect(await erp.hasKeyField(caller)).toBe(true);
    await expect(erp.createKeyField(caller)).resolves.toBeUndefined();
    expect(bench.office.hasUserField('ODRF', 'PD_Key')).toBe(true);
  });

  it('counts as missing while SAP does not serve it yet', async () => {
    const fresh = await startSap();
    fresh.office.settings.userFieldsNeedRestart = true;
    const { erp, caller } = connectErp(fresh);
    await erp.createKeyField(caller);
    expect(await erp.hasKeyField(caller)).toBe(false);
    fresh.sap.restart();
    expect(await erp.hasKeyField(caller)).toBe(true);
    await fresh.close();
  });
});
