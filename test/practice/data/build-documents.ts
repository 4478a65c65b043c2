import type { Fields } from '../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../kernel/json.ts';
import type { SeededRandom } from '../kernel/random.ts';
import { addDays } from '../sap/company/local-time.ts';
import { journalEntryFor } from '../sap/documents/journal.ts';
import type { DocumentKind } from '../sap/documents/kinds.ts';
import { kindOf } from '../sap/documents/kinds.ts';
import { withTotals } from '../sap/documents/totals.ts';
import { paymentTerms, vatRates } from './reference-data.ts';

export interface DocumentSources {
  readonly random: SeededRandom;
  readonly partners: readonly Fields[];
  readonly items: readonly Fields[];
  readonly today: string;
}

const rates = new Map(Object.entries(vatRates));
const sumRules = { localCurrency: 'EUR', vatRates: rates };

/** Who buys and what can be sold; some customers buy far more than others. */
function market({ partners, items }: DocumentSources) {
  const buyers = partners.filter(
    (row) =>
      textOf(row, 'CardType') === 'cCustomer' && textOf(row, 'Currency') === 'EUR' && textOf(row, 'Frozen') === 'tNO',
  );
  const goods = items.filter(
    (row) =>
      textOf(row, 'SalesItem') === 'tYES' && textOf(row, 'InventoryItem') === 'tYES' && textOf(row, 'Valid') === 'tYES',
  );
  return { buyers, goods };
}

/** Squares a random number, so that the first ones come up much more often. */
function favour<T>(random: SeededRandom, list: readonly T[]): T {
  const at = Math.floor(random.next() ** 2 * list.length);
  return list[at] ?? random.pick(list);
}

interface DocumentRequest {
  readonly kind: DocumentKind;
  readonly entry: number;
  readonly partner: Fields;
  readonly goods: readonly Fields[];
  readonly date: string;
  readonly dueDate: string;
  readonly more?: Fields;
  readonly lineMore?: (index: number) => Fields;
}

function buildDocument(
  random: SeededRandom,
  { kind, entry, partner, goods, date, dueDate, more = {}, lineMore = () => ({}) }: DocumentRequest,
): Fields {
  const lines = Array.from({ length: random.int(1, 4) }, (_, index) => ({
    ...buildLine(random, partner, random.pick(goods), index),
    ...lineMore(index),
  }));
  return withTotals(
    {
      DocEntry: entry,
      DocNum: kind.firstNumber - 1 + entry,
      Series: kind.objectType,
      DocObjectCode: kind.objectCode,
      DocType: 'dDocument_Items',
      DocDate: date,
      DocDueDate: dueDate,
      TaxDate: date,
      CardCode: textOf(partner, 'CardCode'),
      CardName: textOf(partner, 'CardName'),
      DocCurrency: 'EUR',
      DocRate: 1,
      PaymentGroupCode: numberOf(partner, 'PayTermsGrpCode'),
      SalesPersonCode: numberOf(partner, 'SalesPersonCode'),
      ...(random.chance(0.5) ? { NumAtCard: `BE-${random.int(10_000, 99_999)}` } : {}),
      DocumentStatus: 'bost_Open',
      Cancelled: 'tNO',
      CancelStatus: 'csNo',
      AuthorizationStatus: 'dasWithout',
      Confirmed: 'tYES',
      PriceMode: 'pmdNet',
      DiscountPercent: 0,
      PaidToDate: 0,
      DocumentLines: lines,
      CreationDate: date,
      UpdateDate: date,
      UpdateTime: `${String(random.int(7, 17)).padStart(2, '0')}:${String(random.int(0, 59)).padStart(2, '0')}:${String(random.int(0, 59)).padStart(2, '0')}`,
      DataVersion: 1,
      ...more,
    },
    sumRules,
  );
}

function buildLine(random: SeededRandom, partner: Fields, item: Fields, index: number): Fields {
  const quantity = random.pick([1, 1, 1, 2, 2, 4, 6]);
  const list = numberOf(partner, 'PriceListNum');
  const price = numberOf(
    recordsOf(item, 'ItemPrices').find((row) => numberOf(row, 'PriceList') === list) ?? {},
    'Price',
  );
  const warehouse = textOf(item, 'DefaultWarehouse');
  return {
    LineNum: index,
    VisualOrder: index,
    ItemCode: textOf(item, 'ItemCode'),
    ItemDescription: textOf(item, 'ItemName'),
    Quantity: quantity,
    InventoryQuantity: quantity,
    RemainingOpenQuantity: quantity,
    RemainingOpenInventoryQuantity: quantity,
    UnitPrice: price,
    DiscountPercent: 0,
    Currency: 'EUR',
    VatGroup: textOf(partner, 'VatGroup'),
    WarehouseCode: warehouse,
    CostingCode: { '01': 'HH', '02': 'LEJ', '03': 'CGN' }[warehouse] ?? 'HH',
    LineStatus: 'bost_Open',
    LineType: 'dlt_Regular',
    TreeType: 'iNotATree',
    UoMEntry: -1,
    BaseType: -1,
    PriceSource: 'dpsActivePriceList',
  };
}

export function buildOrders(sources: DocumentSources, set: 'Orders' | 'Quotations', count: number): Fields[] {
  const { random, today } = sources;
  const { buyers, goods } = market(sources);
  if (buyers.length === 0 || goods.length === 0) return [];
  return Array.from({ length: count }, (_, index) => {
    const date = addDays(today, -random.int(1, 45));
    return buildDocument(random, {
      kind: kindOf(set),
      entry: index + 1,
      partner: favour(random, buyers),
      goods,
      date,
      dueDate: addDays(date, random.int(7, 60)),
    });
  });
}

/** Open purchase orders: what is still to arrive, line by line with its day. */
export function buildPurchaseOrders(sources: DocumentSources, count: number): Fields[] {
  const { random, today, partners } = sources;
  const { goods } = market(sources);
  const vendors = partners.filter((row) => textOf(row, 'CardType') === 'cSupplier');
  if (vendors.length === 0 || goods.length === 0) return [];
  return Array.from({ length: count }, (_, index) => {
    const date = addDays(today, -random.int(1, 30));
    const dueDate = addDays(today, random.int(2, 40));
    const lineMore = () => ({ ShipDate: dueDate, CostingCode: 'HH' });
    return buildDocument(random, {
      kind: kindOf('PurchaseOrders'),
      entry: index + 1,
      partner: random.pick(vendors),
      goods,
      date,
      dueDate,
      lineMore,
    });
  });
}

/** Two years of invoices with the payments that came in for them: most in time, some late, some not at all, some in part. */
export function buildInvoices(sources: DocumentSources, count: number): { invoices: Fields[]; payments: Fields[] } {
  const { random, today } = sources;
  const { buyers, goods } = market(sources);
  const invoices: Fields[] = [];
  const payments: Fields[] = [];
  if (buyers.length === 0 || goods.length === 0) return { invoices, payments };
  const daysOf = new Map(
    paymentTerms.map((row) => [numberOf(row, 'GroupNumber'), numberOf(row, 'NumberOfAdditionalDays')]),
  );
  for (let index = 0; index < count; index += 1) {
    const partner = favour(random, buyers);
    const date = addDays(today, -1 - Math.floor(((count - index) / count) * 730));
    const dueDate = addDays(date, daysOf.get(numberOf(partner, 'PayTermsGrpCode')) ?? 30);
    const invoice = buildDocument(random, {
      kind: kindOf('Invoices'),
      entry: index + 1,
      partner,
      goods,
      date,
      dueDate,
    });
    const paidOn = addDays(dueDate, random.chance(0.8) ? -random.int(0, 7) : random.int(3, 45));
    const neverPaid = random.chance(0.01);
    const share = random.chance(0.02) ? 0.5 : 1;
    if (neverPaid || paidOn >= today) {
      invoices.push(invoice);
      continue;
    }
    const sum = Math.round(numberOf(invoice, 'DocTotal') * share * 100) / 100;
    invoices.push(paidInvoice(invoice, sum, share === 1));
    payments.push(buildPayment(invoice, sum, paidOn < date ? date : paidOn));
  }
  return { invoices, payments: inOrder(payments) };
}

function paidInvoice(invoice: Fields, sum: number, full: boolean): Fields {
  return { ...invoice, PaidToDate: sum, DocumentStatus: full ? 'bost_Close' : 'bost_Open', DataVersion: 2 };
}

function buildPayment(invoice: Fields, sum: number, date: string): Fields {
  return {
    DocDate: date,
    DocType: 'rCustomer',
    CardCode: textOf(invoice, 'CardCode'),
    CardName: textOf(invoice, 'CardName'),
    DocCurrency: 'EUR',
    TransferSum: sum,
    TransferDate: date,
    Cancelled: 'tNO',
    PaymentInvoices: [
      { LineNum: 0, DocEntry: numberOf(invoice, 'DocEntry'), InvoiceType: 'it_Invoice', SumApplied: sum },
    ],
  };
}

function inOrder(payments: readonly Fields[]): Fields[] {
  return [...payments]
    .sort((a, b) => (textOf(a, 'DocDate') < textOf(b, 'DocDate') ? -1 : 1))
    .map((row, index): Fields => ({ ...row, DocEntry: index + 1, DocNum: 80_001 + index }));
}

export function buildCreditNotes(sources: DocumentSources, count: number): Fields[] {
  const { random, today } = sources;
  const { buyers, goods } = market(sources);
  if (buyers.length === 0 || goods.length === 0) return [];
  return Array.from({ length: count }, (_, index) => {
    const date = addDays(today, -random.int(1, 300));
    return buildDocument(random, {
      kind: kindOf('CreditNotes'),
      entry: index + 1,
      partner: favour(random, buyers),
      goods,
      date,
      dueDate: date,
    });
  });
}

/** The journal behind the documents, in the order of their dates. */
export function buildJournal(sets: Readonly<Record<string, readonly Fields[]>>): Fields[] {
  const all = Object.entries(sets).flatMap(([set, rows]) =>
    rows.map((row) => ({ set, row, date: textOf(row, 'DocDate') })),
  );
  all.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
  const entries: Fields[] = [];
  for (const { set, row } of all) {
    const entry = journalEntryFor(set, row, entries.length + 1);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}
