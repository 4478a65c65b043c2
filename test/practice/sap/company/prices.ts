import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import { SapError } from '../errors.ts';
import { extended, round } from './amounts.ts';
import type { Company } from './model.ts';
import type { PriceAnswer, PriceCase } from './price-rules.ts';
import { agreementPrice, covers, groupDiscount, isGross, periodPrice, specialPrice } from './price-rules.ts';
import type { ItemUnit } from './units.ts';
import { itemUnit, priceFactor } from './units.ts';

export interface PriceQuestion {
  readonly itemCode: string;
  /** '' asks without a partner: price list 1 counts. */
  readonly cardCode: string;
  readonly date: string;
  /** In the unit asked for, or the item's usual sales unit. */
  readonly quantity: number;
  /** 0 or nothing: the item's usual sales unit. */
  readonly unit?: number;
  readonly currency?: string;
  readonly priceList?: number;
  /** Frame contracts: only a named one counts, any that fits does, or none does. */
  readonly agreements?: 'any' | 'none' | { readonly number: number; readonly line: number };
}

/**
 * What the company asks of this partner for this item. In the usual order: a frame contract, a price agreed with the
 * partner, period and volume discounts of the price list, discount groups on the list, the list. A partner may be set to
 * the lowest or the highest of them instead; a frame contract binds in any case.
 */
export function resolvePrice(company: Company, question: PriceQuestion): PriceAnswer {
  const asked = caseOf(company, question);
  const bound = question.agreements === 'none' ? undefined : agreementPrice(asked);
  const found = bound ?? chosen(asked.partner, [specialPrice(asked), periodPrice(asked), listPrice(asked)]);
  const currency = question.currency ?? found.currency;
  if (currency === found.currency || found.price === 0) return { ...found, currency };
  const local = found.price * rateOf(company, found.currency, question.date);
  return { ...found, currency, price: round(local / rateOf(company, currency, question.date), 6) };
}

function caseOf(company: Company, question: PriceQuestion): PriceCase {
  const { itemCode, cardCode, date, quantity, agreements = 'any' } = question;
  const partner = company.table('BusinessPartners').get(cardCode);
  const item = company.table('Items').get(itemCode) ?? {};
  return {
    company,
    partner,
    item,
    date,
    quantity,
    unit: itemUnit(company, item, question.unit ?? 0, '[OITM.UgpEntry]'),
    list: question.priceList ?? (partner === undefined ? 1 : numberOf(partner, 'PriceListNum') || 1),
    agreement: typeof agreements === 'string' ? { number: 0, line: 0 } : agreements,
  };
}

function chosen(partner: Fields | undefined, found: readonly (PriceAnswer | undefined)[]): PriceAnswer {
  const all = found.filter((answer) => answer !== undefined);
  const [first] = all;
  if (first === undefined) throw new Error('A price list answers in any case.');
  const wish = textOf(partner ?? {}, 'EffectivePrice');
  if (wish !== 'epLowestPrice' && wish !== 'epHighestPrice') return first;
  const before = textOf(partner ?? {}, 'EffectivePriceConsidersPriceBeforeDiscount') === 'tYES';
  const worth = (answer: PriceAnswer) => (before ? answer.price : afterDiscount(answer));
  const sign = wish === 'epLowestPrice' ? 1 : -1;
  return [...all].sort((a, b) => sign * (worth(a) - worth(b)))[0] ?? first;
}

function listPrice(asked: PriceCase): PriceAnswer {
  const { company, partner, item, list, unit, date } = asked;
  const row = recordsOf(item, 'ItemPrices').find((entry) => numberOf(entry, 'PriceList') === list) ?? {};
  const head = company.table('PriceLists').get(String(list)) ?? {};
  const active = textOf(head, 'Active') !== 'tNO' && covers(head, 'ValidFrom', 'ValidTo', date);
  const group = groupDiscount(asked);
  const usual = company.settings.partnerDiscountOn === 'line' ? numberOf(partner ?? {}, 'DiscountPercent') : 0;
  const source = active ? 'dpsActivePriceList' : 'dpsInactivePriceList';
  return {
    price: unitPrice(row, unit),
    discount: group ?? usual,
    currency: textOf(row, 'Currency') || company.settings.localCurrency,
    source: group === undefined ? source : `${source}DiscountGroups`,
    gross: isGross(company, list),
  };
}

/** A price of its own for that unit, else that of one stock unit times how many it holds. */
function unitPrice(row: Fields, unit: ItemUnit): number {
  const own = recordsOf(row, 'UoMPrices').find((entry) => numberOf(entry, 'UoMEntry') === unit.entry) ?? {};
  if (textOf(own, 'Auto') !== 'tYES' && numberOf(own, 'Price') > 0) return numberOf(own, 'Price');
  return round(numberOf(row, 'Price') * priceFactor(unit) * (1 - numberOf(own, 'ReduceBy') / 100), 6);
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
