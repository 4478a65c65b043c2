import { describe, expect, it } from 'vitest';
import {
  countOf,
  formatMoney,
  formatPrice,
  formatQuantity,
  isNegative,
  isZero,
  shares,
  wholePercent,
  withoutSign,
} from '../../../extension/shared/format/figures.ts';

const eur = (amount: string) => ({ amount, currency: 'EUR' });

describe('formatMoney', () => {
  it.each([
    ['8744.00', '€8,744'],
    ['8744.50', '€8,744.50'],
    ['-12.5', '-€12.50'],
    ['0', '€0'],
    ['999999999999999.99', '€999,999,999,999,999.99'],
  ])('shows %s as %s', (amount, shown) => {
    expect(formatMoney(eur(amount))).toBe(shown);
  });

  it('shows a currency that only SAP knows with its code', () => {
    expect(formatMoney({ amount: '1234.5', currency: '$' })).toBe('1,234.50\u00a0$');
  });
});

describe('formatPrice', () => {
  it.each([
    ['289', '€289.00'],
    ['0.1234', '€0.1234'],
    ['7.005', '€7.005'],
  ])('shows %s as %s', (amount, shown) => {
    expect(formatPrice(eur(amount))).toBe(shown);
  });
});

it.each([
  ['24', '24'],
  ['1200.5', '1,200.5'],
  ['0.125000', '0.125'],
])('shows the quantity %s as %s', (amount, shown) => {
  expect(formatQuantity(amount)).toBe(shown);
});

it('counts in words', () => {
  expect([countOf(1, 'item', 'items'), countOf(1_200, 'item', 'items'), countOf(0, 'item', 'items')]).toEqual([
    '1 item',
    '1,200 items',
    '0 items',
  ]);
});

it('knows the sign of decimal text', () => {
  expect([isNegative(eur('-0.01')), isNegative(eur('-0.00')), isNegative(eur('1'))]).toEqual([true, false, false]);
  expect([isZero(eur('-0.00')), isZero(eur('0.01'))]).toEqual([true, false]);
  expect(withoutSign(eur('-5.5'))).toEqual(eur('5.5'));
});

describe('shares', () => {
  it('is 0 to 100 for each part', () => {
    expect(shares(['25', '-5', '500'], '100')).toEqual([25, 0, 100]);
  });

  it('draws nothing of nothing', () => {
    expect(shares(['25'], '0')).toEqual([0]);
  });
});

it.each([
  [0, 400, 0],
  [399.9, 400, 99],
  [400, 400, 100],
  [500, 400, 100],
  [5, 0, 0],
])('calls %d of %d %d percent', (part, whole, percent) => {
  expect(wholePercent(part, whole)).toBe(percent);
});
