import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberOf, recordsOf, textOf } from '../../practice/kernel/json.ts';
import type { World } from './sl-client.ts';
import { errorOf, openWorld, usualPair } from './sl-client.ts';

describe('practice SAP: orders', () => {
  let world: World;
  let pair: { cardCode: string; itemCode: string };
  beforeAll(async () => {
    world = await openWorld();
    pair = usualPair(world);
  });
  afterAll(() => world.sap.close());

  const order = (more: object = {}) => ({
    CardCode: pair.cardCode,
    DocDueDate: '2026-03-24',
    DocumentLines: [{ ItemCode: pair.itemCode, Quantity: 3 }],
    ...more,
  });

  it('computes sums, assigns numbers, commits stock and raises open orders, without stamping the item', async () => {
    const before = { partner: world.office.partner(pair.cardCode), item: world.office.item(pair.itemCode) };
    const answer = await world.v2.call('POST', 'Orders', {
      body: order({ DocumentLines: [{ ItemCode: pair.itemCode, Quantity: 3, UnitPrice: 99.99, DiscountPercent: 10 }] }),
    });
    expect(answer.status).toBe(201);
    const line = recordsOf(answer.body, 'DocumentLines')[0] ?? {};
    expect(numberOf(line, 'LineTotal')).toBe(269.97);
    expect(line).toMatchObject({
      LineNum: 0,
      Price: 89.991,
      VatGroup: 'A1',
      PriceSource: 'dpsManual',
      RemainingOpenQuantity: 3,
    });
    expect(answer.body).toMatchObject({
      DocDate: '2026-03-10T00:00:00Z',
      VatSum: 51.29,
      DocTotal: 321.26,
      DocumentStatus: 'bost_Open',
    });
    expect(numberOf(answer.body, 'DocEntry')).not.toBe(numberOf(answer.body, 'DocNum'));
    expect(answer.headers['location']).toBe(`${world.sap.url}/b1s/v2/Orders(${numberOf(answer.body, 'DocEntry')})`);

    const partner = world.office.partner(pair.cardCode);
    expect(numberOf(partner, 'OpenOrdersBalance')).toBeCloseTo(
      numberOf(before.partner, 'OpenOrdersBalance') + 321.26,
      2,
    );
    expect(partner['UpdateDate']).toBe(before.partner['UpdateDate']);
    expect(numberOf(partner, 'DataVersion')).toBeGreaterThan(numberOf(before.partner, 'DataVersion'));
    const item = world.office.item(pair.itemCode);
    expect(numberOf(item, 'QuantityOrderedByCustomers')).toBe(numberOf(before.item, 'QuantityOrderedByCustomers') + 3);
    expect(item['UpdateDate']).toBe(before.item['UpdateDate']);
  });

  it('takes the price from the special price, else from the list of the partner', async () => {
    world.office.setSpecialPrice(pair.cardCode, pair.itemCode, 80, { DiscountPercent: 20 });
    const answer = await world.v2.call('POST', 'Orders', { body: order() });
    const [line = {}] = recordsOf(answer.body, 'DocumentLines');
    expect(line).toMatchObject({
      UnitPrice: 100,
      DiscountPercent: 20,
      Price: 80,
      LineTotal: 240,
      PriceSource: 'dpsSpecialPricesForBusinessPartner',
    });
    const price = await world.v2.call('POST', 'CompanyService_GetItemPrice', {
      body: { ItemPriceParams: { CardCode: pair.cardCode, ItemCode: pair.itemCode, Date: '2026-03-10' } },
    });
    expect(price.body).toMatchObject({ Price: 100, Currency: 'EUR', Discount: 20 });
  });

  it('delivers, invoices and is paid: stock, balances and states follow; neither order nor invoice is stamped', async () => {
    const start = world.office.partner(pair.cardCode);
    const created = await world.v2.call('POST', 'Orders', {
      body: order({ DocumentLines: [{ ItemCode: pair.itemCode, Quantity: 4, UnitPrice: 50 }] }),
    });
    const entry = numberOf(created.body, 'DocEntry');
    world.clock.advance(600_000);
    const stock = world.office.item(pair.itemCode);
    world.office.deliverOrder(entry, { 0: 1 });
    expect(world.office.order(entry)).toMatchObject({
      DocumentStatus: 'bost_Open',
      UpdateTime: '12:00:00',
      DataVersion: 2,
    });
    const delivery = world.office.deliverOrder(entry);
    expect(world.office.order(entry)).toMatchObject({ DocumentStatus: 'bost_Close' });
    const after = world.office.item(pair.itemCode);
    expect(numberOf(stock, 'QuantityOnStock') - numberOf(after, 'QuantityOnStock')).toBe(4);
    expect(numberOf(stock, 'QuantityOrderedByCustomers') - numberOf(after, 'QuantityOrderedByCustomers')).toBe(4);
    const invoice = world.office.invoiceDelivery(numberOf(delivery, 'DocEntry'));
    expect(numberOf(invoice, 'DocTotal')).toBe(178.5);
    expect(numberOf(world.office.partner(pair.cardCode), 'CurrentAccountBalance')).toBeCloseTo(
      numberOf(start, 'CurrentAccountBalance') + 178.5,
      2,
    );
    world.office.payInvoice(numberOf(invoice, 'DocEntry'));
    const paid = world.office.invoices().find((row) => row['DocEntry'] === invoice['DocEntry']) ?? {};
    expect(paid).toMatchObject({
      PaidToDate: 178.5,
      DocumentStatus: 'bost_Close',
      UpdateTime: invoice['UpdateTime'] ?? '',
    });
    const end = world.office.partner(pair.cardCode);
    expect(numberOf(end, 'CurrentAccountBalance')).toBe(numberOf(start, 'CurrentAccountBalance'));
    expect(numberOf(end, 'OpenDeliveryNotesBalance')).toBeCloseTo(
      numberOf(start, 'OpenDeliveryNotesBalance') + 59.5,
      2,
    );
    expect(end['UpdateDate']).toBe(start['UpdateDate']);
  });

  it('cancels and closes as SAP does, and never twice', async () => {
    const open = numberOf(world.office.partner(pair.cardCode), 'OpenOrdersBalance');
    const made = await world.v2.call('POST', 'Orders', { body: order() });
    const entry = numberOf(made.body, 'DocEntry');
    expect((await world.v2.call('POST', `Orders(${entry})/Cancel`)).status).toBe(204);
    expect(world.office.order(entry)).toMatchObject({
      Cancelled: 'tYES',
      CancelStatus: 'csYes',
      DocumentStatus: 'bost_Close',
    });
    expect(numberOf(world.office.partner(pair.cardCode), 'OpenOrdersBalance')).toBe(open);
    expect(errorOf(await world.v2.call('POST', `Orders(${entry})/Cancel`)).code).toBe('-5006');
    const second = numberOf((await world.v2.call('POST', 'Orders', { body: order() })).body, 'DocEntry');
    expect((await world.v2.call('POST', `Orders(${second})/Close`)).status).toBe(204);
    expect((await world.v2.call('POST', `Orders(${second})/Reopen`)).status).toBe(204);
    expect(world.office.order(second)).toMatchObject({ DocumentStatus: 'bost_Open' });
    expect(errorOf(await world.v2.call('DELETE', `Orders(${second})`))).toEqual({
      code: '-5006',
      message: 'The requested action is not supported for this object.',
    });
  });

  it.each([
    ['an unknown customer', { CardCode: 'NOBODY' }, '-5002'],
    ['a missing due date', { DocDueDate: undefined }, '-10'],
    ['a due date before today', { DocDueDate: '2026-03-01' }, '-10'],
    ['no lines', { DocumentLines: [] }, '-5002'],
    ['a quantity of zero', { DocumentLines: [{ ItemCode: 'MONTAGE', Quantity: 0 }] }, '-5002'],
    ['an unknown item', { DocumentLines: [{ ItemCode: 'NOTHING', Quantity: 1 }] }, '-2028'],
    ['a discount of 100 %', { DocumentLines: [{ ItemCode: 'MONTAGE', Quantity: 1, DiscountPercent: 100 }] }, '-5002'],
    [
      'a price that contradicts itself',
      { DocumentLines: [{ ItemCode: 'MONTAGE', Quantity: 2, UnitPrice: 10, LineTotal: 25 }] },
      '-5002',
    ],
    ['a base line without its type', { DocumentLines: [{ BaseEntry: 1, BaseLine: 0 }] }, '-5002'],
    [
      'an unknown profit center',
      { DocumentLines: [{ ItemCode: 'MONTAGE', Quantity: 1, CostingCode: 'TISCH' }] },
      '-5002',
    ],
    ['unknown payment terms', { PaymentGroupCode: 99 }, '-2028'],
    ['a currency without a rate for the day', { CardCode: undefined, DocCurrency: 'GBP' }, '-10'],
    ['an unknown property', { Customer: 'x' }, '-1000'],
    ['a user field nobody made', { U_PD_Missing: 'x' }, '-1000'],
    ['a value that is no enum member', { DocType: 'order' }, '-1004'],
    ['text where a number belongs', { DocumentLines: [{ ItemCode: 'MONTAGE', Quantity: 'two' }] }, '-1004'],
  ])('refuses %s and posts nothing', async (_what, more, code) => {
    const before = world.office.orders().length;
    const anyCurrency = world.office
      .rows('BusinessPartners')
      .find((row) => row['Currency'] === '##' && row['CardType'] === 'cCustomer' && row['Frozen'] === 'tNO');
    if (anyCurrency === undefined) world.office.changePartner(pair.cardCode, {});
    const fallback =
      anyCurrency ?? world.office.createPartner({ CardCode: `ANY${before}`, CardType: 'cCustomer', Currency: '##' });
    const body: Record<string, unknown> = { ...order(), ...more };
    if (body['CardCode'] === undefined) body['CardCode'] = textOf(fallback, 'CardCode');
    const answer = await world.v2.call('POST', 'Orders', { body });
    expect(errorOf(answer).code).toBe(code);
    expect(world.office.orders()).toHaveLength(before);
  });

  it('refuses leads, suppliers, frozen customers and inactive items with the codes SAP uses', async () => {
    const rows = world.office.rows('BusinessPartners');
    const codeOf = (type: string) => textOf(rows.find((row) => row['CardType'] === type) ?? {}, 'CardCode');
    for (const cardCode of [codeOf('cLid'), codeOf('cSupplier')]) {
      expect(errorOf(await world.v2.call('POST', 'Orders', { body: order({ CardCode: cardCode }) })).code).toBe(
        '-5002',
      );
    }
    expect((await world.v2.call('POST', 'Quotations', { body: order({ CardCode: codeOf('cLid') }) })).status).toBe(201);
    world.office.createPartner({ CardCode: 'COLD', CardType: 'cCustomer' });
    world.office.freezePartner('COLD');
    const frozen = errorOf(await world.v2.call('POST', 'Orders', { body: order({ CardCode: 'COLD' }) }));
    expect(frozen).toMatchObject({ code: '-10', message: expect.stringContaining('10001071') });
    world.office.changeItem(pair.itemCode, { Frozen: 'tYES', Valid: 'tNO' });
    const inactive = errorOf(await world.v2.call('POST', 'Orders', { body: order() }));
    expect(inactive).toMatchObject({ code: '-10', message: expect.stringContaining('[RDR1.ItemCode][line: 1]') });
    world.office.changeItem(pair.itemCode, { Frozen: 'tNO', Valid: 'tYES' });
  });

  it('copies a quotation into an order and closes it', async () => {
    const quote = await world.v2.call('POST', 'Quotations', { body: order() });
    const entry = numberOf(quote.body, 'DocEntry');
    const made = await world.v2.call('POST', 'Orders', {
      body: order({ DocumentLines: [{ BaseType: 23, BaseEntry: entry, BaseLine: 0 }] }),
    });
    expect(made.status).toBe(201);
    expect(recordsOf(made.body, 'DocumentLines')[0]).toMatchObject({
      ItemCode: pair.itemCode,
      Quantity: 3,
      BaseType: 23,
      BaseEntry: entry,
    });
    expect((await world.v2.call('GET', `Quotations(${entry})?$select=DocumentStatus`)).body['DocumentStatus']).toBe(
      'bost_Close',
    );
    const again = await world.v2.call('POST', 'Orders', {
      body: order({ DocumentLines: [{ BaseType: 23, BaseEntry: entry, BaseLine: 0 }] }),
    });
    expect(errorOf(again).code).toBe('-5002');
  });

  it('posts in foreign currency at the rate of the day', async () => {
    const swiss = world.office.createPartner({
      CardCode: 'SWISS',
      CardType: 'cCustomer',
      Currency: 'CHF',
      VatGroup: 'A0',
    });
    world.office.setRate('CHF', '2026-03-10', 1.05);
    const answer = await world.v2.call('POST', 'Orders', {
      body: order({
        CardCode: textOf(swiss, 'CardCode'),
        DocumentLines: [{ ItemCode: pair.itemCode, Quantity: 2, UnitPrice: 100 }],
      }),
    });
    expect(answer.body).toMatchObject({ DocCurrency: 'CHF', DocRate: 1.05, DocTotal: 210, DocTotalFc: 200 });
  });
});
