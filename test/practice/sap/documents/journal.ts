import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import { sum } from '../company/amounts.ts';
import type { Company } from '../company/model.ts';

interface Posting {
  /** Member of TransTypesEnum. */
  readonly origin: string;
  /** 1 raises what the partner owes, -1 lowers it. */
  readonly sign: 1 | -1;
  readonly memo: string;
}

const POSTINGS: Readonly<Record<string, Posting>> = {
  Invoices: { origin: 'ttARInvoice', sign: 1, memo: 'Ausgangsrechnungen' },
  CreditNotes: { origin: 'ttARCredItnote', sign: -1, memo: 'Gutschriften' },
  IncomingPayments: { origin: 'ttReceipt', sign: -1, memo: 'Eingangszahlungen' },
};

/** The journal entry that a document causes, or undefined where it causes none. */
export function journalEntryFor(set: string, document: Fields, jdtNum: number, reversal = false): Fields | undefined {
  const posting = POSTINGS[set];
  if (posting === undefined) return undefined;
  const amount =
    set === 'IncomingPayments'
      ? sum([numberOf(document, 'CashSum'), numberOf(document, 'TransferSum')])
      : numberOf(document, 'DocTotal');
  const raises = (posting.sign === 1) !== reversal;
  const cardCode = textOf(document, 'CardCode');
  const side = (debit: boolean, shortName: string, line: number): Fields => ({
    Line_ID: line,
    ShortName: shortName,
    AccountCode: line === 0 ? '1400' : '8400',
    Debit: debit ? amount : 0,
    Credit: debit ? 0 : amount,
    DueDate: textOf(document, 'DocDueDate') || textOf(document, 'DocDate'),
    ReferenceDate1: textOf(document, 'DocDate'),
  });
  return {
    JdtNum: jdtNum,
    Number: jdtNum,
    ReferenceDate: textOf(document, 'DocDate'),
    DueDate: textOf(document, 'DocDueDate') || textOf(document, 'DocDate'),
    TaxDate: textOf(document, 'DocDate'),
    Memo: `${posting.memo} - ${cardCode}`,
    OriginalJournal: posting.origin,
    Original: numberOf(document, 'DocEntry'),
    BaseReference: textOf(document, 'DocNum'),
    JournalEntryLines: [side(raises, cardCode, 0), side(!raises, '8400', 1)],
  };
}

export function addJournalEntry(company: Company, set: string, document: Fields, reversal = false): void {
  if (POSTINGS[set] === undefined) return;
  const number = company.next('JournalEntries.JdtNum');
  const entry = journalEntryFor(set, document, number, reversal);
  if (entry !== undefined) company.table('JournalEntries').put(String(number), entry);
}

/** What the partner owes by the books: debits less credits over all entries. */
export function bookBalance(company: Company, cardCode: string): number {
  const lines = company
    .table('JournalEntries')
    .all()
    .flatMap((entry) => recordsOf(entry, 'JournalEntryLines'));
  return sum(
    lines
      .filter((line) => textOf(line, 'ShortName') === cardCode)
      .map((line) => numberOf(line, 'Debit') - numberOf(line, 'Credit')),
  );
}
