import type { LocalDate } from '../../kernel/local-date.ts';
import type { Decimal } from '../../kernel/money.ts';
import type { ErpCaller } from './erp.ts';

/**
 * Partners and items of one SAP company in domain words. Every call may throw what `Erp` says of all calls: `reauth_required`,
 * `rate_limited`, `unavailable`, `rejected` with SAP's own words. Codes are SAP's own; `null` stands for "SAP has none".
 * Where the service user has no right to a list, SAP refuses it: `rejected`.
 */
export interface ErpMasterData {
  /** Groups of customers and of vendors (`BusinessPartnerGroups`). */
  listPartnerKinds(caller: ErpCaller): Promise<readonly ErpPartnerGroup[]>;
  /** One partner with all addresses, contacts and what decides its prices. @throws {NotFoundError} */
  getPartnerDetails(caller: ErpCaller, cardCode: string): Promise<ErpPartnerDetails>;
  /** The account whose limit counts for this partner: its head office's where one is set. @throws {NotFoundError} */
  getCreditAccount(caller: ErpCaller, cardCode: string): Promise<ErpCreditAccount>;

  /** Those that exist, in any order; 20 to a request. */
  getItemDetails(caller: ErpCaller, itemCodes: readonly string[]): Promise<readonly ErpItemDetails[]>;
  /** Components of those items that are kits (`ProductTrees`); others are left out. 20 to a request. */
  getKits(caller: ErpCaller, itemCodes: readonly string[]): Promise<readonly ErpKit[]>;
  /**
   * What is ordered from vendors and not yet received, per item, soonest first (open lines of `PurchaseOrders`). Items
   * without are left out. Read from the open purchase orders themselves, since SAP filters by no line.
   */
  nextReceipts(caller: ErpCaller, itemCodes: readonly string[]): Promise<ReadonlyMap<string, readonly ErpReceipt[]>>;
}

export interface ErpPartnerGroup {
  readonly code: number;
  readonly name: string;
  readonly kind: 'customers' | 'vendors';
}

export interface ErpAddress {
  /** Its name is its key within the partner and kind. */
  readonly name: string;
  readonly kind: 'bill_to' | 'ship_to';
  readonly isDefault: boolean;
  readonly street: string | null;
  readonly postalCode: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly country: string | null;
  /** Tax number and tax code that hold at this address. */
  readonly vatNumber: string | null;
  readonly taxCode: string | null;
}

export interface ErpContactDetails {
  /** ContactEmployee.InternalCode, as text. */
  readonly code: string;
  /** Unique within the partner. */
  readonly name: string;
  readonly isDefault: boolean;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly position: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly mobile: string | null;
  readonly active: boolean;
}

export interface ErpPartnerDetails {
  readonly cardCode: string;
  readonly name: string;
  readonly foreignName: string | null;
  readonly type: 'customer' | 'lead' | 'supplier';
  readonly active: boolean;
  readonly groupCode: number | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly website: string | null;
  readonly salesPerson: number | null;
  readonly paymentTerms: number | null;
  readonly taxGroup: string | null;
  readonly addresses: readonly ErpAddress[];
  readonly contacts: readonly ErpContactDetails[];
  readonly headOffice: string | null;
  /** Branches this partner may be used in; empty: SAP names none. */
  readonly branches: readonly number[];
  readonly paymentBlocked: boolean;
  /** 0: never reminded, or paid since. */
  readonly dunningLevel: number;
  readonly pricing: ErpPartnerPricing;
}

export interface ErpPartnerPricing {
  readonly priceList: number | null;
  /** Null: any currency. */
  readonly currency: string | null;
  /** On the total of a document, not on its lines. */
  readonly documentDiscountPercent: Decimal;
  /** Which of several prices counts. */
  readonly preference: 'default' | 'lowest' | 'highest';
  /** Lowest and highest are judged by prices before their discounts. */
  readonly judgedBeforeDiscount: boolean;
  /** What several discount groups make together. */
  readonly discountRelation: 'lowest' | 'highest' | 'average' | 'sum' | 'multiplied';
  readonly noDiscountGroups: boolean;
  readonly defaultAgreement: number | null;
}

/** All in local currency. */
export interface ErpCreditAccount {
  readonly cardCode: string;
  /** Whose limit and figures these are: the partner itself or its head office. */
  readonly accountOf: string;
  /** Null: not set (SAP keeps 0). */
  readonly limit: Decimal | null;
  readonly commitmentLimit: Decimal | null;
  readonly balance: Decimal;
  readonly openDeliveries: Decimal;
  readonly openOrders: Decimal;
  /** Checks received and not yet cleared: count towards the commitment limit only. */
  readonly openChecks: Decimal;
  /** Balance, and what the company's own switches count beside it. */
  readonly exposure: Decimal;
  readonly counts: { readonly deliveries: boolean; readonly orders: boolean };
}

export interface ErpItemDetails {
  readonly itemCode: string;
  readonly name: string;
  readonly foreignName: string | null;
  readonly group: number | null;
  readonly active: boolean;
  readonly sales: boolean;
  readonly purchase: boolean;
  /** False: freight, a service; there is no stock that could run out. */
  readonly stocked: boolean;
  readonly tree: 'none' | 'assembly' | 'sales_kit' | 'production' | 'template';
  /** What stock is counted in. */
  readonly stockUnit: string | null;
  readonly salesUnit: ErpUnitOfItem;
  readonly purchaseUnit: ErpUnitOfItem;
  /** -1: units are written by hand on the item; else `listUnitGroups`. */
  readonly unitGroup: number | null;
  readonly salesTaxGroup: string | null;
  readonly defaultWarehouse: string | null;
  readonly barCode: string | null;
  readonly batches: boolean;
  readonly serialNumbers: boolean;
  readonly prices: readonly { readonly priceList: number; readonly price: Decimal; readonly currency: string }[];
  readonly stock: readonly ErpStockLevel[];
}

export interface ErpUnitOfItem {
  readonly name: string | null;
  /** Its entry in `listUnits`; null where units are written by hand. */
  readonly entry: number | null;
  /** Stock units in one of these. */
  readonly inStockUnits: Decimal;
}

/** In stock units. */
export interface ErpStockLevel {
  readonly warehouse: string;
  readonly onHand: Decimal;
  readonly committed: Decimal;
  readonly ordered: Decimal;
  readonly minimum: Decimal;
  readonly locked: boolean;
}

export interface ErpKit {
  readonly itemCode: string;
  readonly kind: ErpItemDetails['tree'];
  /** How many of the kit these components make. */
  readonly makes: Decimal;
  readonly components: readonly {
    readonly itemCode: string;
    /** In stock units, for `makes` of the kit. */
    readonly quantity: Decimal;
    readonly warehouse: string | null;
  }[];
}

export interface ErpReceipt {
  readonly warehouse: string;
  /** The day the vendor promised. */
  readonly date: LocalDate;
  /** In stock units, still open. */
  readonly quantity: Decimal;
  readonly purchaseOrder: number;
}
