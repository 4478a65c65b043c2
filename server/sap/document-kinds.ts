import type { ErpDocumentKind } from '../app/ports/erp-documents.ts';

interface KindFacts {
  readonly set: 'Quotations' | 'Orders' | 'DeliveryNotes' | 'Invoices' | 'CreditNotes' | 'PurchaseOrders';
  /** Member of BoObjectTypes; a draft names its kind by it. */
  readonly code: string;
  /** The same as a number, as `BaseType` of a line has it. */
  readonly type: number;
  /** What a line may be copied from. */
  readonly copiedFrom: readonly ErpDocumentKind[];
  readonly closable: boolean;
  /** False where SAP cancels only by posting a further document, which the product does not do. */
  readonly cancellable: boolean;
}

/** Numbers and names: reference/sap-service-layer.md 7.6; what copies from what: 8.3; actions: 8.4. */
export const DOCUMENT_KINDS: Readonly<Record<ErpDocumentKind, KindFacts>> = {
  quotation: {
    set: 'Quotations',
    code: 'oQuotations',
    type: 23,
    copiedFrom: [],
    closable: true,
    cancellable: true,
  },
  order: { set: 'Orders', code: 'oOrders', type: 17, copiedFrom: ['quotation'], closable: true, cancellable: true },
  delivery_note: {
    set: 'DeliveryNotes',
    code: 'oDeliveryNotes',
    type: 15,
    copiedFrom: ['order', 'quotation'],
    closable: true,
    cancellable: false,
  },
  invoice: {
    set: 'Invoices',
    code: 'oInvoices',
    type: 13,
    copiedFrom: ['delivery_note', 'order', 'quotation'],
    closable: false,
    cancellable: false,
  },
  credit_note: {
    set: 'CreditNotes',
    code: 'oCreditNotes',
    type: 14,
    copiedFrom: ['invoice'],
    closable: false,
    cancellable: false,
  },
  purchase_order: {
    set: 'PurchaseOrders',
    code: 'oPurchaseOrders',
    type: 22,
    copiedFrom: [],
    closable: true,
    cancellable: true,
  },
};

const KIND_OF_TYPE: ReadonlyMap<number, ErpDocumentKind> = new Map([
  [23, 'quotation'],
  [17, 'order'],
  [15, 'delivery_note'],
  [13, 'invoice'],
  [14, 'credit_note'],
  [22, 'purchase_order'],
]);

/**
 * Whether a row of `Drafts` is to become such a document. SAP writes the kind as a name or as its number (reference 7.6),
 * and in which of the two a filter wants it is not settled: rows are told apart here. Without a word it is believed.
 */
export function isDraftOf(kind: ErpDocumentKind, code: string | null | undefined): boolean {
  if (code === null || code === undefined || code === '') return true;
  const facts = DOCUMENT_KINDS[kind];
  return code === facts.code || code === String(facts.type);
}

/** Undefined for kinds that the product has nothing to do with, and for -1, which stands for "no base". */
export function kindOfType(type: number): ErpDocumentKind | undefined {
  return KIND_OF_TYPE.get(type);
}

export const KIND_WORDS: Readonly<Record<ErpDocumentKind, string>> = {
  quotation: 'quotation',
  order: 'sales order',
  delivery_note: 'delivery note',
  invoice: 'invoice',
  credit_note: 'credit note',
  purchase_order: 'purchase order',
};
