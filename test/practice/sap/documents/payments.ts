import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import { round, sum } from '../company/amounts.ts';
import { reweigh } from '../company/balances.ts';
import type { Company } from '../company/model.ts';
import { noMatch, refused, unsupported } from '../errors.ts';
import { addJournalEntry } from './journal.ts';
import { touched } from './touched.ts';

const FIRST_NUMBER = 80_001;

/** Books money that came in; invoices named in it are settled, in part or in full, without a new stamp. */
export function postPayment(company: Company, sent: Fields): Fields {
  const partner = company.table('BusinessPartners').get(textOf(sent, 'CardCode'));
  if (partner === undefined) throw refused(`Invalid BP code  [ORCT.CardCode] , '${textOf(sent, 'CardCode')}'`);
  const total = sum([numberOf(sent, 'CashSum'), numberOf(sent, 'TransferSum')]);
  const applied = recordsOf(sent, 'PaymentInvoices');
  if (total <= 0) throw refused('Payment without an amount  [ORCT.DocTotal]');
  if (sum(applied.map((row) => numberOf(row, 'SumApplied'))) > total)
    throw refused('More applied than paid  [RCT2.SumApplied]');
  const stamp = company.stamp();
  const payment: Fields = {
    ...sent,
    DocEntry: company.next('IncomingPayments.DocEntry'),
    DocNum: nextNumber(company),
    CardName: textOf(partner, 'CardName'),
    DocDate: textOf(sent, 'DocDate') || stamp.date,
    DocType: 'rCustomer',
    DocCurrency: textOf(sent, 'DocCurrency') || company.settings.localCurrency,
    Cancelled: 'tNO',
    PaymentInvoices: applied.map((row, index) => ({ InvoiceType: 'it_Invoice', ...row, LineNum: index })),
  };
  for (const row of recordsOf(payment, 'PaymentInvoices')) settle(company, row, 1);
  company.table('IncomingPayments').put(textOf(payment, 'DocEntry'), payment);
  reweigh(company, 'IncomingPayments', undefined, payment);
  addJournalEntry(company, 'IncomingPayments', payment);
  return payment;
}

function nextNumber(company: Company): number {
  let number = company.next('IncomingPayments.DocNum');
  while (number < FIRST_NUMBER) number = company.next('IncomingPayments.DocNum');
  return number;
}

function settle(company: Company, row: Fields, sign: 1 | -1): void {
  const set = textOf(row, 'InvoiceType') === 'it_CredItnote' ? 'CreditNotes' : 'Invoices';
  const invoice = company.table(set).get(textOf(row, 'DocEntry'));
  if (invoice === undefined) throw noMatch();
  const paid = round(numberOf(invoice, 'PaidToDate') + sign * numberOf(row, 'SumApplied'));
  if (paid < 0 || paid > numberOf(invoice, 'DocTotal'))
    throw refused('Amount applied exceeds the balance due  [RCT2.SumApplied]');
  const full = paid === numberOf(invoice, 'DocTotal');
  const after: Fields = {
    ...touched(company, invoice),
    PaidToDate: paid,
    DocumentStatus: full ? 'bost_Close' : 'bost_Open',
  };
  company.table(set).put(textOf(invoice, 'DocEntry'), after);
  reweigh(company, set, invoice, after);
}

export function cancelPayment(company: Company, payment: Fields): void {
  if (textOf(payment, 'Cancelled') === 'tYES') throw unsupported();
  for (const row of recordsOf(payment, 'PaymentInvoices')) settle(company, row, -1);
  const after: Fields = { ...payment, Cancelled: 'tYES' };
  company.table('IncomingPayments').put(textOf(payment, 'DocEntry'), after);
  reweigh(company, 'IncomingPayments', payment, after);
  addJournalEntry(company, 'IncomingPayments', payment, true);
}
