import type { PriceRule } from '../../domain/price-rule.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import type { Decimal } from '../../kernel/money.ts';
import type { ErpCaller } from './erp.ts';

export interface ErpPrices {
  /** All price lists, by number. */
  listPriceListDetails(caller: ErpCaller): Promise<readonly ErpPriceList[]>;
  /**
   * What this customer pays for this item, quantity, unit and day, and which of SAP's rules says so. One request where the
   * server computes documents without saving them (then the rule is SAP's own word); else up to five.
   *
   * Null: SAP has no price. SAP answers one item at a time (`CompanyService_GetItemPrice`).
   * @throws {NotFoundError} when SAP knows no such partner or item
   * @throws {RejectedError} e.g. when a rate for the day is missing
   */
  getEffectivePrice(caller: ErpCaller, question: ErpPriceQuestion): Promise<ErpEffectivePrice | null>;
}

export interface ErpPriceQuestion {
  readonly cardCode: string;
  readonly itemCode: string;
  /** In the unit asked for. */
  readonly quantity: Decimal;
  /** Entry of the unit (`listUnits`); null: the item's own sales unit. */
  readonly unit: number | null;
  readonly date: LocalDate;
  /** Null: the price's own currency. */
  readonly currency: string | null;
}

/** For one of the unit asked for. */
export interface ErpEffectivePrice {
  /** Before the discount. */
  readonly unitPrice: Decimal;
  readonly discountPercent: Decimal;
  /** After the discount. */
  readonly price: Decimal;
  readonly currency: string;
  /** Whether `price` holds tax. `unknown`: it comes from a list with tax, and nothing shows how SAP answered. */
  readonly tax: 'excluded' | 'included' | 'unknown';
  /**
   * `stated`: SAP named the rule. `worked_out`: found among the rules of master data by the price they give; null where
   * none of them gives it.
   */
  readonly rule: PriceRule | null;
  readonly ruleIs: 'stated' | 'worked_out';
  /**
   * True: nothing shows whether SAP's price is before or after its discount. It is then taken as before, so that `price`
   * is never higher than what SAP asks.
   */
  readonly assumed: boolean;
  /** Taken off a document's total in addition; null: not known. */
  readonly documentDiscountPercent: Decimal | null;
}

export interface ErpPriceList {
  readonly number: number;
  readonly name: string;
  readonly active: boolean;
  readonly from: LocalDate | null;
  readonly to: LocalDate | null;
  /** Prices hold tax. */
  readonly gross: boolean;
  /** Prices are those of this list times `factor`; null: a list of its own. */
  readonly baseList: number | null;
  readonly factor: Decimal;
  readonly currency: string | null;
}
