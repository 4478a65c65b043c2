import type { Fields } from '../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../kernel/json.ts';
import { addDays } from '../sap/company/local-time.ts';

export interface Agreements {
  readonly specialPrices: readonly Fields[];
  readonly discountGroups: readonly Fields[];
  readonly blanketAgreements: readonly Fields[];
}

interface Request {
  readonly items: readonly Fields[];
  readonly partners: readonly Fields[];
  /** Items that the rules are about; no other item's price is touched. */
  readonly ruled: readonly string[];
  readonly today: string;
}

/** Rules that hold for many customers, and one frame contract: the first item has all of them at once. */
export function buildAgreements({ items, partners, ruled, today }: Request): Agreements {
  const [all = '', period = '', grouped = '', framed = ''] = ruled;
  if (framed === '') return { specialPrices: [], discountGroups: [], blanketAgreements: [] };
  const of = (code: string) => items.find((row) => textOf(row, 'ItemCode') === code) ?? {};
  const buyer = partners.find((row) => row['CardType'] === 'cCustomer' && row['Currency'] === 'EUR') ?? {};
  return {
    specialPrices: [all, period].flatMap((code) => [1, 2, 3, 4].map((list) => periodRow(of(code), list, today))),
    discountGroups: [
      discountGroup(1, { Type: 'dgt_AllBPs', ObjectCode: '0' }, [
        [all, 3],
        [grouped, 4],
      ]),
      discountGroup(2, { Type: 'dgt_CustomerGroup', ObjectCode: '102' }, [[grouped, 7.5]]),
      discountGroup(3, { Type: 'dgt_SpecificBP', ObjectCode: textOf(buyer, 'CardCode') }, [[grouped, 9]]),
      { ...discountGroup(4, { Type: 'dgt_CustomerGroup', ObjectCode: '100' }, [[grouped, 50]]), Active: 'tNO' },
    ],
    blanketAgreements: [
      agreement(1, buyer, [of(all), of(framed)], { Status: 'asApproved' }, today),
      agreement(2, buyer, [of(period)], { Status: 'asDraft' }, today),
    ],
  };
}

function listPrice(item: Fields, list: number): number {
  const row = recordsOf(item, 'ItemPrices').find((entry) => numberOf(entry, 'PriceList') === list);
  return numberOf(row ?? {}, 'Price');
}

const less = (price: number, percent: number): number => Math.round(price * (100 - percent)) / 100;

/** `*1` means everybody who buys from list 1: two percent in this quarter, five from 10 pieces, none before or after. */
function periodRow(item: Fields, list: number, today: string): Fields {
  const price = listPrice(item, list);
  const code = textOf(item, 'ItemCode');
  const base = { BPCode: `*${list}`, ItemNo: code, PriceCurrency: 'EUR' };
  return {
    CardCode: `*${list}`,
    ItemCode: code,
    Price: price,
    Currency: 'EUR',
    DiscountPercent: 0,
    PriceListNum: list,
    AutoUpdate: 'tNO',
    Valid: 'tYES',
    SpecialPriceDataAreas: [
      {
        ...base,
        RowNumber: 0,
        PriceListNo: list,
        DateFrom: addDays(today, -45),
        Dateto: addDays(today, 45),
        SpecialPrice: less(price, 2),
        Discount: 2,
        SpecialPriceQuantityAreas: [
          { ...base, RowNumber: 0, SPDARowNumber: 0, Quantity: 10, SpecialPrice: less(price, 5), Discountin: 5 },
        ],
      },
    ],
  };
}

function discountGroup(
  entry: number,
  whose: Fields,
  lines: readonly (readonly [code: string, percent: number])[],
): Fields {
  return {
    AbsEntry: entry,
    ...whose,
    DiscountRelations: 'dgrLowestDiscount',
    Active: 'tYES',
    DiscountGroupLineCollection: lines.map(([code, percent]) => ({
      AbsEntry: entry,
      ObjectType: 'dgboItems',
      ObjectCode: code,
      DiscountType: 'dgdt_Fixed',
      Discount: percent,
    })),
  };
}

function agreement(number: number, buyer: Fields, items: readonly Fields[], state: Fields, today: string): Fields {
  return {
    AgreementNo: number,
    BPCode: textOf(buyer, 'CardCode'),
    BPName: textOf(buyer, 'CardName'),
    StartDate: addDays(today, -100),
    EndDate: addDays(today, 265),
    Description: 'Rahmenvertrag',
    AgreementType: 'atSpecific',
    AgreementMethod: 'amItem',
    IgnorePricesInAgreement: 'tNO',
    ...state,
    BlanketAgreements_ItemsLines: items.map((item, index) => ({
      AgreementNo: number,
      AgreementRowNumber: index,
      ItemNo: textOf(item, 'ItemCode'),
      ItemDescription: textOf(item, 'ItemName'),
      PlannedQuantity: 200,
      UnitPrice: less(listPrice(item, 1), 30),
      PriceCurrency: 'EUR',
      LineDiscount: 0,
      UoMEntry: -1,
    })),
  };
}
