import type { ErpEffectivePrice } from '../../app/ports/erp-prices.ts';
import { exactRatio } from '../../domain/exact-ratio.ts';
import { type AnsweredPrice, beforeDiscount, isNear, takeOff } from '../../domain/price-rule.ts';
import { compare, type Decimal, isZero } from '../../kernel/money.ts';
import type { SapCompany } from '../company.ts';
import type { HttpAnswer } from '../exchange.ts';
import { readOne } from '../lists.ts';
import { ItemPriceAnswer, type PreviewLine } from '../mappers/item-price.ts';
import { amount, filled } from '../mappers/values.ts';
import type { ConnectionMemory } from '../memory.ts';

/**
 * Whether `Price` of CompanyService_GetItemPrice is before or after its `Discount` is settled in no public document. Each
 * server shows it by itself, once an order's own line stands beside an answer with a discount; until then it is taken as
 * before: the price is then never above what SAP asks.
 */
export type Prices = Pick<ErpEffectivePrice, 'unitPrice' | 'discountPercent' | 'price'>;

/** SAP answers 0 where no price list has the item: that is no price, not a gift. */
export function readItemPrice(answer: HttpAnswer, currency: string): AnsweredPrice | null {
  const { Price, Currency, Discount } = readOne(answer, ItemPriceAnswer);
  const price = amount(Price);
  if (compare(price, '0') <= 0) return null;
  return { price, discountPercent: amount(Discount), currency: filled(Currency) ?? currency };
}

/** What SAP's own line says; null where it is in another currency than was asked for. */
export function pricesOf(line: PreviewLine, currency: string): Prices | null {
  if (filled(line.Currency) !== currency || !line.UnitPrice) return null;
  const unitPrice = amount(line.UnitPrice);
  const discountPercent = amount(line.DiscountPercent);
  const price = line.Price ? amount(line.Price) : atScale(takeOff(unitPrice, discountPercent));
  return { unitPrice, discountPercent, price };
}

/** Decimals within which two of SAP's own figures are the same one. */
const SAME = 2;

/** A line with the answer's own discount shows how the answer is meant. */
export function learnReading({ memory }: SapCompany, answer: AnsweredPrice, line: PreviewLine): void {
  const prices = pricesOf(line, answer.currency);
  if (prices === null || isNear(prices.unitPrice, prices.price, SAME)) return;
  if (!isNear(prices.discountPercent, answer.discountPercent, SAME)) return;
  if (isNear(answer.price, prices.unitPrice, SAME)) memory.itemPriceReading = 'before_discount';
  else if (isNear(answer.price, prices.price, SAME)) memory.itemPriceReading = 'after_discount';
}

/** SAP keeps prices with at most six decimals. */
const atScale = (price: Decimal): Decimal => exactRatio(price, '1', 6, 'nearest') ?? price;

export function pricesBy(
  reading: ConnectionMemory['itemPriceReading'],
  { price, discountPercent }: Pick<AnsweredPrice, 'price' | 'discountPercent'>,
): Prices {
  return reading === 'after_discount'
    ? { unitPrice: beforeDiscount(price, discountPercent), discountPercent, price }
    : { unitPrice: price, discountPercent, price: atScale(takeOff(price, discountPercent)) };
}

/** Nothing has shown yet how a price with a discount is meant. */
export function isAssumed(
  { memory }: SapCompany,
  { discountPercent }: Pick<AnsweredPrice, 'discountPercent'>,
): boolean {
  const known = memory.itemPriceReading === 'before_discount' || memory.itemPriceReading === 'after_discount';
  return !known && !isZero(discountPercent);
}
