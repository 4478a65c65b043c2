import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpPriceQuestion } from '../../../server/app/ports/erp-prices.ts';
import { NotFoundError } from '../../../server/kernel/errors.ts';
import { recordsOf, textOf } from '../../practice/kernel/json.ts';
import { type PriceBench, startPrices, WITHOUT_PREVIEW } from './price-bench.ts';
import { connectErp, TODAY } from './sap-bench.ts';

let prices: PriceBench;
let client: ReturnType<typeof connectErp>;

beforeAll(async () => {
  prices = await startPrices();
});
afterAll(() => prices.bench.close());
beforeEach(() => {
  client = connectErp(prices.bench);
  prices.reset();
});

const ask = (cardCode: string, itemCode: string, more: Partial<ErpPriceQuestion> = {}) =>
  client.erp.getEffectivePrice(client.caller, {
    cardCode,
    itemCode,
    quantity: '1',
    unit: null,
    date: TODAY,
    currency: 'EUR',
    ...more,
  });
/** As SAP says it, and as it is worked out where SAP does not. */
const bothWays = async (cardCode: string, itemCode: string, more: Partial<ErpPriceQuestion> = {}) => {
  const stated = await ask(cardCode, itemCode, more);
  prices.office.settings.missing = WITHOUT_PREVIEW;
  client = connectErp(prices.bench);
  const workedOut = await ask(cardCode, itemCode, more);
  prices.office.settings.missing = [];
  return { stated, workedOut };
};
describe('the effective price', () => {
  it('is SAP’s own word in two requests side by side where SAP computes orders', async () => {
    const code = prices.ordinary();
    await ask(prices.buyer(1), code);
    prices.bench.sap.log.clear();
    expect(await ask(prices.buyer(1), code)).toMatchObject({
      price: String(prices.listPrice(code, 1)),
      currency: 'EUR',
      tax: 'excluded',
      rule: { kind: 'price_list', discountGroup: false, listActive: true },
      ruleIs: 'stated',
      assumed: false,
    });
    expect(prices.bench.sap.log.all()).toHaveLength(2);
  });

  it.each([
    ['a price list', () => [prices.buyer(2), prices.ordinary(), '1'], { kind: 'price_list', discountGroup: false }],
    [
      'period and volume',
      () => [prices.buyer(1), prices.ruled.period, '1'],
      { kind: 'period_and_volume', discountGroup: false },
    ],
    [
      'a larger volume',
      () => [prices.buyer(1), prices.ruled.period, '12'],
      { kind: 'period_and_volume', discountGroup: false },
    ],
    [
      'a discount group',
      () => [prices.buyer(1), prices.ruled.grouped, '1'],
      { kind: 'price_list', discountGroup: true },
    ],
    [
      'the group of a customer group',
      () => [prices.buyer(1, { GroupCode: 102 }), prices.ruled.grouped, '1'],
      { kind: 'price_list', discountGroup: true },
    ],
    [
      'an agreement',
      () => [prices.framedBuyer, prices.ruled.framed, '1'],
      { kind: 'blanket_agreement', discountGroup: false },
    ],
    [
      'all at once',
      () => [prices.framedBuyer, prices.ruled.all, '1'],
      { kind: 'blanket_agreement', discountGroup: false },
    ],
  ] as const)('is worked out as SAP would say it: %s', async (_what, given, rule) => {
    const [cardCode = '', itemCode = '', quantity = ''] = given();
    const { stated, workedOut } = await bothWays(cardCode, itemCode, { quantity });
    expect(stated).toMatchObject({ rule, ruleIs: 'stated' });
    expect(workedOut).toMatchObject({ rule, ruleIs: 'worked_out' });
    expect(Number(workedOut?.price)).toBeCloseTo(Number(stated?.price), 4);
  });

  it('knows a special price, the lowest and the highest of several', async () => {
    const item = prices.ruled.period;
    const special = prices.buyer(1, { CardName: 'Sonder' });
    prices.office.setSpecialPrice(special, item, prices.listPrice(item, 1));
    expect((await bothWays(special, item)).workedOut?.rule?.kind).toBe('special_price');
    prices.office.changePartner(special, { EffectivePrice: 'epLowestPrice' });
    const lowest = await bothWays(special, item);
    expect(lowest.workedOut?.rule?.kind).toBe('period_and_volume');
    expect(lowest.workedOut?.price).toBe(lowest.stated?.price);
    prices.office.changePartner(special, { EffectivePrice: 'epHighestPrice' });
    const highest = await bothWays(special, item);
    expect(Number(highest.workedOut?.price)).toBeCloseTo(prices.listPrice(item, 1), 6);
    expect(highest.workedOut?.price).toBe(highest.stated?.price);
  });

  it.each(['before_discount', 'after_discount'] as const)(
    'is right whether SAP answers prices %s, and says when that is not known',
    async (itemPriceIs) => {
      prices.office.settings.itemPriceIs = itemPriceIs;
      const { stated, workedOut } = await bothWays(prices.buyer(1), prices.ruled.period);
      expect(workedOut).toMatchObject({ assumed: false, discountPercent: '2' });
      expect(Number(workedOut?.price)).toBeCloseTo(Number(stated?.price), 4);
      prices.office.settings.missing = WITHOUT_PREVIEW;
      prices.office.settings.denies = (_method, resource) => resource === 'SpecialPrices';
      client = connectErp(prices.bench);
      const blind = await ask(prices.buyer(1), prices.ruled.period);
      expect(blind).toMatchObject({ rule: null, assumed: true });
      expect(Number(blind?.price)).toBeLessThanOrEqual(Number(stated?.price) + 1e-6);
    },
  );

  it('agrees with SAP over customers, items, quantities, units and days', async () => {
    const items = [...Object.values(prices.ruled), prices.ordinary()];
    const customers = [
      prices.framedBuyer,
      ...[1, 2, 4].map((list) => prices.buyer(list)),
      prices.buyer(1, { GroupCode: 102 }),
      prices.buyer(2, { NoDiscounts: 'tYES' }),
      prices.buyer(3, { EffectivePrice: 'epLowestPrice' }),
      prices.buyer(1, { EffectivePrice: 'epHighestPrice' }),
      prices.buyer(2, { EffectivePrice: 'epLowestPrice', EffectivePriceConsidersPriceBeforeDiscount: 'tYES' }),
    ];
    const cases = customers.flatMap((cardCode) =>
      items.map((itemCode, index) => ({
        cardCode,
        itemCode,
        quantity: (index + cardCode.length) % 2 === 0 ? '10' : '1',
        date: index === 1 ? '2026-09-01' : TODAY,
      })),
    );
    const all = async () => {
      client = connectErp(prices.bench);
      const found = [];
      for (const { cardCode, itemCode, ...more } of cases) found.push(await ask(cardCode, itemCode, more));
      return found;
    };
    const stated = await all();
    prices.office.settings.missing = WITHOUT_PREVIEW;
    const workedOut = await all();
    cases.forEach((given, index) => {
      const [said, worked] = [stated[index], workedOut[index]];
      expect({ ...given, rule: worked?.rule ? 'found' : null }).toEqual({
        ...given,
        rule: said?.rule ? 'found' : null,
      });
      expect(Number(worked?.price), JSON.stringify(given)).toBeCloseTo(Number(said?.price), 3);
    });
  });

  it('is for the unit asked for', async () => {
    const boxed = prices.office
      .rows('Items')
      .find((row) => recordsOf(row, 'ItemPrices').some((price) => recordsOf(price, 'UoMPrices').length > 0));
    const code = textOf(boxed ?? {}, 'ItemCode');
    const piece = await bothWays(prices.buyer(1), code);
    const box = await bothWays(prices.buyer(1), code, { unit: 3 });
    expect(Number(box.stated?.price)).toBeCloseTo(Number(piece.stated?.price) * 6 * 0.95, 2);
    expect(box.workedOut).toMatchObject({ rule: { kind: 'price_list' }, price: box.stated?.price });
    const third = prices.office.rows('Items').find((row) => row['UoMGroupEntry'] === 2);
    const part = await bothWays(prices.buyer(1), textOf(third ?? {}, 'ItemCode'), { unit: 5 });
    expect(part.workedOut?.rule?.kind).toBe('price_list');
    expect(part.workedOut?.price).toBe(part.stated?.price);
  });

  it('is in the currency asked for, whatever the list’s own is', async () => {
    prices.office.setRate('CHF', TODAY, 1.05);
    const code = prices.ordinary();
    const { stated, workedOut } = await bothWays(prices.buyer(2), code, { currency: 'CHF' });
    expect(workedOut).toMatchObject({ currency: 'CHF', rule: { kind: 'price_list' } });
    expect(Number(workedOut?.price)).toBeCloseTo(Number(stated?.price), 3);
    await expect(ask(prices.buyer(2), code, { currency: 'CHF', date: '2031-01-01' })).rejects.toMatchObject({
      kind: 'rejected',
    });
  });

  it('does not call a price without tax that comes from a list with tax, unless SAP shows it', async () => {
    prices.office.overwrite('PriceLists', '4', { IsGrossPrice: 'tYES' });
    const code = prices.ordinary();
    const { stated, workedOut } = await bothWays(prices.buyer(4), code);
    expect(stated?.tax).toBe('excluded');
    expect(Number(stated?.price) * 1.19).toBeCloseTo(prices.listPrice(code, 4), 4);
    expect(workedOut?.tax).toBe('unknown');
    expect((await ask(prices.buyer(1), code))?.tax).toBe('excluded');
    prices.office.overwrite('PriceLists', '4', { IsGrossPrice: 'tNO' });
  });

  it('is the same in the older dialect', async () => {
    const newer = await bothWays(prices.buyer(1), prices.ruled.grouped);
    client = connectErp(prices.bench, { address: `${prices.bench.sap.url}/b1s/v1` });
    expect(await ask(prices.buyer(1), prices.ruled.grouped)).toEqual(newer.stated);
    prices.office.settings.missing = WITHOUT_PREVIEW;
    client = connectErp(prices.bench, { address: `${prices.bench.sap.url}/b1s/v1` });
    expect(await ask(prices.buyer(1), prices.ruled.grouped)).toEqual(newer.workedOut);
  });

  it('is none where SAP has no price, and an error where SAP has no such customer or item', async () => {
    const code = prices.ordinary();
    prices.office.setPrice(code, 3, 0);
    expect(await ask(prices.buyer(3), code)).toBeNull();
    await expect(ask('NOBODY', code)).rejects.toBeInstanceOf(NotFoundError);
    await expect(ask(prices.buyer(1), "NO'1")).rejects.toBeInstanceOf(NotFoundError);
  });

  it('makes no rule up where the user may not read those that count', async () => {
    prices.office.settings.missing = WITHOUT_PREVIEW;
    prices.office.settings.denies = (_method, resource) =>
      ['SpecialPrices', 'EnhancedDiscountGroups', 'BlanketAgreements', 'PriceLists'].includes(resource);
    const found = await ask(prices.buyer(1), prices.ruled.grouped);
    expect(found).toMatchObject({ rule: null, ruleIs: 'worked_out', tax: 'unknown' });
  });
});

describe('price lists', () => {
  it('tell what they are based on', async () => {
    const lists = await client.erp.listPriceListDetails(client.caller);
    expect(lists.find(({ number }) => number === 2)).toMatchObject({
      name: 'Fachhandel',
      baseList: 1,
      factor: '0.85',
      gross: false,
      active: true,
      currency: 'EUR',
    });
    expect(lists.find(({ number }) => number === 1)?.baseList).toBeNull();
  });
});
