import type { LocalDate } from '../kernel/local-date.ts';
import type { Decimal } from '../kernel/money.ts';

/** All that a company's master data says about one item's price for one customer, quantity, unit and day. */
export interface PriceFacts {
  readonly date: LocalDate;
  /** In the unit asked for. */
  readonly quantity: Decimal;
  readonly unit: UnitAsked;
  readonly partner: PartnerFacts;
  readonly item: ItemFacts;
  /** The partner's own list; null: it has none. */
  readonly list: ListFacts | null;
  /** For this partner, and for all partners of its list. */
  readonly specialPrices: readonly SpecialPriceFacts[];
  readonly discountGroups: readonly DiscountGroupFacts[];
  /** Lines about this item in agreements with this partner. */
  readonly agreements: readonly AgreementFacts[];
}

export interface UnitAsked {
  /** Entry of the unit; null: written by hand on the item. */
  readonly entry: number | null;
  /** `alternate` of it are `base` stock units: a third of a piece has no exact factor. */
  readonly base: Decimal;
  readonly alternate: Decimal;
}

export interface PartnerFacts {
  readonly preference: 'default' | 'lowest' | 'highest';
  readonly judgedBeforeDiscount: boolean;
  readonly discountRelation: DiscountRelation;
  readonly noDiscountGroups: boolean;
  /** On the total of documents; 0: none. */
  readonly generalDiscountPercent: Decimal;
}

export type DiscountRelation = 'lowest' | 'highest' | 'average' | 'sum' | 'multiplied';

export interface ItemFacts {
  readonly noDiscountGroups: boolean;
}

export interface ListFacts {
  readonly number: number;
  /** Of the item in this list for one of the unit asked for; null: it has none. */
  readonly price: { readonly amount: Decimal; readonly currency: string } | null;
}

export interface SpecialPriceFacts {
  /** `partner`: for this one alone; `list`: for all that have the list. */
  readonly of: 'partner' | 'list';
  readonly active: boolean;
  readonly from: LocalDate | null;
  readonly to: LocalDate | null;
  readonly currency: string | null;
  readonly offer: Offer;
  readonly periods: readonly PeriodFacts[];
}

/** A price that is already after its discount. */
export interface Offer {
  readonly price: Decimal;
  readonly discountPercent: Decimal;
}

export interface PeriodFacts {
  readonly from: LocalDate | null;
  readonly to: LocalDate | null;
  readonly offer: Offer;
  /** `unit` null: in whatever unit the document has. */
  readonly scales: readonly { readonly from: Decimal; readonly unit: number | null; readonly offer: Offer }[];
}

export interface DiscountGroupFacts {
  /** Whom it is for, the narrowest first. */
  readonly of: 'partner' | 'partner_group' | 'everybody';
  readonly active: boolean;
  readonly from: LocalDate | null;
  readonly to: LocalDate | null;
  /** What several lines of this group that fit the item make together. */
  readonly relation: DiscountRelation;
  /** Those that fit the item: by itself, its group, its manufacturer. Percent. */
  readonly byItem: readonly Decimal[];
  readonly byKind: readonly Decimal[];
}

export interface AgreementFacts {
  /** Number and row of the agreement's line. */
  readonly agreement: number;
  readonly row: number;
  readonly price: Decimal;
  readonly currency: string | null;
  readonly discountPercent: Decimal;
  readonly unit: number | null;
}
