import { z } from 'zod';
import type { ErpInvoice, ErpOrder } from '../../app/ports/erp.ts';
import { type Decimal, subtract } from '../../kernel/money.ts';
import type { FieldOfType } from '../odata.ts';
import { amount, day, filled, isYes, Key, KindCode, OptionalNumber, OptionalText, YesNo } from './values.ts';

const Line = z.object({
  LineNum: z.number().int(),
  ItemCode: OptionalText,
  Quantity: OptionalNumber,
  RemainingOpenQuantity: OptionalNumber,
  WarehouseCode: OptionalText,
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
  DocObjectCode: KindCode,
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
  return {
    docEntry: row.DocEntry,
    docNum: row.DocNum,
    document,
    cardCode: row.CardCode,
    status: document === 'draft' ? draftStatus(row) : orderStatus(row),
    date: requireDay(row.DocDate),
    ...documentTotal(row, localCurrency),
    key: row.U_PD_Key ?? '',
    lines: (row.DocumentLines ?? []).map((line) => ({
      lineNum: line.LineNum,
      itemCode: line.ItemCode ?? '',
      quantity: amount(line.Quantity),
      openQuantity: amount(line.RemainingOpenQuantity),
      warehouse: filled(line.WarehouseCode),
    })),
  };
}

/** DocTotal is in local currency; in a document of another currency its own total stands beside it. */
export function documentTotal(
  row: Pick<OrderRow, 'DocCurrency' | 'DocTotal' | 'DocTotalFc'>,
  localCurrency: string,
): { total: Decimal; currency: string } {
  const currency = filled(row.DocCurrency) ?? localCurrency;
  const foreign = currency !== localCurrency && row.DocTotalFc ? row.DocTotalFc : undefined;
  return { total: amount(foreign ?? row.DocTotal), currency: foreign === undefined ? localCurrency : currency };
}

function orderStatus(row: OrderRow): ErpOrder['status'] {
  if (isYes(row.Cancelled)) return 'cancelled';
  return row.DocumentStatus === 'bost_Close' || row.DocumentStatus === 'C' ? 'closed' : 'open';
}

function draftStatus(row: OrderRow): ErpOrder['status'] {
  if (isGenerated(row)) return 'closed';
  if (isYes(row.Cancelled)) return 'cancelled';
  switch (row.AuthorizationStatus) {
    case 'dasRejected':
    case 'N':
      return 'rejected';
    case 'dasCancelled':
    case 'C':
      return 'cancelled';
    case 'dasApproved':
    case 'Y':
      return isPast(row) ? 'closed' : 'approved';
    default:
      return isPast(row) ? 'closed' : 'waiting_for_approval';
  }
}

/** A draft that has become its document, or was closed when it did: that document, of the same key, is all there is. */
export function isPast(row: OrderRow): boolean {
  return isGenerated(row) || row.DocumentStatus === 'bost_Close' || row.DocumentStatus === 'C';
}

function isGenerated(row: OrderRow): boolean {
  return ['dasGenerated', 'dasGeneratedbyAuthorizer', 'P', 'A'].includes(row.AuthorizationStatus ?? '');
}

function requireDay(value: string): string {
  const date = day(value);
  if (date === null) throw new RangeError('a document without a date');
  return date;
}
