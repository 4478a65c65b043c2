import type { OrderDraft } from '../../domain/order-handoff.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { LocalDate, LocalTime } from '../../kernel/local-date.ts';
import type { Decimal } from '../../kernel/money.ts';

/** Which SAP company is asked, how urgent it is and until when. */
export interface ErpCaller {
  readonly installationId: InstallationId;
  readonly connectionId: ConnectionId;
  /** People's requests go before background work. */
  readonly priority: 'person' | 'background';
  readonly signal: AbortSignal;
  /** No write leaves from this instant on, however long the process stood still before: `unavailable` instead. */
  readonly writeBefore?: Date;
}

/** SAP's own stamp of a record's last change; time zone and precision are the server's. */
export interface Stamp {
  readonly date: LocalDate;
  readonly time: LocalTime;
}

export interface ErpContact {
  /** ContactEmployee.InternalCode, as text. */
  readonly code: string;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly active: boolean;
}

export interface ErpPartner {
  readonly cardCode: string;
  readonly name: string;
  readonly type: 'customer' | 'lead' | 'supplier';
  /** False: deactivated in SAP today (`Frozen`, `Valid`). */
  readonly active: boolean;
  readonly groupCode: number | null;
  readonly vatNumber: string | null;
  readonly address: {
    readonly street: string | null;
    readonly postalCode: string | null;
    readonly city: string | null;
    readonly country: string | null;
  };
  readonly currency: string | null;
  readonly priceList: number | null;
  readonly paymentTerms: number | null;
  readonly contacts: readonly ErpContact[];
  readonly credit: ErpCredit;
  /** Null where SAP gave none. */
  readonly updated: Stamp | null;
}

/** All in local currency. */
export interface ErpCredit {
  readonly limit: Decimal;
  readonly balance: Decimal;
  readonly openOrders: Decimal;
  readonly openDeliveries: Decimal;
  /** CardCode of the head office whose limit counts; null: its own. */
  readonly headOffice: string | null;
}

export interface ErpItem {
  readonly itemCode: string;
  readonly name: string;
  readonly unit: string | null;
  readonly sales: boolean;
  readonly active: boolean;
  readonly prices: readonly { readonly priceList: number; readonly price: Decimal; readonly currency: string }[];
  readonly updated: Stamp | null;
}

export interface ErpStock {
  readonly itemCode: string;
  readonly name: string;
  readonly active: boolean;
  /** False: freight, a service; there is no stock that could run out. */
  readonly stocked: boolean;
  /** Documents count in sales units, warehouses in stock units: so many of these are one of those. */
  readonly stockUnitsPerSalesUnit: Decimal;
  /** In stock units. Of a sales kit: whole kits that can be made of the parts in each warehouse. */
  readonly warehouses: readonly {
    readonly code: string;
    readonly name: string;
    readonly onHand: Decimal;
    readonly committed: Decimal;
    readonly ordered: Decimal;
  }[];
}

export interface ErpPrice {
  /** After SAP's discount, in `currency`; without tax where the customer's price list is without. */
  readonly price: Decimal;
  readonly currency: string;
  /**
   * True: nothing has shown yet whether SAP's price is before or after its discount (taken as before, so never too high),
   * or the customer has an agreement whose unit or currency is another.
   */
  readonly assumed: boolean;
}

export interface ErpInvoice {
  readonly docEntry: number;
  readonly docNum: number;
  readonly date: LocalDate;
  readonly dueDate: LocalDate;
  /** In local currency; negative for a credit note. */
  readonly open: Decimal;
  readonly total: Decimal;
}

export interface ErpOrder {
  readonly docEntry: number;
  readonly docNum: number;
  /** `draft`: SAP waits for an approval. */
  readonly document: 'order' | 'draft';
  readonly cardCode: string;
  /** `approved`: a draft that somebody still has to turn into its document. */
  readonly status: 'open' | 'closed' | 'cancelled' | 'waiting_for_approval' | 'approved' | 'rejected';
  readonly date: LocalDate;
  readonly total: Decimal;
  readonly currency: string;
  readonly key: string;
  readonly lines: readonly {
    readonly lineNum: number;
    readonly itemCode: string;
    readonly quantity: Decimal;
    readonly openQuantity: Decimal;
    /** Null where SAP names none. */
    readonly warehouse: string | null;
  }[];
}

/** A customer with its figures as a panel shows them. */
export interface ErpCustomerView {
  readonly partner: ErpPartner;
  /** The head office, whose account decides about credit; null: the partner's own does. */
  readonly headOffice: { readonly cardCode: string; readonly credit: ErpCredit } | null;
  readonly groupName: string | null;
  readonly priceListName: string | null;
  /** The customer's price list is one with tax; null: not known. */
  readonly pricesHoldTax: boolean | null;
  readonly paymentTermsName: string | null;
  readonly localCurrency: string;
}

export interface ErpDocumentsView {
  /** Not yet paid in full, oldest due first. */
  readonly openInvoices: readonly ErpInvoice[];
  /** Orders and drafts that carry one of the keys asked for. */
  readonly orders: readonly ErpOrder[];
}

/** What was answered for one item; each failure is its own. */
export interface ErpItemQuote {
  readonly itemCode: string;
  readonly price: ErpPrice | null;
  readonly stock: ErpStock | null;
  /** SAP's words when this item could not be answered. */
  readonly problem: string | null;
}

export interface ErpQuotes {
  readonly items: readonly ErpItemQuote[];
  /** The order's total with tax, in local currency, as SAP computes it; null where it was not asked or cannot be said. */
  readonly gross: Decimal | null;
}

export interface Page<T> {
  readonly rows: readonly T[];
  readonly done: boolean;
  /** Records of the page that SAP sends in a form that cannot be taken over; they are in nobody's way. */
  readonly unreadable?: readonly UnreadableRecord[];
}

export interface UnreadableRecord {
  readonly key: string;
  /** A plain sentence. */
  readonly reason: string;
}

/**
 * One SAP Business One company behind its Service Layer. Every call may throw `reauth_required` (password refused, or a
 * certificate that is not the confirmed one), `rate_limited` (the connection's circuit is open), `unavailable` (proven
 * not done) and `rejected` (SAP's own words). Creating calls may also throw `outcome_unknown`.
 */
export interface Erp {
  /** Keyset page by CardCode: the first load. */
  listPartnersByKey(caller: ErpCaller, afterKey: string | null, limit: number): Promise<Page<ErpPartner>>;
  /** Keyset page by (stamp, key), `from` inclusive. `after` continues within the same walk. */
  listPartnersChanged(
    caller: ErpCaller,
    from: Stamp,
    after: { stamp: Stamp; key: string } | null,
    limit: number,
  ): Promise<Page<ErpPartner>>;
  getPartners(caller: ErpCaller, cardCodes: readonly string[]): Promise<readonly ErpPartner[]>;
  countPartners(caller: ErpCaller): Promise<number>;
  /** The newest stamp in SAP right now: where the delta begins after a first load. Null when nothing is stamped. */
  newestStamp(caller: ErpCaller, of: 'partners' | 'items'): Promise<Stamp | null>;
  listPartnerGroups(caller: ErpCaller): Promise<ReadonlyMap<number, string>>;

  listItemsByKey(caller: ErpCaller, afterKey: string | null, limit: number): Promise<Page<ErpItem>>;
  /** Items stamped or created on or after `from`. */
  listItemsChanged(
    caller: ErpCaller,
    from: Stamp,
    after: { stamp: Stamp; key: string } | null,
    limit: number,
  ): Promise<Page<ErpItem>>;
  getItems(caller: ErpCaller, itemCodes: readonly string[]): Promise<readonly ErpItem[]>;
  /** Keyset page by ItemCode: stock per warehouse, in the item's inventory unit. SAP stamps no item when its stock moves. */
  listStockByKey(caller: ErpCaller, afterKey: string | null, limit: number): Promise<Page<ErpStock>>;
  countItems(caller: ErpCaller): Promise<number>;
  listPriceLists(
    caller: ErpCaller,
  ): Promise<readonly { number: number; name: string; gross: boolean; active: boolean }[]>;

  /** Documents of a set with DocEntry above `after`, with the partner each touches: what moves a balance without a stamp. */
  listTouchedPartners(
    caller: ErpCaller,
    set: TouchingSet,
    after: number,
    limit: number,
  ): Promise<Page<{ docEntry: number; cardCode: string }>>;
  /** Highest DocEntry of a set, 0 when it is empty. */
  lastDocEntry(caller: ErpCaller, set: TouchingSet): Promise<number>;
  /** Partners with an open invoice due on one of these days: their status may change without any document. */
  listPartnersDueBetween(caller: ErpCaller, from: LocalDate, to: LocalDate): Promise<readonly string[]>;
  /** Oldest due date of anything open per partner; partners without are left out. */
  oldestDueDates(caller: ErpCaller, cardCodes: readonly string[]): Promise<ReadonlyMap<string, LocalDate>>;

  /** One request; the first time that a customer with a head office is seen, a second one behind it. */
  viewCustomer(caller: ErpCaller, cardCode: string): Promise<ErpCustomerView>;
  /** One request, beside the others. */
  viewDocuments(caller: ErpCaller, cardCode: string, keys: readonly string[]): Promise<ErpDocumentsView>;
  /**
   * One request (more only where an item's failure stops a batch, and for the parts of a sales kit); at most 20 items.
   * @param order what SAP would make of the deal, asked along without being saved; null: not asked
   */
  quoteItems(
    caller: ErpCaller,
    cardCode: string,
    items: readonly { itemCode: string; quantity: Decimal; currency: string }[],
    date: LocalDate,
    order: OrderDraft | null,
  ): Promise<ErpQuotes>;

  /** Orders first, then drafts, that carry the key; the lowest DocEntry first. Uses the slot kept for look-ups. */
  findOrdersByKey(caller: ErpCaller, key: string, cardCode: string): Promise<readonly ErpOrder[]>;
  /** Creates it, the key in `U_PD_Key`, and reads it back. Never repeats the write by itself. @throws {OutcomeUnknownError} */
  createOrder(caller: ErpCaller, draft: OrderDraft, key: string): Promise<ErpOrder>;

  /** True when documents have the key field. */
  hasKeyField(caller: ErpCaller): Promise<boolean>;
  /** Makes it; fine when it is there. Only on an admin's consent. */
  createKeyField(caller: ErpCaller): Promise<void>;

  /** Logs out and forgets sessions and sockets of this connection: after any change of its access, and on disconnect. */
  close(connectionId: ConnectionId): Promise<void>;
}

export type TouchingSet =
  | 'Invoices'
  | 'CreditNotes'
  | 'IncomingPayments'
  | 'Orders'
  | 'DeliveryNotes'
  | 'JournalEntries';
