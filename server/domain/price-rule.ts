import { compare, type Decimal, isZero, multiply, percentOf, subtract } from '../kernel/money.ts';
import { discountsOfGroups } from './discount-relation.ts';
import { exactRatio } from './exact-ratio.ts';
import type { Offer, PeriodFacts, PriceFacts, SpecialPriceFacts, UnitAsked } from './price-facts.ts';

/** Where a price in SAP Business One comes from. */
export interface PriceRule {
  readonly kind: 'blanket_agreement' | 'special_price' | 'period_and_volume' | 'price_list' | 'manual';
  /** A discount group has taken its part off. */
  readonly discountGroup: boolean;
  /** False: the list itself is switched off; null: not known, or no list is meant. */
  readonly listActive: boolean | null;
}

/** One price that the rules allow for, before any choice between them. */
export interface PriceCandidate {
  readonly rule: Pick<PriceRule, 'kind' | 'discountGroup'>;
  /** Before the discount, for one of the unit asked for. */
  readonly unitPrice: Decimal;
  readonly discountPercent: Decimal;
  /** After it. */
  readonly price: Decimal;
  readonly currency: string;
}

/** SAP keeps prices with at most six decimals. */
const DECIMALS = 6;

/**
 * What each rule would give, the one that goes first in front: the agreement, the customer's special price, then what
 * comes from its list: discount groups, period and volume, the bare list price (order of SAP's SDK help, `SpecialPrices`;
 * agreements before all). A customer set to its lowest or highest price gets that one in front, but an agreement binds.
 */
export function priceCandidates(facts: PriceFacts): readonly PriceCandidate[] {
  const found = [
    ...specialPrices(facts, 'partner'),
    ...groupPrices(facts),
    ...specialPrices(facts, 'list'),
    ...listPrices(facts),
  ];
  const { preference, judgedBeforeDiscount } = facts.partner;
  const agreed = agreementPrices(facts);
  if (preference === 'default') return [...agreed, ...found];
  const worth = ({ unitPrice, price }: PriceCandidate) => (judgedBeforeDiscount ? unitPrice : price);
  const way = preference === 'lowest' ? 1 : -1;
  // Of equals the one that goes first by default stays in front: sorting keeps their order.
  return [...agreed, ...found.sort((left, right) => way * compare(worth(left), worth(right)))];
}

/** What SAP answered for the question the facts belong to. */
export interface AnsweredPrice {
  readonly price: Decimal;
  readonly discountPercent: Decimal;
  readonly currency: string;
}

export interface FoundRule {
  readonly candidate: PriceCandidate;
  /** How the answered price has to be read; `either`: without a discount both are the same. */
  readonly answered: 'before_discount' | 'after_discount' | 'either';
}

/**
 * The first rule that gives just the answered price, and how the answer is then to be read. Null where none does: then
 * SAP knows a rule that master data does not show, or the figures were changed meanwhile.
 * @param decimals of prices in this company
 */
export function ruleBehind(
  candidates: readonly PriceCandidate[],
  answer: AnsweredPrice,
  decimals: number,
): FoundRule | null {
  for (const candidate of candidates) {
    const answered = readingOf(candidate, answer, decimals);
    if (answered !== null) return { candidate, answered };
  }
  return null;
}

/** Decimals of a percentage that two sides agree on. */
const PERCENT_DECIMALS = 2;

/** An answer with a discount is about a rule with that discount; one without may have it in the price already. */
function readingOf(candidate: PriceCandidate, answer: AnsweredPrice, decimals: number): FoundRule['answered'] | null {
  const { price, discountPercent, currency } = answer;
  if (candidate.currency !== currency) return null;
  if (isZero(discountPercent)) return isNear(candidate.price, price, decimals) ? 'either' : null;
  if (!isNear(candidate.discountPercent, discountPercent, PERCENT_DECIMALS)) return null;
  if (isNear(candidate.price, takeOff(price, discountPercent), decimals)) return 'before_discount';
  return isNear(candidate.price, price, decimals) ? 'after_discount' : null;
}

/** At most one unit of the last decimal apart: the two sides may have rounded at different points. */
export function isNear(left: Decimal, right: Decimal, decimals: number): boolean {
  const apart = subtract(left, right).replace('-', '');
  return compare(multiply(apart, `1e${Math.min(decimals, DECIMALS)}`), '1') <= 0;
}

export function takeOff(price: Decimal, percent: Decimal): Decimal {
  return subtract(price, percentOf(price, percent));
}

function agreementPrices(facts: PriceFacts): PriceCandidate[] {
  return facts.agreements
    .filter((line) => line.unit === null || facts.unit.entry === null || line.unit === facts.unit.entry)
    .flatMap(({ price, discountPercent, currency, unit }) => {
      const known = currency ?? facts.list?.price?.currency;
      if (known === undefined || isZero(price)) return [];
      const asIs: PriceCandidate = {
        rule: { kind: 'blanket_agreement', discountGroup: false },
        unitPrice: price,
        discountPercent,
        price: takeOff(price, discountPercent),
        currency: known,
      };
      return unit === null ? bothUnits(asIs, facts) : [asIs];
    });
}

/** Where a price names no unit, it may be that of a stock unit or of the one asked for: no document says which. */
function bothUnits(asIs: PriceCandidate, { unit }: PriceFacts): PriceCandidate[] {
  if (unit.entry === null || compare(unit.base, unit.alternate) === 0) return [asIs];
  const scaled = (price: Decimal) => inStockUnits(price, unit);
  return [{ ...asIs, unitPrice: scaled(asIs.unitPrice), price: scaled(asIs.price) }, asIs];
}

/** A quantity of the unit in stock units; a price for a stock unit as one for the unit. */
export function inStockUnits(value: Decimal, { base, alternate }: Pick<UnitAsked, 'base' | 'alternate'>): Decimal {
  return exactRatio(multiply(value, base), alternate, DECIMALS, 'nearest') ?? value;
}

function groupPrices(facts: PriceFacts): PriceCandidate[] {
  const bases = [...listPrice(facts), ...specialPrices(facts, 'list')];
  return discountsOfGroups(facts).flatMap((discountPercent) =>
    bases.map((base) => ({
      ...base,
      rule: { ...base.rule, discountGroup: true },
      unitPrice: base.price,
      discountPercent,
      price: takeOff(base.price, discountPercent),
    })),
  );
}

/** Whether the customer's general discount, which counts on documents, is in an item's price too, no document says: both. */
function listPrices(facts: PriceFacts): PriceCandidate[] {
  const { generalDiscountPercent: percent } = facts.partner;
  return listPrice(facts).flatMap((bare) =>
    isZero(percent) ? [bare] : [bare, { ...bare, discountPercent: percent, price: takeOff(bare.price, percent) }],
  );
}

function listPrice({ list }: PriceFacts): PriceCandidate[] {
  if (!list?.price || isZero(list.price.amount)) return [];
  const { amount, currency } = list.price;
  const rule = { kind: 'price_list', discountGroup: false } as const;
  return [{ rule, unitPrice: amount, discountPercent: '0', price: amount, currency }];
}

function specialPrices(facts: PriceFacts, of: SpecialPriceFacts['of']): PriceCandidate[] {
  return facts.specialPrices
    .filter((special) => special.of === of && special.active && covers(special, facts.date))
    .flatMap((special) => {
      const found = offerOf(special, facts);
      const currency = special.currency ?? facts.list?.price?.currency;
      if (!found || currency === undefined || isZero(found.offer.price)) return [];
      const { price, discountPercent } = found.offer;
      const asIs: PriceCandidate = {
        rule: { kind: found.kind, discountGroup: false },
        unitPrice: beforeDiscount(price, discountPercent),
        discountPercent,
        price,
        currency,
      };
      return bothUnits(asIs, facts);
    });
}

/** A period goes before the price without one, and within it the largest quantity that is reached. */
function offerOf(
  special: SpecialPriceFacts,
  facts: PriceFacts,
): { offer: Offer; kind: 'special_price' | 'period_and_volume' } | null {
  const period = special.periods.find((one) => covers(one, facts.date));
  // For all partners there is nothing but periods: their price without one is the list's own.
  if (!period) return special.of === 'partner' ? { offer: special.offer, kind: 'special_price' } : null;
  const offer = scaleReached(period, facts) ?? period.offer;
  return { offer, kind: special.of === 'partner' ? 'special_price' : 'period_and_volume' };
}

/** A scale of another unit, or of none, is compared in stock units. */
function scaleReached({ scales }: PeriodFacts, { quantity, unit }: PriceFacts): Offer | null {
  const inStock = inStockUnits(quantity, unit);
  const reached = scales
    .filter((scale) => {
      const own = unit.entry === null || scale.unit === unit.entry;
      return compare(scale.from, own ? quantity : inStock) <= 0;
    })
    .sort((left, right) => compare(right.from, left.from));
  return reached[0]?.offer ?? null;
}

/** The price of which `percent` was taken off. */
export function beforeDiscount(price: Decimal, percent: Decimal): Decimal {
  const left = subtract('100', percent);
  if (isZero(percent) || compare(left, '0') <= 0) return price;
  return exactRatio(multiply(price, '100'), left, DECIMALS, 'nearest') ?? price;
}

function covers({ from, to }: { from: string | null; to: string | null }, date: string): boolean {
  return (from === null || from <= date) && (to === null || date <= to);
}
