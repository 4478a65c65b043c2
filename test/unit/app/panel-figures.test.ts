import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grossOfDeal } from '../../../server/app/panel/deal-gross.ts';
import {
  assess,
  MOST_LINES,
  netUnitPrice,
  viewBalance,
  viewCredit,
  viewCustomer,
  viewLines,
} from '../../../server/app/panel/figures.ts';
import type { CrmDeal, CrmDealLine } from '../../../server/app/ports/crm.ts';
import type { ErpCustomerView, ErpDocumentsView, ErpItemQuote } from '../../../server/app/ports/erp.ts';
import { DEFAULT_SETTINGS } from '../../../server/app/ports/settings-store.ts';
import { add, compare } from '../../../server/kernel/money.ts';
import { aHandoff } from './a-handoff.ts';

const TODAY = '2026-03-02';
const aLine = (values: Partial<CrmDealLine> = {}): CrmDealLine => ({
  id: 1,
  productId: 10,
  name: 'Desk',
  quantity: '2',
  unitPrice: '100',
  discount: '0',
  discountType: 'percentage',
  taxPercent: '19',
  taxMethod: 'exclusive',
  enabled: true,
  billingFrequency: 'one-time',
  sum: '200',
  ...values,
});
const aDeal = (values: Partial<CrmDeal> = {}): CrmDeal => ({
  id: 7,
  title: 'Office',
  status: 'open',
  isDeleted: false,
  isArchived: false,
  wonAt: null,
  organizationId: 1,
  personId: null,
  ownerId: 1,
  currency: 'EUR',
  value: '200',
  expectedCloseDate: null,
  updateTime: '2026-03-02T09:00:00Z',
  customFields: {},
  ...values,
});
const aCustomer = (credit: Partial<ErpCustomerView['partner']['credit']> = {}): ErpCustomerView => ({
  partner: {
    cardCode: 'C1',
    name: 'Meyer',
    type: 'customer',
    active: true,
    groupCode: 1,
    vatNumber: null,
    address: { street: null, postalCode: null, city: null, country: null },
    currency: 'EUR',
    priceList: 1,
    paymentTerms: 1,
    contacts: [],
    credit: { limit: '1000', balance: '400', openOrders: '100', openDeliveries: '50', headOffice: null, ...credit },
    updated: null,
  },
  headOffice: null,
  groupName: 'Trade',
  pricesHoldTax: false,
  priceListName: 'List 1',
  paymentTermsName: '30 days',
  localCurrency: 'EUR',
});
const invoice = (dueDate: string, open: string, docNum = 1) => ({
  docEntry: docNum,
  docNum,
  date: '2026-01-01',
  dueDate,
  open,
  total: open,
});
const documents = (...openInvoices: ErpDocumentsView['openInvoices']): ErpDocumentsView => ({
  openInvoices,
  orders: [],
});

describe('what a deal adds to the exposure', () => {
  it('is its gross value, enabled lines alone, with their tax and discount', () => {
    const lines = [
      aLine(),
      aLine({ id: 2, discount: '10', taxMethod: 'inclusive', unitPrice: '119', quantity: '1' }),
      aLine({ id: 3, discountType: 'amount', discount: '50', taxMethod: 'none', taxPercent: '0' }),
      aLine({ id: 4, enabled: false, unitPrice: '9999' }),
    ];
    // 2 x 100 + 19 %, 119 less 10 % with its tax in it, 2 x 100 less 50 untaxed
    expect(grossOfDeal(aDeal(), lines, [], 'EUR', null).amount).toBe(
      add('238', '107.1', '150').replace(/(\.\d)$/, '$10'),
    );
  });

  it('is nothing once the order is in SAP, so that it is not counted twice', () => {
    const inSap = { docEntry: 5, docNum: 1042 };
    for (const state of ['posted', 'written_back'] as const) {
      const handoffs = [aHandoff({ state, ...inSap, document: 'order' })];
      expect(grossOfDeal(aDeal(), [aLine()], handoffs, 'EUR', null).amount).toBe('0');
      expect(grossOfDeal(aDeal(), [aLine()], handoffs, 'EUR', '238').amount).toBe('0');
    }
    for (const state of ['pending', 'posting', 'unconfirmed', 'needs_attention', 'cancelled'] as const) {
      expect(grossOfDeal(aDeal(), [aLine()], [aHandoff({ state })], 'EUR', null).amount).toBe('238.00');
    }
  });

  it('counts again once its order was cancelled in SAP', () => {
    const sent = aHandoff({ state: 'written_back', docEntry: 5, docNum: 1042, document: 'order' });
    const order = {
      docEntry: 5,
      docNum: 1042,
      document: 'order',
      cardCode: 'C1',
      status: 'cancelled',
      date: TODAY,
      total: '238',
      currency: 'EUR',
      key: sent.key,
      lines: [],
    } as const;
    const gross = (orders: ErpDocumentsView['orders']) => grossOfDeal(aDeal(), [aLine()], [sent], 'EUR', null, orders);
    expect(gross([order])).toEqual({ amount: '238.00', note: null });
    expect(gross([{ ...order, status: 'closed' }]).amount).toBe('0');
    expect(gross([{ ...order, key: 'PD8-another' }]).amount).toBe('0');
  });

  it('still counts while its draft waits for approval: SAP counts no draft', () => {
    const draft = aHandoff({ state: 'written_back', docEntry: 5, docNum: 1042, document: 'draft' });
    expect(grossOfDeal(aDeal(), [aLine()], [draft], 'EUR', null).amount).toBe('238.00');
  });

  it('is left out, in words, where the deal is in another currency', () => {
    const gross = grossOfDeal(aDeal({ currency: 'USD' }), [aLine()], [], 'EUR', null);
    expect(gross.amount).toBeNull();
    expect(gross.note).toContain('USD');
  });

  it('is what SAP itself says of the order, where it was asked', () => {
    expect(grossOfDeal(aDeal({ currency: 'USD' }), [aLine()], [], 'EUR', '211.50')).toEqual({
      amount: '211.50',
      note: null,
    });
  });

  it('says that tax is missing where lines have none', () => {
    expect(grossOfDeal(aDeal(), [aLine({ taxMethod: 'none' })], [], 'EUR', null).note).toContain('tax');
    expect(grossOfDeal(aDeal(), [aLine()], [], 'EUR', null).note).toBeNull();
    expect(grossOfDeal(aDeal(), [], [], 'EUR', null)).toEqual({ amount: '0.00', note: null });
  });
});

describe('the credit section', () => {
  const view = (
    customer: ErpCustomerView,
    gross: { amount: string | null; note: string | null } | null,
    settings = DEFAULT_SETTINGS,
  ) => {
    const assessment = assess(customer, documents(), gross ?? { amount: '0', note: null }, settings, TODAY);
    return viewCredit(customer, assessment, gross, settings);
  };

  it('what is shown adds up: limit less balance less open orders less this deal is the headroom', () => {
    const cents = fc.integer({ min: 0, max: 1e8 }).map((value) => (value / 100).toFixed(2));
    fc.assert(
      fc.property(
        cents,
        cents,
        cents,
        cents,
        cents,
        fc.boolean(),
        (balance, openOrders, openDeliveries, limit, deal, count) => {
          const settings = { ...DEFAULT_SETTINGS, credit: { ...DEFAULT_SETTINGS.credit, countOpenOrders: count } };
          const shown = view(
            aCustomer({ limit, balance, openOrders, openDeliveries }),
            { amount: deal, note: null },
            settings,
          );
          if (!shown.limit || !shown.headroom) {
            expect(compare(limit, '0')).toBe(0);
            return;
          }
          const parts = add(
            shown.headroom.amount,
            shown.balance.amount,
            shown.openOrders.amount,
            shown.thisDeal?.amount ?? '0',
          );
          expect(compare(parts, shown.limit.amount)).toBe(0);
        },
      ),
    );
  });

  it('has no limit and no headroom where SAP has none', () => {
    expect(view(aCustomer({ limit: '0' }), null)).toMatchObject({
      limit: null,
      headroom: null,
      status: 'no_limit',
      thisDeal: null,
    });
  });

  it('shows a deal that is in SAP as nothing more to add', () => {
    expect(view(aCustomer(), { amount: '0', note: 'in SAP' })).toMatchObject({
      thisDeal: { amount: '0', currency: 'EUR' },
      headroom: { amount: '450' },
      note: 'in SAP',
    });
  });

  it('shows a deal in another currency as not counted', () => {
    expect(view(aCustomer(), { amount: null, note: 'in USD' })).toMatchObject({
      thisDeal: null,
      headroom: { amount: '450' },
    });
  });

  it('is the head office’s where there is one', () => {
    const credit = { limit: '500', balance: '450', openOrders: '0', openDeliveries: '0', headOffice: null };
    const branch = { ...aCustomer({ limit: '0', balance: '0' }), headOffice: { cardCode: 'C9', credit } };
    const shown = view(branch, { amount: '100', note: 'This deal has no tax.' });
    expect(shown).toMatchObject({ status: 'over_limit', limit: { amount: '500' }, headroom: { amount: '-50' } });
    expect(shown.balance.amount).toBe('450');
    expect(shown.note).toContain('head office C9');
    expect(shown.note).toContain('This deal has no tax.');
    expect(viewBalance(branch, documents(), TODAY).balance.amount).toBe('0');
  });

  it('credit notes and payments do not put a customer on hold', () => {
    const assessment = assess(
      aCustomer(),
      documents(invoice('2025-01-01', '-500'), invoice('2026-03-01', '10')),
      { amount: '0', note: null },
      DEFAULT_SETTINGS,
      TODAY,
    );
    expect(assessment).toMatchObject({ status: 'within_limit', daysOverdue: 1 });
  });
});

describe('the balance section', () => {
  it('adds up to the balance and shows the oldest invoices', () => {
    const many = Array.from({ length: 25 }, (_, index) => invoice('2026-02-01', '10', index + 1));
    const shown = viewBalance(aCustomer(), documents(...many), TODAY);
    expect(shown.invoices).toHaveLength(20);
    expect(shown.openInvoices).toEqual({ count: 25, sum: { amount: '250', currency: 'EUR' } });
    expect(shown.otherEntries.amount).toBe('150');
    expect(shown.invoices[0]?.daysOverdue).toBe(29);
  });
});

describe('the lines section', () => {
  const codes = new Map([[10, 'T-100']]);
  const quote = (values: Partial<ErpItemQuote> = {}): ErpItemQuote => ({
    itemCode: 'T-100',
    price: { price: '90', currency: 'EUR', assumed: false },
    stock: {
      itemCode: 'T-100',
      name: 'Desk',
      active: true,
      stocked: true,
      stockUnitsPerSalesUnit: '1',
      warehouses: [
        { code: '01', name: 'Hamburg', onHand: '5', committed: '4', ordered: '100' },
        { code: '02', name: 'Leipzig', onHand: '2', committed: '3', ordered: '0' },
      ],
    },
    problem: null,
    ...values,
  });
  const one = (line: CrmDealLine, ...quotes: ErpItemQuote[]) => {
    const [shown] = viewLines([line], codes, quotes, 'EUR').lines;
    if (!shown) throw new Error('There is no line.');
    return shown;
  };

  it('what is available is on hand less committed; what is still to arrive does not count', () => {
    expect(one(aLine({ quantity: '1' }), quote())).toMatchObject({ available: '0', availability: 'none' });
    expect(one(aLine(), quote()).warehouses).toEqual([
      { code: '01', name: 'Hamburg', available: '1' },
      { code: '02', name: 'Leipzig', available: '-1' },
    ]);
  });

  it('compares no net price with one that may hold tax', () => {
    const seen = viewLines([aLine()], codes, [quote()], 'EUR', [], true).lines[0];
    expect(seen).toMatchObject({ comparison: null, differencePercent: null, sapPrice: { amount: '90' } });
    expect(seen?.problem).toContain('with tax');
    expect(viewLines([aLine()], codes, [quote({ price: null })], 'EUR', [], true).lines[0]?.problem).toBeNull();
  });

  it('compares nothing where SAP does not tell whether prices hold tax', () => {
    const seen = viewLines([aLine()], codes, [quote()], 'EUR', [], null).lines[0];
    expect(seen).toMatchObject({ comparison: null, differencePercent: null, sapPrice: { amount: '90' } });
    expect(seen?.problem).toContain('does not tell');
  });

  it('each of two lines of one item has the price of its own quantity', () => {
    const dear = quote({ price: { price: '100', currency: 'EUR', assumed: false } });
    const cheap = quote({ price: { price: '80', currency: 'EUR', assumed: false } });
    const other = quote({ itemCode: 'OTHER' });
    const lines = [aLine({ quantity: '1' }), aLine({ id: 2, productId: 11 }), aLine({ id: 3, quantity: '100' })];
    const both = new Map([...codes, [11, 'OTHER']]);
    const shown = viewLines(lines, both, [dear, other, cheap], 'EUR').lines;
    expect(shown.map(({ sapPrice }) => sapPrice?.amount)).toEqual(['100', '90', '80']);
    expect(shown.map(({ comparison }) => comparison)).toEqual(['same', 'higher', 'higher']);
  });

  it('counts stock in the units that lines are counted in', () => {
    const boxes = (perBox: string, onHand: string) => {
      const { stock } = quote();
      const here = { code: '01', name: 'Hamburg', onHand, committed: '0', ordered: '0' };
      return quote({ stock: stock && { ...stock, stockUnitsPerSalesUnit: perBox, warehouses: [here] } });
    };
    const line = aLine({ quantity: '5' });
    expect(one(line, boxes('6', '29'))).toMatchObject({ availability: 'part', available: '4.833' });
    expect(one(line, boxes('6', '30'))).toMatchObject({ availability: 'in_stock', available: '5' });
    expect(one(line, boxes('0.333333', '2'))).toMatchObject({ availability: 'in_stock', available: '6' });
    expect(one(line, boxes('6', '30')).warehouses).toEqual([{ code: '01', name: 'Hamburg', available: '5' }]);
  });

  it('compares the net price with SAP’s own', () => {
    expect(one(aLine(), quote())).toMatchObject({ comparison: 'higher', differencePercent: 11 });
    expect(one(aLine({ discount: '10' }), quote())).toMatchObject({ comparison: 'same', differencePercent: 0 });
    expect(one(aLine({ discount: '50' }), quote())).toMatchObject({ comparison: 'lower', differencePercent: -44 });
    expect(one(aLine(), quote({ price: { price: '90', currency: 'USD', assumed: false } }))).toMatchObject({
      comparison: null,
    });
    const assumed = quote({ price: { price: '90', currency: 'EUR', assumed: true } });
    expect(one(aLine(), assumed)).toMatchObject({ comparison: null, sapPrice: { amount: '90' } });
    expect(one(aLine(), quote({ price: { price: '0', currency: 'EUR', assumed: false } }))).toMatchObject({
      comparison: 'higher',
      differencePercent: null,
    });
  });

  it('an item that SAP could not answer keeps its own problem, and its stock unknown', () => {
    const failed = quote({ price: null, stock: null, problem: 'No exchange rate' });
    expect(one(aLine(), failed)).toMatchObject({
      sapPrice: null,
      available: null,
      availability: 'unknown',
      problem: 'No exchange rate',
    });
  });

  it('5.9.16 two lines of one item share what there is, in their order; a line that is off takes nothing', () => {
    const eight = quote({
      stock: {
        itemCode: 'T-100',
        name: 'Desk',
        active: true,
        stocked: true,
        stockUnitsPerSalesUnit: '1',
        warehouses: [{ code: '01', name: 'Hamburg', onHand: '8', committed: '0', ordered: '0' }],
      },
    });
    const lines = [
      aLine({ id: 1, quantity: '5' }),
      aLine({ id: 2, quantity: '5', enabled: false }),
      aLine({ id: 3, quantity: '5' }),
    ];
    const shown = viewLines(lines, codes, [eight], 'EUR').lines;
    expect(shown.map(({ available, availability }) => [available, availability])).toEqual([
      ['8', 'in_stock'],
      ['3', 'part'],
      ['3', 'part'],
    ]);
    const own = { itemCode: 'T-100', warehouse: '01', quantity: '10' };
    const sent = viewLines(lines, codes, [eight], 'EUR', [own]).lines;
    expect(sent.map(({ availability }) => availability)).toEqual(['in_stock', 'in_stock', 'in_stock']);
    expect(sent.map(({ warehouses }) => warehouses[0]?.available)).toEqual(['18', '18', '18']);
  });

  it('what the deal’s own order keeps back is there for it, in the warehouse it is kept in', () => {
    const own = [
      { itemCode: 'T-100', warehouse: '02', quantity: '3' },
      { itemCode: 'OTHER', warehouse: '01', quantity: '9' },
    ];
    const [shown] = viewLines([aLine()], codes, [quote()], 'EUR', own).lines;
    expect(shown?.warehouses.map(({ available }) => available)).toEqual(['1', '2']);
    expect(shown?.available).toBe('3');
  });

  it('what the deal’s own order keeps back where nothing is sold from is no stock', () => {
    const own = [{ itemCode: 'T-100', warehouse: 'DROP', quantity: '10' }];
    const [shown] = viewLines([aLine()], codes, [quote()], 'EUR', own).lines;
    expect(shown).toMatchObject({ available: '0', availability: 'none' });
  });

  it('what is not kept in stock cannot be short', () => {
    const freight = quote({
      stock: {
        itemCode: 'T-100',
        name: 'Freight',
        active: true,
        stocked: false,
        stockUnitsPerSalesUnit: '1',
        warehouses: [],
      },
    });
    expect(one(aLine(), freight)).toMatchObject({ availability: 'in_stock', available: null, warehouses: [] });
  });

  it('a product without item says so', () => {
    expect(one(aLine({ productId: 99 }), quote())).toMatchObject({ itemCode: null, availability: 'unknown' });
    expect(one(aLine({ productId: 99 })).problem).toContain('no item in SAP');
  });

  it('shows twenty lines and counts the rest', () => {
    const lines = Array.from({ length: 23 }, (_, id) => aLine({ id }));
    const view = viewLines(lines, codes, [], 'EUR');
    expect(view.lines).toHaveLength(MOST_LINES);
    expect(view.notShown).toBe(3);
  });

  it('a net price is what one piece costs', () => {
    expect(netUnitPrice(aLine({ discountType: 'amount', discount: '50' }))).toBe('75');
    expect(netUnitPrice(aLine({ taxMethod: 'inclusive', unitPrice: '119' }))).toBe('100');
    expect(netUnitPrice(aLine({ discountType: 'amount', discount: '5', quantity: '0' }))).toBeNull();
  });
});

describe('viewCustomer', () => {
  it('speaks of what people know', () => {
    expect(viewCustomer(aCustomer())).toEqual({
      cardCode: 'C1',
      name: 'Meyer',
      type: 'customer',
      active: true,
      segment: 'Trade',
      priceList: 'List 1',
      paymentTerms: '30 days',
    });
  });
});
