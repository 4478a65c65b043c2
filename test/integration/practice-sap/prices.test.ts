import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fields } from '../../practice/kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../practice/kernel/json.ts';
import type { World } from './sl-client.ts';
import { errorOf, openWorld, usualPair } from './sl-client.ts';

describe('practice SAP: prices', () => {
  let world: World;
  /** All rules at once, period prices only, discount groups only, a frame contract only. */
  let ruled: { all: string; period: string; grouped: string; framed: string };
  let framedBuyer: string;
  beforeAll(async () => {
    world = await openWorld();
    const groups = world.office.rows('EnhancedDiscountGroups');
    const [all = '', grouped = ''] = recordsOf(groups[0] ?? {}, 'DiscountGroupLineCollection').map((row) =>
      textOf(row, 'ObjectCode'),
    );
    const agreement = world.office.rows('BlanketAgreements')[0] ?? {};
    const framed = textOf(recordsOf(agreement, 'BlanketAgreements_ItemsLines')[1] ?? {}, 'ItemNo');
    const period = world.office
      .rows('SpecialPrices')
      .find((row) => row['CardCode'] === '*1' && row['ItemCode'] !== all);
    ruled = { all, grouped, framed, period: textOf(period ?? {}, 'ItemCode') };
    framedBuyer = textOf(agreement, 'BPCode');
  });
  afterAll(() => world.sap.close());

  /** A customer in euro of that price list who has no contract of its own. */
  const buyer = (list: number, more: Fields = {}): string => {
    const code = `P${list}${Object.values(more).join('').slice(0, 8)}`;
    if (!world.office.rows('BusinessPartners').some((row) => row['CardCode'] === code))
      world.office.createPartner({ CardCode: code, CardName: code, PriceListNum: list, PayTermsGrpCode: 1, ...more });
    return code;
  };
  const listPrice = (itemCode: string, list: number) =>
    numberOf(
      recordsOf(world.office.item(itemCode), 'ItemPrices').find((row) => numberOf(row, 'PriceList') === list) ?? {},
      'Price',
    );
  const ask = async (params: object): Promise<Fields> => {
    const answer = await world.v2.call('POST', 'CompanyService_GetItemPrice', { body: { ItemPriceParams: params } });
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.body;
  };
  const preview = async (CardCode: string, line: object): Promise<Fields> => {
    const answer = await world.v2.call('POST', 'OrdersService_Preview', {
      body: { Document: { CardCode, DocDueDate: '2026-03-24', DocumentLines: [line] } },
    });
    if (answer.status !== 200) throw new Error(answer.text);
    return recordsOf(answer.body, 'DocumentLines')[0] ?? {};
  };

  it('puts period and volume discounts of the price list before the list, and says so in the preview', async () => {
    const price = listPrice(ruled.period, 1);
    expect(await ask({ ItemCode: ruled.period, CardCode: buyer(1), Date: '2026-03-10' })).toMatchObject({
      Discount: 2,
    });
    const ten = await preview(buyer(1), { ItemCode: ruled.period, Quantity: 10 });
    expect(ten['PriceSource']).toBe('dpsPeriodAndVolumeDiscounts');
    expect(numberOf(ten, 'Price')).toBeCloseTo(Math.round(price * 95) / 100, 4);
    const late = await ask({ ItemCode: ruled.period, CardCode: buyer(1), Date: '2026-08-10' });
    expect(late).toMatchObject({ Price: price, Discount: 0 });
  });

  it('lets the narrowest discount group decide, and none where the partner takes no discounts', async () => {
    const discountOf = async (card: string) =>
      numberOf(await ask({ ItemCode: ruled.grouped, CardCode: card }), 'Discount');
    expect(await discountOf(buyer(1))).toBe(4);
    expect(await discountOf(buyer(1, { GroupCode: 102 }))).toBe(7.5);
    expect(await discountOf(framedBuyer)).toBe(9);
    expect(await discountOf(buyer(1, { NoDiscounts: 'tYES' }))).toBe(0);
    expect(await preview(buyer(1), { ItemCode: ruled.grouped })).toMatchObject({
      PriceSource: 'dpsActivePriceListDiscountGroups',
      DiscountPercent: 4,
    });
  });

  it('combines the lines of one group as the group says', async () => {
    world.office.enter('EnhancedDiscountGroups', {
      AbsEntry: 50,
      Type: 'dgt_SpecificBP',
      ObjectCode: buyer(2),
      Active: 'tYES',
      DiscountRelations: 'dgrMultipliedDiscount',
      DiscountGroupLineCollection: [
        { ObjectType: 'dgboItems', ObjectCode: ruled.grouped, Discount: 10 },
        {
          ObjectType: 'dgboItemGroups',
          ObjectCode: textOf(world.office.item(ruled.grouped), 'ItemsGroupCode'),
          Discount: 20,
        },
      ],
    });
    expect((await ask({ ItemCode: ruled.grouped, CardCode: buyer(2) }))['Discount']).toBe(28);
    const row = world.office.rows('EnhancedDiscountGroups').find((group) => group['AbsEntry'] === 50) ?? {};
    for (const [relation, expected] of [
      ['dgrLowestDiscount', 10],
      ['dgrHighestDiscount', 20],
      ['dgrAverageDiscount', 15],
      ['dgrDiscountTotals', 30],
    ] as const) {
      world.office.enter('EnhancedDiscountGroups', { ...row, DiscountRelations: relation });
      expect((await ask({ ItemCode: ruled.grouped, CardCode: buyer(2) }))['Discount']).toBe(expected);
    }
  });

  it('binds to a frame contract on documents; the price question must name it unless the company is set otherwise', async () => {
    const framed = Math.round(listPrice(ruled.framed, 1) * 70) / 100;
    expect(await preview(framedBuyer, { ItemCode: ruled.framed })).toMatchObject({
      PriceSource: 'dpsBlanketAgreement',
      UnitPrice: framed,
      AgreementNo: 1,
    });
    expect((await ask({ ItemCode: ruled.framed, CardCode: framedBuyer }))['Price']).not.toBe(framed);
    const named = { ItemCode: ruled.framed, CardCode: framedBuyer, BlanketAgreementNumber: 1, BlanketAgreementLine: 1 };
    expect((await ask(named))['Price']).toBe(framed);
    world.office.settings.itemPriceKnowsAgreements = true;
    expect((await ask({ ItemCode: ruled.framed, CardCode: framedBuyer }))['Price']).toBe(framed);
    world.office.settings.itemPriceKnowsAgreements = false;
    const lapsed = await ask({ ...named, Date: '2027-06-01' });
    expect(lapsed['Price']).not.toBe(framed);
  });

  it('puts a price agreed with the partner before rules of the list, unless the partner has the lowest or highest', async () => {
    const cheap = buyer(1, { EffectivePrice: 'epLowestPrice' });
    const dear = buyer(1, { EffectivePrice: 'epHighestPrice' });
    const usual = buyer(1);
    const price = listPrice(ruled.all, 1);
    for (const card of [usual, cheap, dear]) world.office.setSpecialPrice(card, ruled.all, price + 50);
    const source = async (card: string) => textOf(await preview(card, { ItemCode: ruled.all }), 'PriceSource');
    expect(await source(usual)).toBe('dpsSpecialPricesForBusinessPartner');
    expect(await source(dear)).toBe('dpsSpecialPricesForBusinessPartner');
    expect(await source(cheap)).not.toBe('dpsSpecialPricesForBusinessPartner');
  });

  it('stacks discount groups on period prices where the company is set so', async () => {
    world.office.settings.discountGroupsOnPeriods = false;
    expect(await preview(buyer(2), { ItemCode: ruled.all })).toMatchObject({
      PriceSource: 'dpsPeriodAndVolumeDiscounts',
      DiscountPercent: 2,
    });
    world.office.settings.discountGroupsOnPeriods = true;
    expect(await preview(buyer(2), { ItemCode: ruled.all })).toMatchObject({
      PriceSource: 'dpsPeriodAndVolumeDiscountsDiscountGroups',
      DiscountPercent: 3,
    });
  });

  it('answers from an inactive or lapsed list and calls it that', async () => {
    const { itemCode } = usualPair(world);
    world.office.overwrite('PriceLists', '4', { ValidTo: '2026-01-31' });
    expect(await preview(buyer(4), { ItemCode: itemCode })).toMatchObject({
      PriceSource: 'dpsInactivePriceList',
      UnitPrice: listPrice(itemCode, 4),
    });
    world.office.overwrite('PriceLists', '4', { ValidTo: null });
    expect(textOf(await preview(buyer(4), { ItemCode: itemCode }), 'PriceSource')).toBe('dpsActivePriceList');
  });

  it('takes the tax out of a gross list on the document; the price question may leave it in', async () => {
    const { itemCode } = usualPair(world);
    const gross = listPrice(itemCode, 3);
    world.office.overwrite('PriceLists', '3', { IsGrossPrice: 'tYES' });
    const line = await preview(buyer(3), { ItemCode: itemCode });
    expect(numberOf(line, 'UnitPrice')).toBeCloseTo(gross / 1.19, 4);
    expect(numberOf(line, 'PriceAfterVAT')).toBeCloseTo(gross, 3);
    expect((await ask({ ItemCode: itemCode, CardCode: buyer(3) }))['Price']).toBe(gross);
    world.office.settings.itemPriceOfGrossList = 'net';
    expect(numberOf(await ask({ ItemCode: itemCode, CardCode: buyer(3) }), 'Price')).toBeCloseTo(gross / 1.19, 4);
    world.office.settings.itemPriceOfGrossList = 'gross';
    world.office.overwrite('PriceLists', '3', { IsGrossPrice: 'tNO' });
  });

  it('prices by unit: six single ones, or the box’s own price', async () => {
    const boxed = world.office.rows('Items').filter((row) => row['UoMGroupEntry'] === 1);
    const own = boxed.find((row) =>
      recordsOf(row, 'ItemPrices').some((price) => recordsOf(price, 'UoMPrices').length > 0),
    );
    const derived = boxed.find((row) => row !== own);
    const [ownCode, derivedCode] = [textOf(own ?? {}, 'ItemCode'), textOf(derived ?? {}, 'ItemCode')];
    const box = await preview(buyer(1), { ItemCode: derivedCode, Quantity: 2 });
    expect(box).toMatchObject({ UoMEntry: 3, UoMCode: 'Karton', InventoryQuantity: 12 });
    expect(numberOf(box, 'UnitPrice')).toBeCloseTo(listPrice(derivedCode, 1) * 6, 4);
    expect(await preview(buyer(1), { ItemCode: ownCode })).toMatchObject({ UoMEntry: 1, InventoryQuantity: 1 });
    const asked = { ItemCode: ownCode, CardCode: buyer(1), UoMEntry: 3 };
    expect(numberOf(await ask(asked), 'Price')).toBeCloseTo(Math.round(listPrice(ownCode, 1) * 6 * 95) / 100, 4);
    expect(
      errorOf(
        await world.v2.call('POST', 'CompanyService_GetItemPrice', {
          body: { ItemPriceParams: { ...asked, UoMEntry: 5 } },
        }),
      ).code,
    ).toBe('-5002');
  });

  it('moves a partner’s own discount from the lines to the document where the company is set so', async () => {
    const card = buyer(1, { DiscountPercent: 5 });
    const { itemCode } = usualPair(world);
    world.office.settings.partnerDiscountOn = 'line';
    expect((await ask({ ItemCode: itemCode, CardCode: card }))['Discount']).toBe(5);
    world.office.settings.partnerDiscountOn = 'document';
    expect((await ask({ ItemCode: itemCode, CardCode: card }))['Discount']).toBe(0);
    const order = world.office.createOrder({ CardCode: card, DocumentLines: [{ ItemCode: itemCode, Quantity: 1 }] });
    expect(order['DiscountPercent']).toBe(5);
    world.office.settings.partnerDiscountOn = 'line';
  });

  it('refuses a price in a currency that has no rate that day', async () => {
    const { itemCode } = usualPair(world);
    const answer = await world.v2.call('POST', 'CompanyService_GetItemPrice', {
      body: { ItemPriceParams: { ItemCode: itemCode, CardCode: buyer(1), Currency: 'GBP' } },
    });
    expect(errorOf(answer)).toEqual({ code: '-10', message: "Update the exchange rate , 'GBP'" });
  });
});
