import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageingOf } from '../../../server/domain/ageing.ts';
import { assessCredit, type CreditFigures } from '../../../server/domain/credit.ts';
import { exactRatio } from '../../../server/domain/exact-ratio.ts';
import { addDays } from '../../../server/kernel/local-date.ts';
import { add, compare, multiply } from '../../../server/kernel/money.ts';

const TODAY = '2026-03-02';
const cents = (min: number, max: number) => fc.integer({ min, max }).map((value) => (value / 100).toFixed(2));
const RULES = { countOpenOrders: true, holdAfterDaysOverdue: 30 };
const figures = (values: Partial<CreditFigures> = {}): CreditFigures => ({
  limit: '1000',
  balance: '0',
  openOrders: '0',
  openDeliveries: '0',
  oldestDueDate: null,
  ...values,
});

describe('ageingOf', () => {
  it('adds up to the balance, whatever is open', () => {
    const invoice = fc.record({
      dueDate: fc.integer({ min: -200, max: 60 }).map((days) => addDays(TODAY, days)),
      open: cents(-500_000, 5_000_000),
    });
    fc.assert(
      fc.property(cents(-1e8, 1e8), fc.array(invoice, { maxLength: 40 }), (balance, open) => {
        const ageing = ageingOf(balance, open, TODAY);
        const { notDue, days1To30, days31To60, daysOver60, openSum, otherEntries } = ageing;
        expect(compare(add(notDue, days1To30, days31To60, daysOver60), openSum)).toBe(0);
        expect(compare(add(openSum, otherEntries), balance)).toBe(0);
      }),
    );
  });

  it.each([
    [0, 'notDue'],
    [5, 'notDue'],
    [-1, 'days1To30'],
    [-30, 'days1To30'],
    [-31, 'days31To60'],
    [-60, 'days31To60'],
    [-61, 'daysOver60'],
  ] as const)('an invoice due in %i days counts as %s', (days, bucket) => {
    const ageing = ageingOf('10', [{ dueDate: addDays(TODAY, days), open: '10' }], TODAY);
    expect(ageing[bucket]).toBe('10');
    expect(ageing.otherEntries).toBe('0');
  });

  it('is exact where floats are not', () => {
    const open = [
      { dueDate: TODAY, open: '0.1' },
      { dueDate: TODAY, open: '0.2' },
    ];
    expect(ageingOf('0.3', open, TODAY)).toMatchObject({ openSum: '0.3', otherEntries: '0' });
  });
});

describe('assessCredit', () => {
  it('headroom is the limit less exposure and what the deal adds', () => {
    const given = figures({ balance: '400', openOrders: '150', openDeliveries: '50' });
    expect(assessCredit(given, '100', RULES, TODAY)).toEqual({
      status: 'within_limit',
      exposure: '600',
      headroom: '300',
      daysOverdue: 0,
    });
  });

  it('leaves open orders out where the company does not count them', () => {
    const given = figures({ balance: '400', openOrders: '700' });
    expect(assessCredit(given, '0', RULES, TODAY).status).toBe('over_limit');
    expect(assessCredit(given, '0', { ...RULES, countOpenOrders: false }, TODAY)).toMatchObject({
      status: 'within_limit',
      headroom: '600',
    });
  });

  it('a limit of 0 is none', () => {
    expect(assessCredit(figures({ limit: '0.00', balance: '9999' }), '1', RULES, TODAY)).toMatchObject({
      status: 'no_limit',
      headroom: null,
    });
  });

  it('to the cent on the limit is within it', () => {
    expect(assessCredit(figures({ balance: '1000' }), '0', RULES, TODAY).status).toBe('within_limit');
    expect(assessCredit(figures({ balance: '1000' }), '0.01', RULES, TODAY).status).toBe('over_limit');
  });

  it('holds from the day after the rule is passed, also without a limit', () => {
    const overdue = (days: number) =>
      assessCredit(figures({ limit: '0', oldestDueDate: addDays(TODAY, -days) }), '0', RULES, TODAY);
    expect(overdue(30)).toMatchObject({ status: 'no_limit', daysOverdue: 30 });
    expect(overdue(31)).toMatchObject({ status: 'on_hold', daysOverdue: 31 });
    expect(overdue(-5)).toMatchObject({ daysOverdue: 0 });
  });
});

describe('exactRatio', () => {
  it('is exact or refuses', () => {
    expect(exactRatio('119', '1.19', 6)).toBe('100');
    expect(exactRatio('1', '3', 6)).toBeNull();
    expect(exactRatio('1', '3', 6, 'nearest')).toBe('0.333333');
    expect(exactRatio('2', '3', 6, 'nearest')).toBe('0.666667');
    expect(exactRatio('1', '0', 6)).toBeNull();
  });

  it('times the divisor gives the dividend back', () => {
    fc.assert(
      fc.property(cents(0, 1e9), cents(1, 1e6), (numerator, denominator) => {
        const ratio = exactRatio(numerator, denominator, 6);
        if (ratio !== null) expect(compare(multiply(ratio, denominator), numerator)).toBe(0);
      }),
    );
  });

  it('a quotient that needs more than Big carries by itself is not called exact', () => {
    expect(exactRatio('1', '7', 20)).toBeNull();
  });
});
