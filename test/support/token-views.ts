import type { TokensView } from '../../server/contract/tokens.ts';

/** A company's day in tokens as the settings get it: of a small plan, half a day in. */
export function someTokens(changes: Partial<TokensView> = {}): TokensView {
  return {
    spentToday: 9_000,
    dailyLimit: 30_000,
    remaining: 18_000,
    source: 'told',
    classes: [
      { name: 'people', tokens: 900 },
      { name: 'status', tokens: 600 },
      { name: 'sync', tokens: 7_500 },
      { name: 'first_load', tokens: 0 },
      { name: 'others', tokens: 3_000 },
    ],
    othersKnown: true,
    keptForOrders: 6_000,
    firstLoadPerDay: 9_000,
    startsAnewAt: '2026-11-25T00:00:00.000Z',
    startIsKnown: true,
    forecast: { endsAt: '2026-11-24T16:20:00.000Z', ordersOnlyFrom: '2026-11-24T15:00:00.000Z', usedInTheEnd: 100 },
    heaviest: { name: 'prices', percent: 61 },
    stated: { plan: 'lite', seats: 1 },
    learnt: { plan: 'lite', seats: 2 },
    backgroundPercent: 40,
    shut: null,
    quotes: { allPrices: 6_000, comparison: 60 },
    ...changes,
  };
}

/** Of a company of which nothing is known yet. */
export function unknownTokens(): TokensView {
  return someTokens({
    spentToday: 0,
    dailyLimit: null,
    remaining: null,
    source: 'unknown',
    classes: [],
    othersKnown: false,
    keptForOrders: null,
    firstLoadPerDay: null,
    startIsKnown: false,
    forecast: null,
    heaviest: null,
    stated: null,
    learnt: { plan: null, seats: null },
    quotes: { allPrices: null, comparison: null },
  });
}
