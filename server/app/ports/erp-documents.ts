import type { HandoffGuard } from '../../domain/key-sheet.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import type { Decimal } from '../../kernel/money.ts';
import type { ErpCaller, ErpOrder, Page } from './erp.ts';

export type ErpDocumentKind = 'quotation' | 'order' | 'delivery_note' | 'invoice' | 'credit_note' | 'purchase_order';

/** A document, or the draft of one, by SAP's internal key (never by its visible number, which is unique in a series only). */
export interface ErpDocumentRef {
  readonly kind: ErpDocumentKind;
  readonly isDraft: boolean;
  readonly docEntry: number;
}

export interface ErpDocument extends ErpDocumentRef {
  /** What people see and say. Unique only for one kind, within one series. */
  readonly docNum: number;
  readonly cardCode: string;
  /** The customer's own purchase order number (`NumAtCard`). */
  readonly customerReference: string | null;
  readonly status: 'open' | 'closed' | 'cancelled';
  /** `none`: no approval procedure had a say in it. */
  readonly approval: 'none' | 'pending' | 'approved' | 'rejected' | 'generated' | 'cancelled';
  readonly date: LocalDate;
  readonly dueDate: LocalDate | null;
  readonly currency: string;
  /** With tax, in `currency`. */
  readonly total: Decimal;
  /** Empty on documents that are not ours. */
  readonly key: string;
  /** Rises with every change (`DataVersion`); null where SAP does not give it. */
  readonly version: number | null;
  readonly lines: readonly ErpDocumentLine[];
}

export interface ErpDocumentLine {
  /** SAP's row id: stable, gaps are possible. */
  readonly lineNum: number;
  readonly itemCode: string;
  /** In the line's unit, as `openQuantity`. */
  readonly quantity: Decimal;
  readonly openQuantity: Decimal;
  readonly warehouse: string | null;
  readonly shipDate: LocalDate | null;
  readonly open: boolean;
  /** What it was copied from; null: typed in. */
  readonly base: { readonly kind: ErpDocumentKind; readonly docEntry: number; readonly lineNum: number } | null;
  readonly picking: ErpPicking;
}

/** How far the warehouse is. Quantities in the line's unit. */
export interface ErpPicking {
  readonly state: 'not_picked' | 'released' | 'partly_picked' | 'picked';
  readonly pickedQuantity: Decimal;
}

/** A document as it is to be made. What is null is left to SAP: price, warehouse and tax as SAP itself would choose them. */
export interface NewErpDocument {
  readonly cardCode: string;
  readonly documentDate: LocalDate;
  /** Delivery date of an order, last day of a quotation. */
  readonly dueDate: LocalDate;
  readonly currency: string | null;
  readonly customerReference: string | null;
  readonly comments: string;
  readonly lines: readonly {
    readonly itemCode: string;
    readonly quantity: Decimal;
    /** Without tax, before the discount, in the document's currency. */
    readonly unitPrice: Decimal | null;
    readonly discountPercent: Decimal | null;
    readonly warehouse: string | null;
  }[];
}

/** A document made from another one. */
export interface ErpCopy {
  readonly from: ErpDocumentRef;
  readonly to: ErpDocumentKind;
  readonly documentDate: LocalDate;
  readonly dueDate: LocalDate;
  /** Null: everything that is still open. */
  readonly quantities: readonly { readonly lineNum: number; readonly quantity: Decimal }[] | null;
}

/** What SAP's approval procedure says about a draft. */
export interface ErpApproval {
  /** Key of the approval request. */
  readonly code: number;
  readonly draftEntry: number;
  readonly state: 'pending' | 'approved' | 'rejected' | 'generated' | 'cancelled';
  /** What the approvers wrote, those who turned it down first; empty when nobody wrote anything. */
  readonly words: string;
}

export interface ErpPickList {
  readonly number: number;
  readonly state: 'released' | 'partly_picked' | 'picked' | 'partly_delivered' | 'closed';
  readonly pickDate: LocalDate | null;
  /** Only those of the order asked for. Quantities in stock units. */
  readonly lines: readonly {
    readonly orderLineNum: number;
    readonly released: Decimal;
    readonly picked: Decimal;
  }[];
}

/** A payment, as far as it pays one invoice. */
export interface ErpAppliedPayment {
  readonly docEntry: number;
  readonly docNum: number;
  readonly date: LocalDate;
  /** In local currency. */
  readonly applied: Decimal;
}

export interface ErpUserField {
  readonly tableName: string;
  /** Without the `U_` under which it is seen on records. */
  readonly name: string;
  readonly description: string;
  /** SAP's words: `db_Alpha`, `db_Numeric`, … */
  readonly type: string;
  /** Characters, for texts; null where it has none. */
  readonly size: number | null;
  readonly mandatory: boolean;
}

export interface ErpUserTable {
  /** Without the `U_` under which its rows are reached. */
  readonly name: string;
  readonly description: string;
  readonly type: string;
}

export interface ErpUserKey {
  readonly tableName: string;
  readonly name: string;
  readonly unique: boolean;
  /** Without their `U_`. */
  readonly columns: readonly string[];
}

/**
 * Documents of one SAP company. Errors as on `Erp`; what writes may also throw `outcome_unknown`, and never repeats a
 * write whose outcome is not known. Source of all of it: reference/sap-service-layer.md, sections 7.6 to 8.6.
 */
export interface ErpDocuments {
  /** @throws {NotFoundError} */
  getDocument(caller: ErpCaller, ref: ErpDocumentRef): Promise<ErpDocument>;
  /** Documents of that kind, then drafts of it, that carry the key. Uses the slot kept for look-ups. */
  findDocumentsByKey(caller: ErpCaller, kind: ErpDocumentKind, key: string): Promise<readonly ErpDocument[]>;
  /** Keyset page by DocEntry. @param afterEntry 0 begins */
  listDocumentsOf(
    caller: ErpCaller,
    kind: ErpDocumentKind,
    cardCode: string,
    afterEntry: number,
    limit: number,
  ): Promise<Page<ErpDocument>>;
  /**
   * Creates it, or its draft, with the key in `U_PD_Key`, and reads it back. Where an approval procedure has a say it
   * comes back as a draft that waits. It does not look before it writes: whoever may have sent it already asks
   * `findDocumentsByKey` first, as for `copyDocument`.
   */
  createDocument(
    caller: ErpCaller,
    target: { readonly kind: ErpDocumentKind; readonly asDraft: boolean },
    document: NewErpDocument,
    key: string,
  ): Promise<ErpDocument>;
  /**
   * Makes a document from the open lines of another one, linked to it line by line.
   * @throws {ConflictError} when the other one is not open, or has nothing left of what is asked for
   * @throws {InvalidInputError} when SAP copies no such document from it
   */
  copyDocument(caller: ErpCaller, copy: ErpCopy, key: string): Promise<ErpDocument>;
  /**
   * Closes what is left of it. Fine when it is closed already.
   * @param version as last read: then SAP refuses when somebody has changed it since; null: whatever it is now
   * @throws {ConflictError} changed meanwhile, or of a kind that cannot be closed
   */
  closeDocument(caller: ErpCaller, ref: ErpDocumentRef, version: number | null): Promise<ErpDocument>;
  /** Cancels it as a whole. Fine when it is cancelled already. Errors as for `closeDocument`. */
  cancelDocument(caller: ErpCaller, ref: ErpDocumentRef, version: number | null): Promise<ErpDocument>;
  /** Removes a draft of ours. Fine when it is gone. @throws {ConflictError} when the draft does not carry the key */
  removeDraft(caller: ErpCaller, docEntry: number, key: string): Promise<void>;
  /**
   * Turns an approved draft of an order into the order, which carries the draft's key; gives the order also when it was
   * there already.
   */
  turnDraftIntoOrder(caller: ErpCaller, draftEntry: number, key: string): Promise<ErpOrder>;

  /** The newest approval request about a draft; undefined when there is none. */
  findApproval(caller: ErpCaller, draftEntry: number): Promise<ErpApproval | undefined>;
  /** Pick lists with lines of an order that was made on this day or later. */
  listPickLists(caller: ErpCaller, order: { docEntry: number; date: LocalDate }): Promise<readonly ErpPickList[]>;
  /** Payments that are not cancelled and pay this invoice. */
  listPaymentsOf(
    caller: ErpCaller,
    invoice: { docEntry: number; cardCode: string },
  ): Promise<readonly ErpAppliedPayment[]>;

  /** User fields of a database table such as `ORDR`. */
  listUserFields(caller: ErpCaller, tableName: string): Promise<readonly ErpUserField[]>;
  listUserTables(caller: ErpCaller): Promise<readonly ErpUserTable[]>;
  listUserKeys(caller: ErpCaller, tableName: string): Promise<readonly ErpUserKey[]>;
  /** Makes the ledger table; fine when it is there. Only on an admin's consent. */
  createLedger(caller: ErpCaller): Promise<void>;
  /** How hand-offs are kept from becoming two documents in this company now. */
  handoffGuard(caller: ErpCaller): Promise<HandoffGuard>;
}
