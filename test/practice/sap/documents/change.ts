import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import { round } from '../company/amounts.ts';
import { reweigh } from '../company/balances.ts';
import type { Company } from '../company/model.ts';
import { vatRatesOn } from '../company/vat.ts';
import { mergeRows } from '../entities/merge.ts';
import { refused, SapError, unsupported } from '../errors.ts';
import { consumeBase, moveGoods } from './create.ts';
import { addJournalEntry } from './journal.ts';
import type { DocumentKind } from './kinds.ts';
import { completeLine } from './line-input.ts';
import { withTotals } from './totals.ts';

/** What a person may still write on a document that is closed. */
const NOTES = ['Comments', 'OpeningRemarks', 'ClosingRemarks', 'NumAtCard', 'TrackingNumber', 'ContactPersonCode'];
/** What belongs to the system: ignored in silence when sent. */
export const DOCUMENT_READ_ONLY = [
  'DocEntry',
  'DocNum',
  'Series',
  'DocObjectCode',
  'DocType',
  'CardName',
  'DocTotal',
  'DocTotalFc',
  'DocTotalSys',
  'VatSum',
  'VatSumFc',
  'VatSumSys',
  'TotalDiscount',
  'TotalDiscountFC',
  'PaidToDate',
  'PaidToDateFC',
  'DocumentStatus',
  'Cancelled',
  'CancelStatus',
  'AuthorizationStatus',
  'CreationDate',
  'UpdateDate',
  'UpdateTime',
  'DocTime',
  'DataVersion',
  'UserSign',
  'Printed',
];
export const LINE_READ_ONLY = [
  'LineStatus',
  'RemainingOpenQuantity',
  'RemainingOpenInventoryQuantity',
  'OpenAmount',
  'TaxTotal',
  'GrossTotal',
  'RowTotalFC',
  'TaxPercentagePerRow',
  'NetTaxAmount',
  'PriceSource',
  'InventoryQuantity',
  'VisualOrder',
  'PickStatusEx',
];

export function without(row: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
}

/** A change by a user: stamped, and one version up. */
export function stamped(company: Company, row: Fields): Fields {
  const stamp = company.stamp();
  return { ...row, UpdateDate: stamp.date, UpdateTime: stamp.time, DataVersion: numberOf(row, 'DataVersion') + 1 };
}

/** @throws SapError -5006 where the document is closed and more than its notes would change. */
export function patchDocument(
  company: Company,
  kind: DocumentKind,
  document: Fields,
  sent: Fields,
  replace: boolean,
): Fields {
  const patch = without(sent, [...DOCUMENT_READ_ONLY, 'CardCode']);
  const deep = Object.keys(patch).some((name) => !NOTES.includes(name) && !name.startsWith('U_'));
  if (deep && textOf(document, 'DocumentStatus') !== 'bost_Open') throw unsupported();
  const lines =
    'DocumentLines' in patch
      ? patchedLines(company, kind, document, recordsOf(patch, 'DocumentLines'), replace)
      : undefined;
  const merged = stamped(company, { ...document, ...patch, ...(lines === undefined ? {} : { DocumentLines: lines }) });
  const after = deep
    ? withTotals(merged, {
        localCurrency: company.settings.localCurrency,
        vatRates: vatRatesOn(company, textOf(merged, 'DocDate')),
      })
    : merged;
  const rejection = company.settings.ownRule(kind.set, after);
  if (rejection !== undefined) throw new SapError(400, -1116, `(1) ${rejection}`);
  save(company, kind, document, after);
  return after;
}

function save(company: Company, kind: DocumentKind, before: Fields, after: Fields): void {
  company.table(kind.set).put(textOf(after, 'DocEntry'), after);
  reweigh(company, kind.set, before, after);
}

function patchedLines(
  company: Company,
  kind: DocumentKind,
  document: Fields,
  sent: readonly Fields[],
  replace: boolean,
): Fields[] {
  const before = recordsOf(document, 'DocumentLines');
  const partner = company.table('BusinessPartners').get(textOf(document, 'CardCode')) ?? {};
  const scene = {
    company,
    kind,
    partner,
    date: textOf(document, 'DocDate'),
    currency: textOf(document, 'DocCurrency'),
    service: textOf(document, 'DocType') === 'dDocument_Service',
    vatRates: vatRatesOn(company, textOf(document, 'DocDate')),
  };
  let next = before.reduce((highest, line) => Math.max(highest, numberOf(line, 'LineNum')), -1) + 1;
  const known = new Map(before.map((line) => [numberOf(line, 'LineNum'), line]));
  const changes = sent.map((row, index): Fields => {
    const old = 'LineNum' in row ? known.get(numberOf(row, 'LineNum')) : undefined;
    const clean = without(row, LINE_READ_ONLY);
    if (old !== undefined) return changedLine(company, old, clean);
    const added = { ...completeLine(scene, clean, index), LineNum: next, VisualOrder: next };
    next += 1;
    return added;
  });
  const merged = mergeRows(before, changes, (line) => String(numberOf(line, 'LineNum')), replace);
  if (merged.length === 0) throw refused(`Document has no lines [${kind.lineTable}]`);
  return merged;
}

/** Quantities may not fall below what is already delivered. */
function changedLine(company: Company, old: Fields, sent: Fields): Fields {
  const quantity = 'Quantity' in sent ? numberOf(sent, 'Quantity') : numberOf(old, 'Quantity');
  const taken = numberOf(old, 'Quantity') - numberOf(old, 'RemainingOpenQuantity');
  if (quantity <= 0 || quantity < taken)
    throw refused('Quantity must be greater than zero and not below what was delivered');
  if (sent['ItemCode'] !== undefined && textOf(sent, 'ItemCode') !== textOf(old, 'ItemCode'))
    throw refused('Item of an existing line cannot be changed');
  const item = company.table('Items').get(textOf(old, 'ItemCode')) ?? {};
  const perUnit = numberOf(item, 'SalesItemsPerUnit') || 1;
  const remaining = round(quantity - taken, 6);
  return {
    ...old,
    ...sent,
    Quantity: quantity,
    InventoryQuantity: round(quantity * perUnit, 6),
    RemainingOpenQuantity: remaining,
    RemainingOpenInventoryQuantity: round(remaining * perUnit, 6),
    ...changedPrice(old, sent),
  };
}

/** A price after discount is as good as one before it. */
function changedPrice(old: Fields, sent: Fields): Fields {
  if ('UnitPrice' in sent) return { PriceSource: 'dpsManual' };
  if (!('Price' in sent)) return {};
  const discount = numberOf('DiscountPercent' in sent ? sent : old, 'DiscountPercent');
  return { UnitPrice: round(numberOf(sent, 'Price') / (1 - discount / 100), 6), PriceSource: 'dpsManual' };
}

/** @throws SapError -5006 where the document cannot be cancelled any more. */
export function cancelDocument(company: Company, kind: DocumentKind, document: Fields): void {
  if (textOf(document, 'CancelStatus') !== 'csNo') throw unsupported();
  if (kind.set === 'Invoices' || kind.set === 'DeliveryNotes' || kind.set === 'CreditNotes') {
    cancelPosted(company, kind, document);
    return;
  }
  const untouched = recordsOf(document, 'DocumentLines').every(
    (line) => numberOf(line, 'RemainingOpenQuantity') === numberOf(line, 'Quantity'),
  );
  if (textOf(document, 'DocumentStatus') !== 'bost_Open' || !untouched) throw unsupported();
  const after = stamped(company, {
    ...withLineStatus(document, 'bost_Close'),
    DocumentStatus: 'bost_Close',
    Cancelled: 'tYES',
    CancelStatus: 'csYes',
  });
  save(company, kind, document, after);
  for (const line of recordsOf(document, 'DocumentLines')) consumeBase(company, line, -1);
}

/** What has moved goods or money is cancelled by a document of its own, which undoes it. */
function cancelPosted(company: Company, kind: DocumentKind, document: Fields): void {
  const delivered = kind.set === 'DeliveryNotes' && textOf(document, 'DocumentStatus') !== 'bost_Open';
  if (delivered || numberOf(document, 'PaidToDate') !== 0) throw unsupported();
  const closed = { ...withLineStatus(document, 'bost_Close'), DocumentStatus: 'bost_Close' };
  const after = stamped(company, { ...closed, Cancelled: 'tYES', CancelStatus: 'csYes' });
  save(company, kind, document, after);
  const reversal = {
    ...stamped(company, { ...closed, DataVersion: 0 }),
    DocEntry: company.next(`${kind.set}.DocEntry`),
    DocNum: company.next(`${kind.set}.DocNum`),
    CancelStatus: 'csCancellation',
    CreationDate: company.stamp().date,
  };
  company.table(kind.set).put(String(reversal.DocEntry), reversal);
  moveGoods(company, kind, document, -1);
  for (const line of recordsOf(document, 'DocumentLines')) consumeBase(company, line, -1);
  addJournalEntry(company, kind.set, document, true);
}

export function closeDocument(company: Company, kind: DocumentKind, document: Fields): void {
  if (kind.set === 'Invoices' || kind.set === 'CreditNotes' || textOf(document, 'DocumentStatus') !== 'bost_Open')
    throw unsupported();
  const after = stamped(company, { ...withLineStatus(document, 'bost_Close'), DocumentStatus: 'bost_Close' });
  save(company, kind, document, after);
}

export function reopenDocument(company: Company, kind: DocumentKind, document: Fields): void {
  const closedByHand = recordsOf(document, 'DocumentLines').some((line) => numberOf(line, 'RemainingOpenQuantity') > 0);
  const reopens = kind.set !== 'Invoices' && kind.set !== 'CreditNotes' && closedByHand;
  if (!reopens || textOf(document, 'DocumentStatus') !== 'bost_Close' || textOf(document, 'CancelStatus') !== 'csNo')
    throw unsupported();
  const after = stamped(company, { ...withLineStatus(document, 'bost_Open'), DocumentStatus: 'bost_Open' });
  save(company, kind, document, after);
}

function withLineStatus(document: Fields, status: 'bost_Open' | 'bost_Close'): Fields {
  const lines = recordsOf(document, 'DocumentLines').map((line) =>
    numberOf(line, 'RemainingOpenQuantity') > 0 ? { ...line, LineStatus: status } : line,
  );
  return { ...document, DocumentLines: lines };
}
