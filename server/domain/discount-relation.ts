import { add, compare, type Decimal, multiply, subtract } from '../kernel/money.ts';
import { exactRatio } from './exact-ratio.ts';
import type { DiscountGroupFacts, DiscountRelation, PriceFacts } from './price-facts.ts';

/** SAP keeps percentages with at most six decimals. */
const DECIMALS = 6;

/**
 * What the discount groups that fit take off, in percent; empty where none fits or none may count. Whether groups of
 * different width count together, as the customer's setting says, or the narrowest alone, no document says: both ways.
 */
export function discountsOfGroups({ date, partner, item, discountGroups }: PriceFacts): readonly Decimal[] {
  if (partner.noDiscountGroups || item.noDiscountGroups) return [];
  const holding = discountGroups.filter(
    ({ active, from, to }) => active && (from === null || from <= date) && (to === null || date <= to),
  );
  const of = (groups: readonly DiscountGroupFacts[]) =>
    together(
      groups.flatMap((group) => discountOf(group) ?? []),
      partner.discountRelation,
    );
  const each = WIDTHS.map((width) => of(holding.filter((group) => group.of === width)));
  const ways = [of(holding), each.find((percent) => percent !== null) ?? null].flatMap((percent) => percent ?? []);
  return [...new Set(ways)];
}

const WIDTHS: readonly DiscountGroupFacts['of'][] = ['partner', 'partner_group', 'everybody'];

/** A line about the very item goes before lines about its kind. */
function discountOf({ byItem, byKind, relation }: DiscountGroupFacts): Decimal | null {
  return together(byItem.length > 0 ? byItem : byKind, relation);
}

/** Several discounts as one. Null for none. The sum is never more than 100. */
export function together(percents: readonly Decimal[], relation: DiscountRelation): Decimal | null {
  const [first, ...rest] = percents;
  if (first === undefined) return null;
  switch (relation) {
    case 'lowest':
      return rest.reduce((low, one) => (compare(one, low) < 0 ? one : low), first);
    case 'highest':
      return rest.reduce((high, one) => (compare(one, high) > 0 ? one : high), first);
    case 'average':
      return exactRatio(add(...percents), String(percents.length), DECIMALS, 'nearest');
    case 'sum': {
      const sum = add(...percents);
      return compare(sum, '100') > 0 ? '100' : sum;
    }
    case 'multiplied':
      return multiplied(percents);
    default:
      return relation satisfies never;
  }
}

/** Each takes its part of what the ones before have left. */
function multiplied(percents: readonly Decimal[]): Decimal | null {
  const left = percents.reduce((rest, percent) => hundredth(multiply(rest, subtract('100', percent))), '100');
  return exactRatio(subtract('100', left), '1', DECIMALS, 'nearest');
}

const hundredth = (value: Decimal): Decimal => multiply(value, '0.01');
