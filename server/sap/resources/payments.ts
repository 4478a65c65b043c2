import { z } from 'zod';
import type { ErpAppliedPayment } from '../../app/ports/erp-documents.ts';
import { add, isZero } from '../../kernel/money.ts';
import type { SapCompany } from '../company.ts';
import { PAGE_SIZE, readAll, readPage } from '../lists.ts';
import { amount, day, Key, OptionalNumber, OptionalText } from '../mappers/values.ts';
import { allOf, compare, type FieldOfType, integer, text } from '../odata.ts';

const Applied = z.object({
  DocEntry: Key.nullish(),
  InvoiceType: OptionalText,
  SumApplied: OptionalNumber,
} satisfies Partial<Record<FieldOfType<'PaymentInvoice'>, z.ZodType>>);

const shape = {
  DocEntry: Key,
  DocNum: Key,
  DocDate: OptionalText,
  PaymentInvoices: z.array(Applied).nullish(),
} satisfies Partial<Record<FieldOfType<'Payment'>, z.ZodType>>;

const Row = z.object(shape);
type Row = z.infer<typeof Row>;
const FIELDS: readonly FieldOfType<'Payment'>[] = Row.keyof().options;

/** A payment names its invoices in a collection, which no filter reaches: the customer's payments are looked through. */
export async function listPaymentsOf(
  company: SapCompany,
  invoice: { readonly docEntry: number; readonly cardCode: string },
): Promise<readonly ErpAppliedPayment[]> {
  const rows = await readAll<Row>((last) =>
    readPage(
      company,
      'IncomingPayments',
      {
        select: FIELDS,
        filter: allOf<'IncomingPayments'>(
          compare('CardCode', 'eq', text(invoice.cardCode)),
          compare('Cancelled', 'eq', text('tNO')),
          compare('DocEntry', 'gt', integer(last?.DocEntry ?? 0)),
        ),
        orderBy: ['DocEntry'],
        top: PAGE_SIZE,
      },
      Row,
    ),
  );
  return rows.map((row) => toApplied(row, invoice.docEntry)).filter(({ applied }) => !isZero(applied));
}

/** An invoice that is paid in instalments stands in one payment several times. */
function toApplied(row: Row, invoiceEntry: number): ErpAppliedPayment {
  const parts = (row.PaymentInvoices ?? []).filter(
    ({ DocEntry, InvoiceType }) => DocEntry === invoiceEntry && (InvoiceType === 'it_Invoice' || InvoiceType === '13'),
  );
  const date = day(row.DocDate);
  if (date === null) throw new RangeError('a payment without a date');
  return {
    docEntry: row.DocEntry,
    docNum: row.DocNum,
    date,
    applied: add('0', ...parts.map(({ SumApplied }) => amount(SumApplied))),
  };
}
