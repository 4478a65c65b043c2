import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import { SapError } from '../errors.ts';
import { extended, round } from './amounts.ts';
import type { Company } from './model.ts';
import { rowKey } from './model.ts';

export interface PriceQuestion {
  readonly itemCode: string;
  /** '' asks without a partner: price list 1 counts. */
  readonly cardCode: string;
  readonly date: string;
  readonly quantity: number;
  readonly currency?: string;
  readonly priceList?: number;
}

export interface PriceAnswer {
  /** Before the discount. */
  readonly price: number;
  readonly discount: number;
  readonly currency: string;
  /** Member of DocumentPriceSourceEnum. */
  readonly source: string;
}

/** What the company asks of this partner for this item: special price first, then the partner's price list. */
export function resolvePrice(company: Company, question: PriceQuestion): PriceAnswer {
  const found = specialPrice(company, question) ?? listPrice(company, question);
  const currency = question.currency ?? found.currency;
  if (currency === found.currency || found.price === 0) return { ...found, currency };
  const local = found.price * rateOf(company, found.currency, question.date);
  return { ...found, currency, price: round(local / rateOf(company, currency, question.date), 6) };
}

function specialPrice(company: Company, question: PriceQuestion): PriceAnswer | undefined {
  const key = rowKey('SpecialPrices', { ItemCode: question.itemCode, CardCode: question.cardCode });
  const special = company.table('SpecialPrices').get(key);
  if (
    special === undefined ||
    !covers(special, 'ValidFrom', 'ValidTo', question.date) ||
    textOf(special, 'Valid') === 'tNO'
  )
    return undefined;
  const period = recordsOf(special, 'SpecialPriceDataAreas').find((area) =>
    covers(area, 'DateFrom', 'Dateto', question.date),
  );
  const scale = recordsOf(period ?? {}, 'SpecialPriceQuantityAreas')
    .filter((area) => numberOf(area, 'Quantity') <= question.quantity)
    .sort((a, b) => numberOf(b, 'Quantity') - numberOf(a, 'Quantity'))[0];
  const price = scale ?? period;
  const after = price === undefined ? numberOf(special, 'Price') : numberOf(price, 'SpecialPrice');
  const discount =
    scale !== undefined
      ? numberOf(scale, 'Discountin')
      : numberOf(period ?? special, period === undefined ? 'DiscountPercent' : 'Discount');
  return {
    price: discount > 0 && discount < 100 ? round(after / (1 - discount / 100), 6) : after,
    discount,
    currency: textOf(special, 'Currency') || company.settings.localCurrency,
    source: price === undefined ? 'dpsSpecialPricesForBusinessPartner' : 'dpsPeriodAndVolumeDiscounts',
  };
}

function covers(row: Fields, from: string, to: string, date: string): boolean {
  const start = textOf(row, from);
  const end = textOf(row, to);
  return (start === '' || start <= date) && (end === '' || date <= end);
}

function listPrice(company: Company, question: PriceQuestion): PriceAnswer {
  const partner = company.table('BusinessPartners').get(question.cardCode);
  const list = question.priceList ?? (partner === undefined ? 1 : numberOf(partner, 'PriceListNum') || 1);
  const item = company.table('Items').get(question.itemCode);
  const row = recordsOf(item ?? {}, 'ItemPrices').find((entry) => numberOf(entry, 'PriceList') === list);
  const active = textOf(company.table('PriceLists').get(String(list)) ?? {}, 'Active') !== 'tNO';
  return {
    price: row === undefined ? 0 : numberOf(row, 'Price'),
    discount: partner === undefined ? 0 : numberOf(partner, 'DiscountPercent'),
    currency: textOf(row ?? {}, 'Currency') || company.settings.localCurrency,
    source: active ? 'dpsActivePriceList' : 'dpsInactivePriceList',
  };
}

/** The price after its discount. */
export function afterDiscount({ price, discount }: PriceAnswer): number {
  return extended(1, price, discount, 6);
}

/**
 * Local units for one unit of that currency on that very day: SAP does not carry yesterday's rate on.
 * @throws SapError where nobody entered it. Its code is not settled in public documents.
 */
export function rateOf(company: Company, currency: string, date: string): number {
  if (currency === company.settings.localCurrency) return 1;
  const rate = company.rates.get(currency)?.get(date);
  if (rate === undefined) throw new SapError(400, -10, `Update the exchange rate , '${currency}'`);
  return rate;
}
