import { describe, expect, it } from 'vitest';
import { availabilityOf, comparisonOf } from '../../../extension/features/deal-panel/line-words.ts';
import { repeatedReasons, repeatsNotLinked } from '../../../extension/shared/sap-sections/repeats.ts';
import { AT, aLine } from './samples.ts';

describe('comparisonOf', () => {
  it.each([
    ['same', 0, null],
    [null, null, null],
    ['lower', 12, { tone: 'warning', words: '12 % below SAP' }],
    ['lower', -12, { tone: 'warning', words: '12 % below SAP' }],
    ['lower', 90, { tone: 'bad', words: '90 % below SAP' }],
    ['higher', 4, { tone: 'plain', words: '4 % above SAP' }],
    ['lower', 0, { tone: 'warning', words: 'Just below SAP' }],
    ['higher', null, { tone: 'plain', words: 'Just above SAP' }],
  ] as const)('of %s by %s', (comparison, differencePercent, words) => {
    expect(comparisonOf(aLine({ comparison, differencePercent }))).toEqual(words);
  });
});

describe('availabilityOf', () => {
  it.each([
    [{}, '18 of 24 in stock'],
    [{ available: null }, 'Part in stock'],
    [{ availability: 'in_stock' }, 'In stock'],
    [{ availability: 'none' }, 'Not in stock'],
    [{ availability: 'unknown' }, 'Stock not known'],
    [{ itemCode: null }, 'No SAP item'],
    [{ enabled: false }, undefined],
  ] as const)('of %j', (changes, words) => {
    expect(availabilityOf(aLine(changes))?.words).toBe(words);
  });
});

it('gives the same reason once, from the top', () => {
  const stale = { status: 'stale', data: null, asOf: AT, reason: 'SAP did not answer.' } as const;
  const unavailable = { status: 'unavailable', reason: 'SAP did not answer.' } as const;
  const other = { status: 'unavailable', reason: 'This item is unknown.' } as const;
  const ready = { status: 'ready', data: null, asOf: AT } as const;
  expect(repeatedReasons([stale, stale, unavailable, ready, other, unavailable])).toEqual([
    false,
    true,
    false,
    false,
    false,
    true,
  ]);
});

it('says only once that there is no customer', () => {
  const notLinked = { status: 'not_linked', reason: 'No customer.' } as const;
  const unavailable = { status: 'unavailable', reason: 'SAP did not answer.' } as const;
  expect([repeatsNotLinked(notLinked, notLinked), repeatsNotLinked(notLinked, unavailable)]).toEqual([true, false]);
});
