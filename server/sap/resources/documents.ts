import { z } from 'zod';
import type { ErpDocumentsView, ErpInvoice, ErpOrder, Page, TouchingSet } from '../../app/ports/erp.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { isZero } from '../../kernel/money.ts';
import { readTogether } from '../batch-read.ts';
import type { SapCompany } from '../company.ts';
import {
  isBadQuery,
  listPart,
  PAGE_SIZE,
  type PageQuery,
  type Rows,
  readAll,
  readPage,
  readRows,
  withSelectableCollections,
} from '../lists.ts';
import { INVOICE_FIELDS, InvoiceRow, isPast, ORDER_FIELDS, OrderRow, toInvoice, toOrder } from '../mappers/document.ts';
import { day, Key, OptionalText } from '../mappers/values.ts';
import { allOf, anyOf, CODES_PER_REQUEST, type Condition, compare, date, inPieces, integer, text } from '../odata.ts';
import { draftsWithKey, isDraftOrder, ordersWithKey } from './orders.ts';

type OwedSet = 'Invoices' | 'CreditNotes';

/** Not paid in full and neither cancelled nor a cancellation. */
function open<S extends OwedSet>(...narrower: readonly Condition<S>[]): Condition<S> {
  return allOf<S>(
    compare<OwedSet>('DocumentStatus', 'eq', text('bost_Open')),
    compare<OwedSet>('CancelStatus', 'eq', text('csNo')),
    ...narrower,
  );
}

/** Invoices, credit notes, orders and drafts of one customer in one request. */
export async function viewDocuments(
  company: SapCompany,
  cardCode: string,
  keys: readonly string[],
): Promise<ErpDocumentsView> {
  return withSelectableCollections(company, async () => {
    const parts = [
      listPart(company, 'Invoices', openOf('Invoices', cardCode, 0)),
      listPart(company, 'CreditNotes', openOf('CreditNotes', cardCode, 0)),
      ...(keys.length === 0
        ? []
        : [
            listPart(company, 'Drafts', {
              select: ORDER_FIELDS,
              filter: draftsWithKey(keys),
              orderBy: ['DocEntry'],
              top: PAGE_SIZE,
            }),
            listPart(company, 'Orders', {
              select: ORDER_FIELDS,
              filter: ordersWithKey(keys),
              orderBy: ['DocEntry'],
              top: PAGE_SIZE,
            }),
          ]),
    ];
    const { answers, stopped } = await readTogether(company, parts);
    const [invoices, creditNotes, drafts, orders] = answers;
    // Without the key field in SAP there can be no document of ours: what is owed is shown all the same.
    if (!invoices || !creditNotes || (stopped && !isMissingKeyField(stopped)))
      throw stopped ?? new RangeError('a batch without its answers');
    return {
      openInvoices: [
        ...(await owed(company, 'Invoices', cardCode, readRows(invoices, InvoiceRow, PAGE_SIZE), 1)),
        ...(await owed(company, 'CreditNotes', cardCode, readRows(creditNotes, InvoiceRow, PAGE_SIZE), -1)),
      ].sort(oldestDueFirst),
      orders: ordersOf(
        company,
        orders ? readRows(orders, OrderRow, PAGE_SIZE).rows : [],
        drafts ? readRows(drafts, OrderRow, PAGE_SIZE).rows.filter(isDraftOrder) : [],
      ),
    };
  });
}

function openOf<S extends OwedSet>(_set: S, cardCode: string, afterEntry: number) {
  return {
    select: INVOICE_FIELDS,
    filter: open<S>(
      compare<OwedSet>('CardCode', 'eq', text(cardCode)),
      compare<OwedSet>('DocEntry', 'gt', integer(afterEntry)),
    ),
    orderBy: ['DocEntry'],
    top: PAGE_SIZE,
  } as const;
}

async function owed(
  company: SapCompany,
  set: OwedSet,
  cardCode: string,
  first: Rows<InvoiceRow>,
  sign: 1 | -1,
): Promise<readonly ErpInvoice[]> {
  const rows = await readAll<InvoiceRow>((last) =>
    last ? readPage(company, set, openOf(set, cardCode, last.DocEntry), InvoiceRow) : Promise.resolve(first),
  );
  return rows.map((row) => toInvoice(row, sign)).filter(({ open: amount }) => !isZero(amount));
}

function oldestDueFirst(left: ErpInvoice, right: ErpInvoice): number {
  if (left.dueDate !== right.dueDate) return left.dueDate < right.dueDate ? -1 : 1;
  return left.docEntry - right.docEntry;
}

/** A draft whose order is there is history. */
function ordersOf(company: SapCompany, orders: readonly OrderRow[], drafts: readonly OrderRow[]): readonly ErpOrder[] {
  const { localCurrency } = company.access;
  const known = new Set(orders.map((row) => row.U_PD_Key));
  return [
    ...orders.map((row) => toOrder(row, 'order', localCurrency)),
    ...drafts
      .filter((row) => !(isPast(row) && known.has(row.U_PD_Key)))
      .map((row) => toOrder(row, 'draft', localCurrency)),
  ];
}

function isMissingKeyField(error: Error): boolean {
  return isBadQuery(error) && error.words.includes('U_PD_Key');
}

const DueRow = z.object({ DocEntry: Key, CardCode: z.string(), DocDueDate: OptionalText });
type DueRow = z.infer<typeof DueRow>;

/** @param first the first page, where it was read together with others */
function dueInvoices(
  company: SapCompany,
  which: Condition<'Invoices'>,
  first?: Rows<DueRow>,
): Promise<readonly DueRow[]> {
  return readAll<DueRow>((last) =>
    first && !last ? Promise.resolve(first) : readPage(company, 'Invoices', dueQuery(which, last), DueRow),
  );
}

function dueQuery(which: Condition<'Invoices'>, last?: DueRow): PageQuery<'Invoices'> {
  const behind = last ? [compare<'Invoices'>('DocEntry', 'gt', integer(last.DocEntry))] : [];
  return {
    select: ['DocEntry', 'CardCode', 'DocDueDate'],
    filter: open<'Invoices'>(which, ...behind),
    orderBy: ['DocEntry'],
    top: PAGE_SIZE,
  };
}

export async function listPartnersDueBetween(
  company: SapCompany,
  from: LocalDate,
  to: LocalDate,
): Promise<readonly string[]> {
  const rows = await dueInvoices(
    company,
    allOf<'Invoices'>(compare('DocDueDate', 'ge', date(from)), compare('DocDueDate', 'le', date(to))),
  );
  return [...new Set(rows.map(({ CardCode }) => CardCode))];
}

export async function oldestDueDates(
  company: SapCompany,
  cardCodes: readonly string[],
): Promise<ReadonlyMap<string, LocalDate>> {
  const oldest = new Map<string, LocalDate>();
  for (const some of inPieces(cardCodes, CODES_PER_REQUEST * PIECES_TOGETHER)) {
    for (const row of await dueOf(company, inPieces(some).map(ofOneOf))) {
      const due = day(row.DocDueDate);
      const known = oldest.get(row.CardCode);
      if (due !== null && (known === undefined || due < known)) oldest.set(row.CardCode, due);
    }
  }
  return oldest;
}

/** A whole page of customers is asked about in one request. */
const PIECES_TOGETHER = 25;

function ofOneOf(codes: readonly string[]): Condition<'Invoices'> {
  return anyOf<'Invoices'>(...codes.map((code) => compare<'Invoices'>('CardCode', 'eq', text(code))));
}

async function dueOf(company: SapCompany, pieces: readonly Condition<'Invoices'>[]): Promise<readonly DueRow[]> {
  const [only, ...others] = pieces;
  if (!only) return [];
  if (others.length === 0) return dueInvoices(company, only);
  const parts = pieces.map((which) => listPart(company, 'Invoices', dueQuery(which)));
  const { answers, stopped } = await readTogether(company, parts);
  if (stopped) throw stopped;
  const found: DueRow[] = [];
  for (const [index, which] of pieces.entries()) {
    const answer = answers[index];
    if (answer) found.push(...(await dueInvoices(company, which, readRows(answer, DueRow, PAGE_SIZE))));
  }
  return found;
}

type DocumentSet = Exclude<TouchingSet, 'JournalEntries'>;
const TouchRow = z.object({ DocEntry: Key, CardCode: OptionalText });

export async function touchedByDocuments(
  company: SapCompany,
  set: DocumentSet,
  after: number,
  limit: number,
): Promise<Page<{ docEntry: number; cardCode: string }>> {
  const { rows, more } = await readPage(
    company,
    set,
    {
      select: ['DocEntry', 'CardCode'],
      filter: compare<DocumentSet>('DocEntry', 'gt', integer(after)),
      orderBy: ['DocEntry'],
      top: limit,
    },
    TouchRow,
  );
  return {
    rows: rows.map(({ DocEntry, CardCode }) => ({ docEntry: DocEntry, cardCode: CardCode ?? '' })),
    done: !more,
  };
}

export async function lastDocument(company: SapCompany, set: DocumentSet): Promise<number> {
  const query = { select: ['DocEntry', 'CardCode'], orderBy: ['DocEntry desc'], top: 1 } as const;
  return (await readPage(company, set, query, TouchRow)).rows[0]?.DocEntry ?? 0;
}
