import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CustomerForOrder,
  type DealForOrder,
  type DealLineForOrder,
  draftOrder,
} from '../../../server/domain/order-draft.ts';

const TODAY = '2026-03-02';
const CUSTOMER: CustomerForOrder = { cardCode: 'C20000', type: 'customer', active: true };
const ITEM = { itemCode: 'T-100', known: true, sales: true, active: true };
const line = (values: Partial<DealLineForOrder> = {}): DealLineForOrder => ({
  lineId: 1,
  name: 'Desk',
  quantity: '2',
  unitPrice: '100',
  discount: '0',
  discountType: 'percentage',
  taxPercent: '0',
  taxMethod: 'exclusive',
  enabled: true,
  billingFrequency: 'one-time',
  item: ITEM,
  ...values,
});
const deal = (values: Partial<DealForOrder> = {}): DealForOrder => ({
  dealId: 7,
  title: 'New office',
  currency: 'EUR',
  expectedCloseDate: null,
  organization: { id: 1, name: 'Meyer' },
  lines: [line()],
  unreadable: [],
  ...values,
});
const codes = (given: DealForOrder, customer: CustomerForOrder | null = CUSTOMER) => {
  const result = draftOrder(given, customer, TODAY);
  return result.ok ? [] : result.problems.map(({ code }) => code);
};
const drafted = (given: DealForOrder) => {
  const result = draftOrder(given, CUSTOMER, TODAY);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join(' '));
  return result.draft;
};

describe('draftOrder', () => {
  it('makes the order of the deal, in its currency and without tax', () => {
    expect(drafted(deal())).toEqual({
      cardCode: 'C20000',
      documentDate: TODAY,
      dueDate: '2026-03-16',
      currency: 'EUR',
      comments: 'Pipedrive deal 7: New office',
      lines: [{ lineId: 1, itemCode: 'T-100', quantity: '2', unitPrice: '100', discountPercent: '0' }],
    });
  });

  it.each([
    ['2026-04-01', '2026-04-01'],
    ['2026-03-02', '2026-03-02'],
    ['2025-01-01', TODAY],
    [null, '2026-03-16'],
  ])('an expected close date of %s is due on %s', (expectedCloseDate, dueDate) => {
    expect(drafted(deal({ expectedCloseDate })).dueDate).toBe(dueDate);
  });

  it('leaves disabled lines out, whatever is wrong with them', () => {
    const off = line({ lineId: 2, enabled: false, item: null, quantity: '0', billingFrequency: 'monthly' });
    expect(drafted(deal({ lines: [line(), off] })).lines).toHaveLength(1);
    expect(codes(deal({ lines: [off] }))).toEqual(['no_lines']);
  });

  it.each([
    ['no organization', deal({ organization: null }), null, ['no_organization']],
    ['no SAP code', deal(), null, ['not_linked']],
    ['a lead', deal(), { ...CUSTOMER, type: 'lead' as const }, ['not_a_customer']],
    ['a supplier', deal(), { ...CUSTOMER, type: 'supplier' as const }, ['not_a_customer']],
    ['a deactivated customer', deal(), { ...CUSTOMER, active: false }, ['customer_inactive']],
    ['no lines', deal({ lines: [] }), CUSTOMER, ['no_lines']],
    ['a line without item', deal({ lines: [line({ item: null })] }), CUSTOMER, ['no_item']],
    ['an unknown item', deal({ lines: [line({ item: { ...ITEM, known: false } })] }), CUSTOMER, ['unknown_item']],
    ['a deactivated item', deal({ lines: [line({ item: { ...ITEM, active: false } })] }), CUSTOMER, ['item_inactive']],
    [
      'an item not for sale',
      deal({ lines: [line({ item: { ...ITEM, sales: false } })] }),
      CUSTOMER,
      ['item_not_for_sale'],
    ],
    ['a recurring line', deal({ lines: [line({ billingFrequency: 'monthly' })] }), CUSTOMER, ['recurring']],
    ['quantity 0', deal({ lines: [line({ quantity: '0' })] }), CUSTOMER, ['quantity']],
    ['a negative quantity', deal({ lines: [line({ quantity: '-1' })] }), CUSTOMER, ['quantity']],
    ['a negative price', deal({ lines: [line({ unitPrice: '-5' })] }), CUSTOMER, ['price_negative']],
    ['a discount of 100 %', deal({ lines: [line({ discount: '100' })] }), CUSTOMER, ['discount_too_high']],
    ['a negative discount', deal({ lines: [line({ discount: '-5' })] }), CUSTOMER, ['discount_negative']],
  ])('refuses %s, with the reason', (_what, given, customer, expected) => {
    expect(codes(given, customer)).toEqual(expected);
  });

  it('says everything that is wrong at once, and where', () => {
    const bad = deal({
      lines: [
        line({ item: null, billingFrequency: 'annually' }),
        line({ lineId: 2, quantity: '0', item: { ...ITEM, known: false } }),
      ],
    });
    const result = draftOrder(bad, { ...CUSTOMER, type: 'lead', active: false }, TODAY);
    expect(result.ok).toBe(false);
    const problems = result.ok ? [] : result.problems;
    expect(problems.map(({ code, at }) => `${code}${at ? ` ${at}` : ''}`).sort()).toEqual([
      'customer_inactive',
      'no_item line:1',
      'not_a_customer',
      'quantity line:2',
      'recurring line:1',
      'unknown_item line:2',
    ]);
    for (const { message } of problems) expect(message).toMatch(/\.$/);
  });

  it('takes tax out of a price exactly, or refuses', () => {
    const inclusive = (unitPrice: string, taxPercent: string) =>
      deal({ lines: [line({ unitPrice, taxPercent, taxMethod: 'inclusive' })] });
    expect(drafted(inclusive('119', '19')).lines[0]?.unitPrice).toBe('100');
    expect(codes(inclusive('100', '19'))).toEqual(['price_not_exact']);
    expect(drafted(inclusive('100', '0')).lines[0]?.unitPrice).toBe('100');
  });

  it('an amount discount becomes the percentage that gives the same amount back', () => {
    const amount = (values: Partial<DealLineForOrder>) =>
      deal({ lines: [line({ discountType: 'amount', ...values })] });
    expect(drafted(amount({ discount: '20' })).lines[0]?.discountPercent).toBe('10');
    expect(drafted(amount({ discount: '10', quantity: '3', unitPrice: '9.99' })).lines[0]?.discountPercent).toBe(
      '33.3667',
    );
    expect(codes(amount({ discount: '200' }))).toEqual(['discount_too_high']);
    expect(codes(amount({ discount: '5', unitPrice: '0' }))).toEqual(['discount_not_exact']);
  });

  it('keeps the comment within what SAP takes', () => {
    expect(drafted(deal({ title: 'x'.repeat(400) })).comments).toHaveLength(254);
  });

  it('the net value of every drafted line is the deal’s, to the cent, or the line is refused', () => {
    const cents = (min: number, max: number) => fc.integer({ min, max }).map((value) => (value / 100).toFixed(2));
    const lines = fc.record({
      quantity: fc.integer({ min: 1, max: 5_000 }).map(String),
      unitPrice: cents(1, 1_000_000),
      discount: cents(0, 9_000),
      discountType: fc.constantFrom('percentage' as const, 'amount' as const),
      taxPercent: fc.constantFrom('0', '7', '19', '20'),
      taxMethod: fc.constantFrom('exclusive' as const, 'inclusive' as const, 'none' as const),
    });
    fc.assert(
      fc.property(lines, (values) => {
        const result = draftOrder(deal({ lines: [line(values)] }), CUSTOMER, TODAY);
        if (!result.ok) return;
        const [made] = result.draft.lines;
        if (!made) throw new Error('A line is missing.');
        const factor = values.taxMethod === 'inclusive' ? new Big(values.taxPercent).div(100).plus(1) : new Big(1);
        const gross = new Big(values.unitPrice).times(values.quantity);
        const off =
          values.discountType === 'percentage' ? gross.times(values.discount).div(100) : new Big(values.discount);
        const expected = gross.minus(off).div(factor);
        const posted = new Big(made.unitPrice)
          .times(made.quantity)
          .times(new Big(100).minus(made.discountPercent))
          .div(100);
        expect(posted.minus(expected).abs().lt('0.01')).toBe(true);
        expect(posted.round(2, Big.roundHalfUp).toFixed(2)).toBe(expected.round(2, Big.roundHalfUp).toFixed(2));
      }),
      { numRuns: 500 },
    );
  });
});
