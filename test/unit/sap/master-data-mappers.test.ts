import { describe, expect, it } from 'vitest';
import { toCompanyRules } from '../../../server/sap/mappers/company-rules.ts';
import { toItemDetails } from '../../../server/sap/mappers/item-details.ts';
import { ruleOf } from '../../../server/sap/mappers/item-price.ts';
import { relationOf, toPartnerDetails } from '../../../server/sap/mappers/partner-details.ts';
import { listFacts } from '../../../server/sap/mappers/price-item.ts';
import { toAgreements, toDiscountGroup, toSpecialPrice } from '../../../server/sap/mappers/price-rows.ts';
import { toReceipts } from '../../../server/sap/mappers/receipt-rows.ts';
import { toPaymentTerms, toSalesPerson } from '../../../server/sap/mappers/reference-rows.ts';
import { toCurrency, toTaxGroup } from '../../../server/sap/mappers/tax-rows.ts';
import { toUnitGroup } from '../../../server/sap/mappers/unit-rows.ts';

const TODAY = '2026-03-04';

describe('where SAP leaves things out', () => {
  it('a company has usual decimals and no switches on', () => {
    expect(toCompanyRules({}, 'EUR')).toEqual({
      companyName: '',
      country: null,
      localCurrency: 'EUR',
      systemCurrency: null,
      decimals: { totals: 2, prices: 6, rates: 6, quantities: 6, percentages: 6 },
      credit: { checksLimit: false, checksCommitment: false, countsDeliveries: false, countsOrders: false },
      blocksNegativeStock: false,
      approvalsForInterfaces: false,
      branches: false,
      defaultPriceList: null,
      defaultWarehouse: null,
    });
  });

  it('a partner has no addresses, contacts, branches or discounts', () => {
    const details = toPartnerDetails({ CardCode: 'C1', SalesPersonCode: -1, Currency: '##' }, TODAY);
    expect(details).toMatchObject({ name: 'C1', type: 'customer', active: true, salesPerson: null, addresses: [] });
    expect(details).toMatchObject({ contacts: [], branches: [], paymentBlocked: false, dunningLevel: 0 });
    expect(details.pricing).toEqual({
      priceList: null,
      currency: null,
      documentDiscountPercent: '0',
      preference: 'default',
      judgedBeforeDiscount: false,
      discountRelation: 'lowest',
      noDiscountGroups: false,
      defaultAgreement: null,
    });
  });

  it('an item counts in pieces, and a price without a currency is none', () => {
    const item = toItemDetails(
      { ItemCode: 'A', SalesItemsPerUnit: 0, UoMGroupEntry: -1, ItemPrices: [{ PriceList: 1, Price: 5 }] },
      TODAY,
    );
    expect(item.salesUnit).toEqual({ name: null, entry: null, inStockUnits: '1' });
    expect(item).toMatchObject({ prices: [], stock: [], stocked: true, tree: 'none' });
  });

  it('names stand in for missing ones, and nobody is not a person', () => {
    expect(toPaymentTerms({ GroupNumber: 3 })).toMatchObject({ name: '3', startFrom: 'document_date', months: 0 });
    expect(toSalesPerson({ SalesEmployeeCode: -1, SalesEmployeeName: '-Nobody-' })).toBeUndefined();
    expect(toSalesPerson({ SalesEmployeeCode: 4 })).toEqual({ code: 4, name: '4', email: null, active: true });
  });
});

describe('where SAP says it in its own way', () => {
  it('the source of a price is a rule, the newer members too', () => {
    const kinds = [
      ['dpsSpecialPricesForBusinessPartner', 'special_price', false, null],
      ['dpsNewSpecialPricesForBusinessPartner', 'special_price', false, null],
      ['dpsManual', 'manual', false, null],
      ['dpsActivePriceListDiscountGroups', 'price_list', true, true],
      ['dpsActivePriceList', 'price_list', false, true],
      ['dpsInactivePriceList', 'price_list', false, false],
      ['dpsNewInactivePriceListDiscountGroups', 'price_list', true, false],
      ['dpsBlanketAgreement', 'blanket_agreement', false, null],
      ['dpsNewBlanketAgreement', 'blanket_agreement', false, null],
      ['dpsPeriodAndVolumeDiscounts', 'period_and_volume', false, null],
      ['dpsNewPeriodAndVolumeDiscountsDiscountGroups', 'period_and_volume', true, null],
    ] as const;
    for (const [source, kind, discountGroup, listActive] of kinds) {
      expect(ruleOf(source)).toEqual({ kind, discountGroup, listActive });
    }
    expect([ruleOf('dpsSomethingNew'), ruleOf(null), ruleOf(undefined)]).toEqual([null, null, null]);
  });

  it('currencies have digits of their own or the company’s, and codes that are not always ISO', () => {
    expect(toCurrency({ Code: '$', DocumentsCode: 'USD', Decimals: 'cdWithoutDecimals' })).toMatchObject({
      code: '$',
      iso: 'USD',
      decimals: 0,
    });
    expect(toCurrency({ Code: '€', Decimals: 'cdDefault' })).toMatchObject({ iso: null, decimals: null });
    expect(toCurrency({ Code: 'KWD', Decimals: 'cd3Digits' })).toMatchObject({ iso: 'KWD', decimals: 3 });
  });

  it('tax counts from its day, whatever order SAP keeps', () => {
    const rates = [
      { Effectivefrom: '2021-01-01T00:00:00Z', Rate: 19 },
      { Effectivefrom: null, Rate: 15 },
      { Effectivefrom: '2020-07-01', Rate: 16 },
    ];
    expect(toTaxGroup({ Code: 'V1', Category: 'bovcInputTax', VatGroups_Lines: rates })).toMatchObject({
      on: 'purchases',
      rates: [
        { from: '0001-01-01', percent: '15' },
        { from: '2020-07-01', percent: '16' },
        { from: '2021-01-01', percent: '19' },
      ],
    });
  });

  it('units keep both sides of their ratio', () => {
    const group = toUnitGroup({
      AbsEntry: 2,
      UoMGroupDefinitionCollection: [{ AlternateUoM: 5, AlternateQuantity: 3, BaseQuantity: 1 }, { BaseQuantity: 2 }],
    });
    expect(group.units).toEqual([{ unit: 5, alternateQuantity: '3', baseQuantity: '1', active: true }]);
    expect(group.name).toBe('2');
  });

  it('discounts are put together as named, the lowest where nothing is', () => {
    expect(['dgrMultipliedDiscount', 'dgrDiscountTotals', 'dgrAverageDiscount', null].map(relationOf)).toEqual([
      'multiplied',
      'sum',
      'average',
      'lowest',
    ]);
  });
});

describe('toReceipts', () => {
  const order = (line: object, more: object = {}) =>
    toReceipts({
      DocEntry: 1,
      DocNum: 501,
      DocDueDate: '2026-04-01',
      DocumentLines: [{ ItemCode: 'A', WarehouseCode: '01', ...line }],
      ...more,
    });

  it('counts what is open, in stock units', () => {
    expect(order({ RemainingOpenInventoryQuantity: 24, RemainingOpenQuantity: 4 })[0]).toEqual([
      'A',
      { warehouse: '01', date: '2026-04-01', quantity: '24', purchaseOrder: 501 },
    ]);
    const inBoxes = order({ RemainingOpenQuantity: 4, UnitsOfMeasurment: 6, ShipDate: '2026-03-20T00:00:00Z' })[0]?.[1];
    expect(inBoxes).toMatchObject({ quantity: '24', date: '2026-03-20' });
  });

  it('leaves out what is closed, cancelled, received, or no item', () => {
    expect(order({ RemainingOpenQuantity: 4, LineStatus: 'bost_Close' })).toEqual([]);
    expect(order({ RemainingOpenQuantity: 4 }, { Cancelled: 'tYES' })).toEqual([]);
    expect(order({ RemainingOpenQuantity: 0 })).toEqual([]);
    expect(order({ RemainingOpenQuantity: 4, ItemCode: null })).toEqual([]);
  });
});

describe('what decides a price', () => {
  it('is an agreement only where it is approved, holds, and its prices count', () => {
    const row = {
      AgreementNo: 7,
      Status: 'asApproved',
      StartDate: '2026-01-01',
      EndDate: '2026-12-31',
      BPCurrency: 'EUR',
      BlanketAgreements_ItemsLines: [
        { AgreementRowNumber: 1, ItemNo: 'A', UnitPrice: 9.5, UoMEntry: -1 },
        { ItemNo: 'B', UnitPrice: 1 },
      ],
    };
    expect(toAgreements(row, 'A', TODAY)).toEqual([
      { agreement: 7, row: 1, price: '9.5', currency: 'EUR', discountPercent: '0', unit: null },
    ]);
    for (const change of [
      { Status: 'asOnHold' },
      { EndDate: '2026-03-03' },
      { StartDate: '2026-03-05' },
      { TerminateDate: '2026-02-01' },
      { AgreementMethod: 'amMonetary' },
      { IgnorePricesInAgreement: 'tYES' },
    ]) {
      expect(toAgreements({ ...row, ...change }, 'A', TODAY)).toEqual([]);
    }
  });

  it('is what a discount group says of the item, its group, its maker or its properties', () => {
    const item = { itemCode: 'A', group: 101, manufacturer: 3, properties: new Set([12]) };
    const group = toDiscountGroup(
      {
        AbsEntry: 1,
        Type: 'dgt_SpecificBP',
        DiscountGroupLineCollection: [
          { ObjectType: 'dgboItems', ObjectCode: 'A', Discount: 1 },
          { ObjectType: 'dgboItems', ObjectCode: 'B', Discount: 2 },
          { ObjectType: 'dgboItemGroups', ObjectCode: '101', Discount: 3 },
          { ObjectType: 'dgboManufacturer', ObjectCode: '3', Discount: 4 },
          { ObjectType: 'dgboItemProperties', ObjectCode: '12', Discount: 5 },
          { ObjectType: 'dgboItemProperties', ObjectCode: '13', Discount: 6 },
          { ObjectType: 'dgboItemGroups', ObjectCode: '101', Discount: 7, DiscountType: 'dgdt_Variable' },
        ],
      },
      item,
    );
    expect(group).toMatchObject({ of: 'partner', byItem: ['1'], byKind: ['3', '4', '5'] });
  });

  it('is a special price for one partner, or for everybody with a list', () => {
    expect(toSpecialPrice({ ItemCode: 'A', CardCode: '*2', Price: 5 }).of).toBe('list');
    const own = toSpecialPrice({ ItemCode: 'A', CardCode: 'C1', Price: 5, Valid: 'tNO', ValidTo: '2026-01-31' });
    expect(own).toMatchObject({ of: 'partner', active: false, to: '2026-01-31', currency: null, periods: [] });
  });

  it('is a list’s price for the unit, its own or worked out', () => {
    const row = {
      ItemCode: 'A',
      UoMGroupEntry: 1,
      InventoryUoMEntry: 1,
      ItemPrices: [
        { PriceList: 1, Price: 10, Currency: 'EUR', UoMPrices: [{ UoMEntry: 3, Price: 57 }] },
        { PriceList: 2, Price: 10, Currency: 'EUR', UoMPrices: [{ UoMEntry: 3, ReduceBy: 5, Auto: 'tYES' }] },
        { PriceList: 3, Price: 10, Currency: null },
      ],
    };
    const box = { entry: 3, base: '6', alternate: '1' };
    expect(listFacts(row, 1, box).price).toEqual({ amount: '57', currency: 'EUR' });
    expect(listFacts(row, 2, box).price).toEqual({ amount: '57', currency: 'EUR' });
    expect(listFacts(row, 1, { entry: 1, base: '1', alternate: '1' }).price?.amount).toBe('10');
    expect(listFacts(row, 1, { entry: 5, base: '1', alternate: '3' }).price?.amount).toBe('3.333333');
    expect([listFacts(row, 3, box).price, listFacts(row, 9, box).price]).toEqual([null, null]);
  });
});
