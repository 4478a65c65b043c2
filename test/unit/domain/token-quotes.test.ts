import { describe, expect, it } from 'vitest';
import {
  QUOTED_PRICES,
  quoteAllPrices,
  quoteComparison,
  quoteFirstLoad,
  quoteReplay,
} from '../../../server/domain/token-quotes.ts';
import type { OperationName } from '../../../server/pipedrive/operation-list.ts';
import { operation } from '../../../server/pipedrive/operations.ts';

describe('what a job costs before it runs (issue 4, point 3)', () => {
  it.each<[keyof typeof QUOTED_PRICES, readonly OperationName[]]>([
    ['list', ['listOrganizations', 'listPersons', 'listProducts', 'listOrganizationFields', 'listDealFields']],
    ['get', ['getOrganization', 'getProduct']],
    ['identity', ['getMe']],
    [
      'write',
      [
        ...(['createOrganization', 'updateOrganization', 'createPerson', 'updatePerson'] as const),
        ...(['createProduct', 'updateProduct', 'createOrganizationField', 'createDealField'] as const),
      ],
    ],
  ])('reckons with the official price to %s', (price, names) => {
    for (const name of names) expect([name, operation(name).cost]).toEqual([name, QUOTED_PRICES[price]]);
  });

  it('a first load: everything once, and what is there already looked at before', () => {
    const nothingThere = {
      partners: 800,
      known: 0,
      contacts: 820,
      items: 0,
      knownItems: 0,
      organizations: 0,
      products: 0,
      fields: 0,
    };
    expect(quoteFirstLoad(nothingThere)).toBe(8_120);
    expect(quoteFirstLoad({ ...nothingThere, known: 10 })).toBe(8_120 + 110);
    expect(quoteFirstLoad({ ...nothingThere, organizations: 501 })).toBe(8_120 + 10);
    expect(quoteFirstLoad({ ...nothingThere, fields: 8 })).toBe(8_120 + 80);
    expect(quoteFirstLoad({ ...nothingThere, items: 100 })).toBe(8_120 + 500);
    expect(quoteFirstLoad({ ...nothingThere, items: 100, knownItems: 100, products: 600 })).toBe(8_120 + 610);
  });

  it('a full comparison, all prices, a replay', () => {
    expect(quoteComparison([5_000, 4_000, 1_000])).toBe(200);
    expect(quoteComparison([0, 0, 0])).toBe(0);
    expect(quoteAllPrices(1_200)).toBe(1_200 * 7 + 30);
    expect(quoteReplay(101)).toBe(20);
  });
});
