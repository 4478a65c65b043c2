import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { together } from '../../../server/domain/discount-relation.ts';
import { kitAvailability } from '../../../server/domain/kit-availability.ts';
import type { DiscountGroupFacts, PriceFacts, SpecialPriceFacts } from '../../../server/domain/price-facts.ts';
import { beforeDiscount, priceCandidates, ruleBehind, takeOff } from '../../../server/domain/price-rule.ts';
import { compare, round } from '../../../server/kernel/money.ts';

const facts = (changes: Partial<PriceFacts> = {}): PriceFacts => ({
  date: '2026-03-04',
  quantity: '5',
  unit: { entry: null, base: '1', alternate: '1' },
  partner: {
    preference: 'default',
    judgedBeforeDiscount: false,
    discountRelation: 'lowest',
    noDiscountGroups: false,
    generalDiscountPercent: '0',
  },
  item: { noDiscountGroups: false },
  list: { number: 2, price: { amount: '100', currency: 'EUR' } },
  specialPrices: [],
  discountGroups: [],
  agreements: [],
  ...changes,
});
const special = (changes: Partial<SpecialPriceFacts> = {}): SpecialPriceFacts => ({
  of: 'partner',
  active: true,
  from: null,
  to: null,
  currency: 'EUR',
  offer: { price: '80', discountPercent: '20' },
  periods: [],
  ...changes,
});
const group = (changes: Partial<DiscountGroupFacts> = {}): DiscountGroupFacts => ({
  of: 'everybody',
  active: true,
  from: null,
  to: null,
  relation: 'lowest',
  byItem: [],
  byKind: ['10'],
  ...changes,
});
const spring = {
  from: '2026-03-01',
  to: '2026-03-31',
  offer: { price: '95', discountPercent: '5' },
  scales: [
    { from: '10', unit: null, offer: { price: '85', discountPercent: '15' } },
    { from: '3', unit: null, offer: { price: '90', discountPercent: '10' } },
  ],
};
const everybody = special({ of: 'list', offer: { price: '100', discountPercent: '0' }, periods: [spring] });
const agreement = { agreement: 4, row: 0, price: '70', currency: 'EUR', discountPercent: '0', unit: null };
const first = (given: PriceFacts) => {
  const [candidate] = priceCandidates(given);
  return candidate && { kind: candidate.rule.kind, group: candidate.rule.discountGroup, price: candidate.price };
};

describe('priceCandidates', () => {
  it('is the list where nothing else is agreed, and nothing where there is no list price', () => {
    expect(first(facts())).toEqual({ kind: 'price_list', group: false, price: '100' });
    expect(priceCandidates(facts({ list: null }))).toEqual([]);
    expect(priceCandidates(facts({ list: { number: 2, price: null } }))).toEqual([]);
  });

  it('puts agreement, special price, discount group, period and volume, list in this order', () => {
    const all = facts({ agreements: [agreement], specialPrices: [everybody, special()], discountGroups: [group()] });
    expect(priceCandidates(all).map(({ rule }) => `${rule.kind}${rule.discountGroup ? '+group' : ''}`)).toEqual([
      'blanket_agreement',
      'special_price',
      'price_list+group',
      'period_and_volume+group',
      'period_and_volume',
      'price_list',
    ]);
  });

  it('takes the largest quantity that is reached, within the period of the day', () => {
    const asked = (quantity: string, date = '2026-03-04') =>
      first(facts({ specialPrices: [everybody], quantity, date }))?.price;
    expect([asked('2'), asked('3'), asked('9.99'), asked('10')]).toEqual(['95', '90', '90', '85']);
    expect(asked('10', '2026-04-01')).toBe('100');
    expect(asked('10', '2026-03-31')).toBe('85');
  });

  it('compares a scale of the unit asked for in that unit, and any other in stock units', () => {
    const scaled = (unit: number | null) => {
      const scales = [{ from: '10', unit, offer: { price: '50', discountPercent: '50' } }];
      return special({ of: 'list', periods: [{ ...spring, scales }] });
    };
    const asked = (unit: number | null, quantity: string) =>
      first(facts({ specialPrices: [scaled(unit)], quantity, unit: { entry: 3, base: '2', alternate: '1' } }))?.price;
    expect([asked(3, '5'), asked(3, '10')]).toEqual(['190', '100']);
    expect([asked(null, '4.9'), asked(null, '5'), asked(4, '5')]).toEqual(['190', '100', '100']);
  });

  it('leaves out what is off or over', () => {
    expect(first(facts({ specialPrices: [special({ active: false })] }))?.kind).toBe('price_list');
    expect(first(facts({ specialPrices: [special({ to: '2026-03-03' })] }))?.kind).toBe('price_list');
    expect(first(facts({ discountGroups: [group({ active: false })] }))?.group).toBe(false);
    expect(first(facts({ discountGroups: [group({ from: '2026-03-05' })] }))?.group).toBe(false);
    expect(first(facts({ discountGroups: [group()], item: { noDiscountGroups: true } }))?.group).toBe(false);
    const { partner } = facts();
    expect(first(facts({ discountGroups: [group()], partner: { ...partner, noDiscountGroups: true } }))?.group).toBe(
      false,
    );
  });

  it('follows the customer’s choice of the lowest or highest price, which no agreement gives way to', () => {
    const { partner } = facts();
    const given = { specialPrices: [special(), everybody], discountGroups: [group({ byKind: ['30'] })] };
    const asked = (preference: 'lowest' | 'highest', more: Partial<PriceFacts> = {}) =>
      first(facts({ ...given, ...more, partner: { ...partner, preference } }))?.price;
    expect(asked('lowest')).toBe('63');
    expect(asked('highest')).toBe('100');
    expect(asked('highest', { agreements: [agreement] })).toBe('70');
    const before = { ...partner, preference: 'lowest', judgedBeforeDiscount: true } as const;
    const cheaper = special({ offer: { price: '90', discountPercent: '0' } });
    const dearer = group({ byKind: ['30'] });
    expect(first(facts({ specialPrices: [cheaper], discountGroups: [dearer], partner: before }))?.price).toBe('90');
    expect(
      first(
        facts({
          specialPrices: [cheaper],
          discountGroups: [dearer],
          partner: { ...before, judgedBeforeDiscount: false },
        }),
      )?.price,
    ).toBe('70');
  });

  it('prefers what is said of the very item to what is said of its kind', () => {
    expect(first(facts({ discountGroups: [group({ byItem: ['3'] })] }))?.price).toBe('97');
  });
});

describe('ruleBehind', () => {
  const candidates = priceCandidates(facts({ specialPrices: [special()] }));
  const behind = (price: string, discountPercent: string, currency = 'EUR') => {
    const found = ruleBehind(candidates, { price, discountPercent, currency }, 2);
    return found && `${found.candidate.rule.kind} ${found.answered}`;
  };

  it('finds the rule and how the answer is meant', () => {
    expect(behind('100', '20')).toBe('special_price before_discount');
    expect(behind('80', '20')).toBe('special_price after_discount');
    expect(behind('80', '0')).toBe('special_price either');
    expect(behind('100', '0')).toBe('price_list either');
  });

  it('makes none up', () => {
    expect(behind('79.98', '0')).toBeNull();
    expect(behind('80', '0', 'USD')).toBeNull();
    // The list price with a discount that no rule explains is not simply the list price.
    expect(behind('100', '4')).toBeNull();
  });

  it('finds each candidate again, whichever way it was answered', () => {
    const cents = (max: number) => fc.integer({ min: 100, max }).map((value) => (value / 100).toFixed(2));
    const percent = fc.integer({ min: 0, max: 9_999 }).map((value) => (value / 100).toFixed(2));
    fc.assert(
      fc.property(cents(1e7), percent, fc.boolean(), (list, off, after) => {
        const given = facts({
          list: { number: 1, price: { amount: list, currency: 'EUR' } },
          discountGroups: [group({ byKind: [off] })],
        });
        const [candidate] = priceCandidates(given);
        if (!candidate) throw new Error('no candidate');
        const answer = { price: after ? candidate.price : candidate.unitPrice, discountPercent: off, currency: 'EUR' };
        const found = ruleBehind([candidate], answer, 6);
        expect(found?.candidate).toBe(candidate);
        const same = compare(candidate.unitPrice, candidate.price) === 0;
        const meant = after ? 'after_discount' : 'before_discount';
        if (!same) expect([meant, 'either']).toContain(found?.answered);
      }),
    );
  });
});

describe('discounts', () => {
  it('are put together as the group says', () => {
    const percents = ['10', '20', '30'];
    expect(together(percents, 'lowest')).toBe('10');
    expect(together(percents, 'highest')).toBe('30');
    expect(together(percents, 'average')).toBe('20');
    expect(together(percents, 'sum')).toBe('60');
    expect(together(percents, 'multiplied')).toBe('49.6');
    expect(together(['60', '70'], 'sum')).toBe('100');
    expect(together([], 'sum')).toBeNull();
  });

  it('never leave 0 to 100, and lie between the lowest and the sum', () => {
    const percent = fc.integer({ min: 0, max: 10_000 }).map((value) => (value / 100).toFixed(2));
    const relation = fc.constantFrom('lowest', 'highest', 'average', 'sum', 'multiplied' as const);
    fc.assert(
      fc.property(fc.array(percent, { minLength: 1, maxLength: 5 }), relation, (percents, how) => {
        const one = together(percents, how) ?? '-1';
        expect(compare(one, together(percents, 'lowest') ?? '101')).toBeGreaterThanOrEqual(0);
        expect(compare(one, together(percents, 'sum') ?? '-1')).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('come off and go back on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 90 }), (cents, percent) => {
        const price = (cents / 100).toFixed(2);
        expect(round(beforeDiscount(takeOff(price, String(percent)), String(percent)), 2)).toBe(price);
      }),
    );
    expect(beforeDiscount('5', '100')).toBe('5');
  });
});

describe('kitAvailability', () => {
  const part = (quantity: string, available: string | null) => ({ quantity, available });

  it('is what the scarcest part allows, in whole kits', () => {
    expect(kitAvailability([part('4', '10'), part('1', '7')], '1')).toBe('2');
    expect(kitAvailability([part('0.5', '1.2')], '1')).toBe('2');
    expect(kitAvailability([part('4', '10')], '2')).toBe('5');
  });

  it('is nothing where a part is oversold, and unknown where no part can run out', () => {
    expect(kitAvailability([part('1', '-3'), part('1', '9')], '1')).toBe('0');
    expect(kitAvailability([part('1', null)], '1')).toBeNull();
    expect(kitAvailability([], '1')).toBeNull();
  });
});
