import { type Fields, numberOf, recordsOf, textOf } from '../../practice/kernel/json.ts';
import { startSap } from './sap-bench.ts';

/** Settings of a server that computes no orders without saving them. */
export const WITHOUT_PREVIEW = ['OrdersService_Preview'];

/** A practice SAP whose last goods have prices by every rule there is. */
export async function startPrices() {
  const bench = await startSap({}, { rich: true });
  const { office } = bench;
  const groups = office.rows('EnhancedDiscountGroups');
  const [all = '', grouped = ''] = recordsOf(groups[0] ?? {}, 'DiscountGroupLineCollection').map((row) =>
    textOf(row, 'ObjectCode'),
  );
  const agreement = office.rows('BlanketAgreements')[0] ?? {};
  const framed = textOf(recordsOf(agreement, 'BlanketAgreements_ItemsLines')[1] ?? {}, 'ItemNo');
  const period = office.rows('SpecialPrices').find((row) => row['CardCode'] === '*1' && row['ItemCode'] !== all);
  return {
    bench,
    office,
    /** All rules at once, period prices only, discount groups only, a frame contract only. */
    ruled: { all, grouped, framed, period: textOf(period ?? {}, 'ItemCode') },
    framedBuyer: textOf(agreement, 'BPCode'),
    listPrice(itemCode: string, list: number): number {
      const prices = recordsOf(office.item(itemCode), 'ItemPrices');
      return numberOf(prices.find((row) => numberOf(row, 'PriceList') === list) ?? {}, 'Price');
    },
    /** A customer in euro of that price list who has no contract of its own. */
    buyer(list: number, more: Fields = {}): string {
      const code = `P${list}${Object.values(more).join('').slice(0, 10)}`;
      if (!office.rows('BusinessPartners').some((row) => row['CardCode'] === code))
        office.createPartner({ CardCode: code, CardName: code, PriceListNum: list, PayTermsGrpCode: 1, ...more });
      return code;
    },
    /** An item that no rule is about. */
    ordinary(): string {
      const special = new Set(office.rows('SpecialPrices').map((row) => row['ItemCode']));
      const item = office
        .rows('Items')
        .find((row) => row['SalesItem'] === 'tYES' && row['Valid'] === 'tYES' && !special.has(row['ItemCode'] ?? ''));
      return textOf(item ?? {}, 'ItemCode');
    },
    /** As most companies have it. */
    reset(): void {
      Object.assign(office.settings, {
        missing: [],
        itemPriceIs: 'before_discount',
        itemPriceKnowsAgreements: false,
        partnerDiscountOn: 'document',
        denies: () => false,
      });
    },
  };
}

export type PriceBench = Awaited<ReturnType<typeof startPrices>>;
