import { z } from 'zod';
import type { ErpInvoice, ErpOrder } from '../../app/ports/erp.ts';
import { subtract } from '../../kernel/money.ts';
import type { FieldOfType } from '../odata.ts';
import { amount, day, filled, isYes, Key, OptionalNumber, OptionalText, YesNo } from './values.ts';

const Line = z.object({
  LineNum: z.number().int(),
  ItemCode: OptionalText,
  Quantity: OptionalNumber,
  RemainingOpenQuantity: OptionalNumber,
} satisfies Partial<Record<FieldOfType<'DocumentLine'>, z.ZodType>>);

type DocumentField = FieldOfType<'Document'> | 'U_PD_Key';

const orderShape = {
  DocEntry: Key,
  DocNum: Key,
  CardCode: z.string(),
  DocDate: z.string(),
  DocCurrency: OptionalText,
  DocTotal: OptionalNumber,
  DocTotalFc: OptionalNumber,
  DocumentStatus: OptionalText,
  Cancelled: YesNo,
  AuthorizationStatus: OptionalText,
  DocumentLines: z.array(Line).nullish(),
  U_PD_Key: OptionalText,
} satisfies Partial<Record<DocumentField, z.ZodType>>;

export const OrderRow = z.object(orderShape);
export type OrderRow = z.infer<typeof OrderRow>;
export const ORDER_FIELDS: readonly DocumentField[] = OrderRow.keyof().options;

const invoiceShape = {
  DocEntry: Key,
  DocNum: Key,
  DocDate: z.string(),
  DocDueDate: OptionalText,
  DocTotal: OptionalNumber,
  PaidToDate: OptionalNumber,
} satisfies Partial<Record<DocumentField, z.ZodType>>;

export const InvoiceRow = z.object(invoiceShape);
export type InvoiceRow = z.infer<typeof InvoiceRow>;
export const INVOICE_FIELDS: readonly FieldOfType<'Document'>[] = InvoiceRow.keyof().options;

/** @param sign -1 for a credit note: it lowers what is owed */
export function toInvoice(row: InvoiceRow, sign: 1 | -1): ErpInvoice {
  const date = requireDay(row.DocDate);
  const total = amount(row.DocTotal);
  const open = subtract(total, amount(row.PaidToDate));
  return {
    docEntry: row.DocEntry,
    docNum: row.DocNum,
    date,
    dueDate: day(row.DocDueDate) ?? date,
    open: sign === 1 ? open : subtract('0', open),
    total: sign === 1 ? total : subtract('0', total),
  };
}

export function toOrder(row: OrderRow, document: ErpOrder['document'], localCurrency: string): ErpOrder {
  const currency = filled(row.DocCurrency) ?? localCurrency;
  // DocTotal is in local currency; the document's own total stands beside it.
  const foreign = currency !== localCurrency && row.DocTotalFc ? row.DocTotalFc : undefined;
  return {
    docEntry: row.DocEntry,
    docNum: row.DocNum,
    document,
    cardCode: row.CardCode,
    status: document === 'draft' ? draftStatus(row) : orderStatus(row),
    date: requireDay(row.DocDate),
    total: amount(foreign ?? row.DocTotal),
    currency: foreign === undefined ? localCurrency : currency,
    key: row.U_PD_Key ?? '',
    lines: (row.DocumentLines ?? []).map((line) => ({
      lineNum: line.LineNum,
      itemCode: line.ItemCode ?? '',
      quantity: amount(line.Quantity),
      openQuantity: amount(line.RemainingOpenQuantity),
    })),
  };
}

function orderStatus(row: OrderRow): ErpOrder['status'] {
  if (isYes(row.Cancelled)) return 'cancelled';
  return row.DocumentStatus === 'bost_Close' || row.DocumentStatus === 'C' ? 'closed' : 'open';
}

/** `approved` still waits: somebody has to turn the draft into its document. */
function draftStatus(row: OrderRow): ErpOrder['status'] {
  switch (row.AuthorizationStatus) {
    case 'dasRejected':
    case 'N':
      return 'rejected';
    case 'dasCancelled':
      return 'cancelled';
    default:
      if (isGenerated(row)) return 'closed';
      return isYes(row.Cancelled) ? 'cancelled' : 'waiting_for_approval';
  }
}

/** The draft has become its document, which carries the same key. */
export function isGenerated(row: OrderRow): boolean {
  return row.AuthorizationStatus === 'dasGenerated' || row.AuthorizationStatus === 'dasGeneratedbyAuthorizer';
}

function requireDay(value: string): string {
  const date = day(value);
  if (date === null) throw new RangeError('a document without a date');
  return date;
}
