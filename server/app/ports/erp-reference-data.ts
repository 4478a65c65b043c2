import type { LocalDate } from '../../kernel/local-date.ts';
import type { Decimal } from '../../kernel/money.ts';
import type { ErpCaller } from './erp.ts';

/**
 * What everything else in a SAP company points at: its switches and its short lists. Lists are read whole (SAP stamps
 * none of them), in the order of their keys, and may throw what `Erp` says of all calls; `rejected` too where the service
 * user has no right to the list. Codes are SAP's own; `null` stands for "SAP has none".
 */
export interface ErpReferenceData {
  /** The company's switches that decide credit, price and decimals. One request (`CompanyService_GetAdminInfo`). */
  getCompanyRules(caller: ErpCaller): Promise<ErpCompanyRules>;

  listItemGroups(caller: ErpCaller): Promise<ReadonlyMap<number, string>>;
  listUnits(caller: ErpCaller): Promise<readonly ErpUnit[]>;
  listUnitGroups(caller: ErpCaller): Promise<readonly ErpUnitGroup[]>;

  listWarehouses(caller: ErpCaller): Promise<readonly ErpWarehouse[]>;
  /** The five dimensions, those in use or not. */
  listDimensions(caller: ErpCaller): Promise<readonly ErpDimension[]>;
  listProfitCenters(caller: ErpCaller): Promise<readonly ErpProfitCenter[]>;
  /** What a document line takes as its costing code: rules, and each profit center's own direct rule. */
  listDistributionRules(caller: ErpCaller): Promise<readonly ErpDistributionRule[]>;
  listSalesPersons(caller: ErpCaller): Promise<readonly ErpSalesPerson[]>;
  listPaymentTerms(caller: ErpCaller): Promise<readonly ErpPaymentTerms[]>;
  /** Tax on sales and on purchases with the rates that held and hold (`VatGroups`); empty where SAP does not know the list. */
  listTaxGroups(caller: ErpCaller): Promise<readonly ErpTaxGroup[]>;
  /** Tax codes of companies that charge sales tax; empty where the company has none or SAP does not know the list. */
  listSalesTaxCodes(caller: ErpCaller): Promise<readonly ErpSalesTaxCode[]>;
  listCurrencies(caller: ErpCaller): Promise<readonly ErpCurrency[]>;
  /**
   * Units of local currency for one unit of `currency` on that very day, as somebody entered it: SAP carries no older
   * rate on. `1` for the local currency itself. (A company may quote rates the other way round: SAP's own switch.)
   * @throws {RejectedError} with SAP's words when there is none for the day
   */
  getExchangeRate(caller: ErpCaller, currency: string, date: LocalDate): Promise<Decimal>;
  /** Number ranges open to a kind of document. @param objectType SAP's number of the kind, e.g. 17 for sales orders */
  listSeries(caller: ErpCaller, objectType: number): Promise<readonly ErpSeries[]>;
  /** The one SAP takes for this user where none is given; null where none is set. */
  getDefaultSeries(caller: ErpCaller, objectType: number): Promise<ErpSeries | null>;
  /** Branches (`BusinessPlaces`); empty where the company has none. */
  listBranches(caller: ErpCaller): Promise<readonly ErpBranch[]>;
}

/** Source: `AdminInfo` (SDK help; metadata). Decimals are digits after the point. */
export interface ErpCompanyRules {
  readonly companyName: string;
  readonly country: string | null;
  readonly localCurrency: string;
  readonly systemCurrency: string | null;
  readonly decimals: {
    readonly totals: number;
    readonly prices: number;
    readonly rates: number;
    readonly quantities: number;
    readonly percentages: number;
  };
  readonly credit: {
    /** SAP itself checks the credit limit. */
    readonly checksLimit: boolean;
    /** SAP itself checks the commitment limit, which counts checks not yet cleared too. */
    readonly checksCommitment: boolean;
    /** What of a customer counts beside its balance, as far as the switches tell. */
    readonly countsDeliveries: boolean;
    readonly countsOrders: boolean;
  };
  /** SAP refuses deliveries and invoices that would take stock below zero. Orders are never stopped by it. */
  readonly blocksNegativeStock: boolean;
  /** Documents made through the interface go through approval procedures. */
  readonly approvalsForInterfaces: boolean;
  /** Every document needs a branch. */
  readonly branches: boolean;
  /** Price list for customers without one of their own. */
  readonly defaultPriceList: number | null;
  readonly defaultWarehouse: string | null;
}

export interface ErpUnit {
  readonly entry: number;
  readonly code: string;
  readonly name: string;
}

export interface ErpUnitGroup {
  readonly entry: number;
  readonly code: string;
  readonly name: string;
  readonly baseUnit: number;
  /** `alternateQuantity` of `unit` are `baseQuantity` of the base unit, exactly: no factor that was rounded. */
  readonly units: readonly {
    readonly unit: number;
    readonly alternateQuantity: Decimal;
    readonly baseQuantity: Decimal;
    readonly active: boolean;
  }[];
}

export interface ErpWarehouse {
  readonly code: string;
  readonly name: string;
  readonly active: boolean;
  /** Goods go from the vendor to the customer: nothing is kept here. */
  readonly dropShip: boolean;
  readonly branch: number | null;
  readonly bins: boolean;
}

export interface ErpDimension {
  readonly number: number;
  readonly name: string;
  readonly active: boolean;
}

export interface ErpProfitCenter {
  readonly code: string;
  readonly name: string;
  readonly dimension: number;
  /** Null: no end of that side. */
  readonly from: LocalDate | null;
  readonly to: LocalDate | null;
  readonly active: boolean;
}

export interface ErpDistributionRule {
  readonly code: string;
  readonly name: string;
  readonly dimension: number;
  /** The rule of one profit center alone. */
  readonly direct: boolean;
  readonly active: boolean;
  /** `share` of `total`. */
  readonly total: Decimal;
  readonly centers: readonly { readonly code: string; readonly share: Decimal }[];
}

export interface ErpSalesPerson {
  readonly code: number;
  readonly name: string;
  readonly email: string | null;
  readonly active: boolean;
}

export interface ErpPaymentTerms {
  readonly code: number;
  readonly name: string;
  /** Due is this point after the document's date, then so many months and days later. */
  readonly startFrom: 'document_date' | 'month_start' | 'half_month' | 'month_end';
  readonly months: number;
  readonly days: number;
  readonly priceList: number | null;
}

export interface ErpTaxGroup {
  readonly code: string;
  readonly name: string;
  readonly on: 'sales' | 'purchases';
  readonly active: boolean;
  /** Percent from that day on, oldest first. */
  readonly rates: readonly { readonly from: LocalDate; readonly percent: Decimal }[];
}

export interface ErpSalesTaxCode {
  readonly code: string;
  readonly name: string;
  readonly percent: Decimal;
  readonly forSales: boolean;
  readonly active: boolean;
}

export interface ErpCurrency {
  /** SAP's own code, which may differ from the international one, e.g. `$`. */
  readonly code: string;
  /** Three letters where SAP names them; else null. */
  readonly iso: string | null;
  readonly name: string;
  /** Null: the company's own setting for totals counts. */
  readonly decimals: number | null;
}

export interface ErpSeries {
  readonly series: number;
  readonly name: string;
  readonly prefix: string | null;
  readonly next: number | null;
  /** Last number it may give; null: open. */
  readonly last: number | null;
  readonly locked: boolean;
  readonly manual: boolean;
  readonly branch: number | null;
  readonly period: string | null;
}

export interface ErpBranch {
  readonly id: number;
  readonly name: string;
  readonly main: boolean;
  readonly active: boolean;
  readonly defaultWarehouse: string | null;
}
