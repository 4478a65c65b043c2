import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpPriceQuestion } from '../../../server/app/ports/erp-prices.ts';
import { numberOf, recordsOf, textOf } from '../../practice/kernel/json.ts';
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
describe('quotes of a deal’s lines', () => {
  const quote = (cardCode: string, itemCodes: readonly string[], withOrder = true) =>
    client.erp.quoteItems(
      client.caller,
      cardCode,
      itemCodes.map((itemCode) => ({ itemCode, quantity: '1', currency: 'EUR' })),
      TODAY,
      withOrder
        ? {
            cardCode,
            documentDate: TODAY,
            dueDate: TODAY,
            currency: 'EUR',
            comments: '',
            lines: itemCodes.map((itemCode, index) => ({
              lineId: index + 1,
              itemCode,
              quantity: '1',
              unitPrice: '1',
              discountPercent: '0',
            })),
          }
        : null,
    );
  const priceOf = async (cardCode: string, itemCode: string) => (await quote(cardCode, [itemCode])).items[0]?.price;

  it.each(['before_discount', 'after_discount'] as const)(
    'learn from SAP’s own order lines how prices are meant, without a request more: %s',
    async (itemPriceIs) => {
      prices.office.settings.itemPriceIs = itemPriceIs;
      const stated = (await ask(prices.buyer(1), prices.ruled.period))?.price;
      client = connectErp(prices.bench);
      await priceOf(prices.buyer(1), prices.ordinary());
      prices.bench.sap.log.clear();
      const first = await priceOf(prices.buyer(1), prices.ruled.period);
      expect(first?.assumed).toBe(true);
      expect(Number(first?.price)).toBeLessThanOrEqual(Number(stated) + 1e-6);
      const second = await priceOf(prices.buyer(1), prices.ruled.period);
      expect(second?.assumed).toBe(false);
      expect(Number(second?.price)).toBeCloseTo(Number(stated), 4);
      await priceOf(prices.buyer(1), prices.ruled.period);
      expect(prices.bench.sap.log.all()).toHaveLength(3);
      const previews = prices.bench.sap.log.all().map(({ body }) => body.match(/OrdersService_Preview/g)?.length);
      expect(previews).toEqual([1, 2, 1]);
    },
  );

  it('take prices as before their discounts where no order shows it, and say so', async () => {
    prices.office.settings.missing = WITHOUT_PREVIEW;
    prices.office.settings.itemPriceIs = 'after_discount';
    for (let view = 0; view < 3; view += 1) {
      expect((await priceOf(prices.buyer(1), prices.ruled.period))?.assumed).toBe(true);
    }
  });

  it('count a sales kit by its parts, warehouse by warehouse', async () => {
    const [kit, other] = prices.office.rows('ProductTrees');
    const code = textOf(kit ?? {}, 'TreeCode');
    const parts = recordsOf(kit ?? {}, 'ProductTreeLines');
    const inHamburg = (itemCode: string) => {
      const row = recordsOf(prices.office.item(itemCode), 'ItemWarehouseInfoCollection').find(
        (at) => at['WarehouseCode'] === '01',
      );
      return numberOf(row ?? {}, 'InStock') - numberOf(row ?? {}, 'Committed');
    };
    const scarcest = Math.min(
      ...parts.map((part) => Math.max(0, inHamburg(textOf(part, 'ItemCode'))) / numberOf(part, 'Quantity')),
    );
    prices.bench.sap.log.clear();
    const { items } = await quote(prices.buyer(1), [code, prices.ordinary()]);
    const stock = items[0]?.stock;
    expect(stock).toMatchObject({ stocked: true });
    expect(stock?.warehouses.find((at) => at.code === '01')).toMatchObject({
      onHand: String(Math.floor(scarcest)),
      committed: '0',
    });
    expect(prices.bench.sap.log.all().filter(({ path }) => !path.includes('Login'))).toHaveLength(3);
    prices.office.settings.denies = (_method, resource) => resource === 'ProductTrees';
    const unknown = await quote(prices.buyer(1), [textOf(other ?? {}, 'TreeCode'), prices.ordinary()]);
    expect(unknown.items.map((one) => one.stock === null)).toEqual([true, false]);
    expect(unknown.items[0]?.problem).toContain('what this set is made of');
  });

  it('know the customer’s agreements, whether or not SAP looks at them by itself', async () => {
    const stated = (await ask(prices.framedBuyer, prices.ruled.framed))?.price;
    expect(Number(stated)).toBeCloseTo(prices.listPrice(prices.ruled.framed, 1) * 0.7, 2);
    for (const knows of [false, true]) {
      prices.office.settings.itemPriceKnowsAgreements = knows;
      client = connectErp(prices.bench);
      expect(await priceOf(prices.framedBuyer, prices.ruled.framed)).toEqual({
        price: stated,
        currency: 'EUR',
        assumed: false,
      });
    }
    prices.bench.sap.log.clear();
    await priceOf(prices.framedBuyer, prices.ruled.framed);
    expect(prices.bench.sap.log.all()).toHaveLength(1);
  });

  it('do without agreements where the user may not read them, after one more request', async () => {
    prices.office.settings.denies = (_method, resource) => resource === 'BlanketAgreements';
    await priceOf(prices.buyer(1), prices.ordinary());
    prices.office.settings.denies = () => false;
    client = connectErp(prices.bench);
    prices.office.settings.missing = ['BlanketAgreements'];
    prices.bench.sap.log.clear();
    for (let view = 0; view < 3; view += 1) {
      expect((await priceOf(prices.framedBuyer, prices.ruled.framed))?.price).toBeDefined();
    }
    expect(prices.bench.sap.log.all().filter(({ path }) => path.includes('$batch'))).toHaveLength(4);
  });

  it('tell how many stock units a sales unit is', async () => {
    const boxed = prices.office.rows('Items').find((row) => row['SalesItemsPerUnit'] === 6);
    const { items } = await quote(prices.buyer(1), [textOf(boxed ?? {}, 'ItemCode'), prices.ordinary()], false);
    expect(items.map(({ stock }) => stock?.stockUnitsPerSalesUnit)).toEqual(['6', '1']);
  });
});
