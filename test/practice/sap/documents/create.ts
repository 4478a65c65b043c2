import type { Fields, Json } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import { isActive } from '../company/active.ts';
import { round } from '../company/amounts.ts';
import { moveStock, reweigh } from '../company/balances.ts';
import type { Company } from '../company/model.ts';
import { rateOf } from '../company/prices.ts';
import { checkUserKeys } from '../company/user-keys.ts';
import { vatRatesOn } from '../company/vat.ts';
import { business, refused, SapError } from '../errors.ts';
import { checkBranch } from './branches.ts';
import { addJournalEntry } from './journal.ts';
import type { DocumentKind } from './kinds.ts';
import { findKindByType } from './kinds.ts';
import { withKitParts } from './kits.ts';
import { completeLine } from './line-input.ts';
import { deliverPicked } from './pick-lists.ts';
import { checkCredit, checkPeriod } from './posting-checks.ts';
import { withTotals } from './totals.ts';
import { touched } from './touched.ts';

/**
 * The document that the company would make of what was sent, with sums but without numbers.
 * @throws SapError where the company refuses.
 */
export function buildDocument(company: Company, kind: DocumentKind, sent: Fields): Fields {
  const stamp = company.stamp();
  const date = textOf(sent, 'DocDate') || stamp.date;
  const partner = checkedPartner(company, kind, textOf(sent, 'CardCode'), date);
  const currency = documentCurrency(company, partner, sent);
  const rate =
    currency === company.settings.localCurrency ? 1 : numberOf(sent, 'DocRate') || rateOf(company, currency, date);
  const usual = company.settings.partnerDiscountOn === 'document' ? numberOf(partner, 'DiscountPercent') : 0;
  const discount = 'DiscountPercent' in sent ? numberOf(sent, 'DiscountPercent') : usual;
  if (discount >= 100) throw refused('10001058 - Enter a discount percentage of less than 100');
  const service = textOf(sent, 'DocType') === 'dDocument_Service';
  const lines = withKitParts(company, recordsOf(sent, 'DocumentLines'));
  if (lines.length === 0) throw refused(`Document has no lines [${kind.lineTable}]`);
  const vatRates = vatRatesOn(company, date);
  const scene = { company, kind, partner, date, currency, service, vatRates };
  const complete = lines.map((line, index) => completeLine(scene, line, index));
  checkBranch(company, kind, sent, complete);
  const due = dueDate(kind, sent, date);
  const document: Record<string, Json> = {
    ...HEADER_DEFAULTS,
    ...fromPartner(partner),
    ...sent,
    ...references(company, kind, partner, sent),
    DocObjectCode: kind.objectCode,
    DocType: service ? 'dDocument_Service' : 'dDocument_Items',
    DocDate: date,
    DocDueDate: due,
    TaxDate: textOf(sent, 'TaxDate') || date,
    DocCurrency: currency,
    DocRate: rate,
    DiscountPercent: discount,
    DocumentLines: complete.map((line, index) => ({ ShipDate: due, ...line, LineNum: index, VisualOrder: index })),
    CreationDate: stamp.date,
    UpdateDate: stamp.date,
    UpdateTime: stamp.time,
    DocTime: stamp.time,
    DataVersion: 1,
  };
  return withTotals(document, { localCurrency: company.settings.localCurrency, vatRates });
}

const HEADER_DEFAULTS: Fields = {
  DocumentStatus: 'bost_Open',
  Cancelled: 'tNO',
  CancelStatus: 'csNo',
  AuthorizationStatus: 'dasWithout',
  Confirmed: 'tYES',
  PartialSupply: 'tYES',
  Printed: 'psNo',
  HandWritten: 'tNO',
  PriceMode: 'pmdNet',
  PaidToDate: 0,
  PaidToDateFC: 0,
};

function fromPartner(partner: Fields): Fields {
  const name = textOf(partner, 'CardName');
  const ship = textOf(partner, 'ShipToDefault');
  const bill = textOf(partner, 'BilltoDefault');
  return { CardName: name, ...(ship === '' ? {} : { ShipToCode: ship }), ...(bill === '' ? {} : { PayToCode: bill }) };
}

function checkedPartner(company: Company, kind: DocumentKind, cardCode: string, date: string): Fields {
  const at = `[${kind.table}.CardCode] , '${cardCode}'`;
  const partner = company.table('BusinessPartners').get(cardCode);
  if (partner === undefined) throw refused(`Invalid BP code  ${at}`);
  const type = textOf(partner, 'CardType');
  const supplier = type === 'cSupplier';
  const leadTooEarly = type === 'cLid' && kind.set !== 'Quotations';
  if (supplier !== (kind.side === 'purchase') || leadTooEarly)
    throw refused(`Business partner type does not fit this document  ${at}`);
  if (!isActive(partner, date)) throw business(`10001071 - Customer is inactive  ${at}`);
  return partner;
}

function documentCurrency(company: Company, partner: Fields, sent: Fields): string {
  const own = textOf(partner, 'Currency');
  const usual = own === '##' || own === '' ? textOf(partner, 'DefaultCurrency') || company.settings.localCurrency : own;
  const currency = textOf(sent, 'DocCurrency') || usual;
  if (!company.table('Currencies').has(currency))
    throw new SapError(404, -2028, `No matching records found  [DocCurrency] , '${currency}' (ODBC -2028)`);
  if (own !== '##' && own !== '' && currency !== own && currency !== company.settings.localCurrency) {
    throw refused(`Currency '${currency}' does not fit the business partner  [DocCurrency]`);
  }
  return currency;
}

function dueDate(kind: DocumentKind, sent: Fields, date: string): string {
  const due = textOf(sent, 'DocDueDate');
  if (due === '' && kind.set === 'Orders') throw business(`Enter a delivery date  [${kind.table}.DocDueDate]`);
  if (due !== '' && due < date) throw business(`Due date is earlier than posting date  [${kind.table}.DocDueDate]`);
  return due || date;
}

/** Codes that point elsewhere must point at something. */
function references(company: Company, kind: DocumentKind, partner: Fields, sent: Fields): Fields {
  const missing = (field: string, value: number) =>
    new SapError(404, -2028, `No matching records found  [${kind.table}.${field}] , '${value}' (ODBC -2028)`);
  const terms = 'PaymentGroupCode' in sent ? numberOf(sent, 'PaymentGroupCode') : numberOf(partner, 'PayTermsGrpCode');
  if (!company.table('PaymentTermsTypes').has(String(terms))) throw missing('GroupNum', terms);
  const sales =
    'SalesPersonCode' in sent ? numberOf(sent, 'SalesPersonCode') : numberOf(partner, 'SalesPersonCode') || -1;
  if (sales !== -1 && !company.table('SalesPersons').has(String(sales))) throw missing('SlpCode', sales);
  const contact = numberOf(sent, 'ContactPersonCode');
  const known = recordsOf(partner, 'ContactEmployees').some((row) => numberOf(row, 'InternalCode') === contact);
  if (contact !== 0 && !known)
    throw refused(`Contact person does not belong to the business partner  [${kind.table}.CntctCode]`);
  return { PaymentGroupCode: terms, SalesPersonCode: sales };
}

/** Gives the document its numbers and posts it with all that follows from it: base documents, balances, stock, journal. */
export function postDocument(company: Company, kind: DocumentKind, built: Fields): Fields {
  const rejection = company.settings.ownRule(kind.set, built);
  if (rejection !== undefined) throw new SapError(400, -1116, `(1) ${rejection}`);
  checkPeriod(company, kind, built);
  checkCredit(company, kind, built);
  const numbered: Fields = {
    ...built,
    DocEntry: company.next(`${kind.set}.DocEntry`),
    DocNum: nextNumber(company, kind),
    Series: kind.objectType,
  };
  checkUserKeys(company, kind.table, kind.set, numbered);
  const document = settledIfEmpty(kind, numbered);
  company.table(kind.set).put(textOf(document, 'DocEntry'), document);
  for (const line of recordsOf(document, 'DocumentLines')) consumeBase(company, line, 1);
  reweigh(company, kind.set, undefined, document);
  moveGoods(company, kind, document, 1);
  addJournalEntry(company, kind.set, document);
  return document;
}

function nextNumber(company: Company, kind: DocumentKind): number {
  const next = company.next(`${kind.set}.DocNum`);
  if (next >= kind.firstNumber) return next;
  let number = next;
  while (number < kind.firstNumber) number = company.next(`${kind.set}.DocNum`);
  return number;
}

function settledIfEmpty(kind: DocumentKind, document: Fields): Fields {
  const nothingOwed = kind.set === 'Invoices' && numberOf(document, 'DocTotal') === 0;
  return nothingOwed ? { ...document, DocumentStatus: 'bost_Close' } : document;
}

/** Takes a line's quantity from its base line (sign 1), or gives it back (sign -1). Versions rise; stamps usually do not. */
export function consumeBase(company: Company, line: Fields, sign: 1 | -1): void {
  const kind = findKindByType(numberOf(line, 'BaseType'));
  if (kind === undefined || kind.set === 'Invoices') return;
  const table = company.table(kind.set);
  const base = table.get(String(numberOf(line, 'BaseEntry')));
  if (base === undefined) return;
  const lines = recordsOf(base, 'DocumentLines').map((row) =>
    numberOf(row, 'LineNum') === numberOf(line, 'BaseLine')
      ? consumedLine(row, sign * numberOf(line, 'Quantity'))
      : row,
  );
  const allClosed = lines.every((row) => textOf(row, 'LineStatus') === 'bost_Close');
  const after: Fields = {
    ...touched(company, base),
    DocumentLines: lines,
    DocumentStatus: allClosed ? 'bost_Close' : 'bost_Open',
  };
  table.put(textOf(base, 'DocEntry'), after);
  reweigh(company, kind.set, base, after);
  const taken = lines.find((row) => numberOf(row, 'LineNum') === numberOf(line, 'BaseLine'));
  if (kind.set === 'Orders' && sign === 1 && taken !== undefined)
    deliverPicked(company, numberOf(base, 'DocEntry'), taken);
}

function consumedLine(line: Fields, quantity: number): Fields {
  const remaining = Math.max(0, round(numberOf(line, 'RemainingOpenQuantity') - quantity, 6));
  const perUnit = numberOf(line, 'InventoryQuantity') / (numberOf(line, 'Quantity') || 1);
  return {
    ...line,
    RemainingOpenQuantity: remaining,
    RemainingOpenInventoryQuantity: round(remaining * perUnit, 6),
    OpenAmount: round((numberOf(line, 'LineTotal') * remaining) / (numberOf(line, 'Quantity') || 1)),
    LineStatus: remaining === 0 ? 'bost_Close' : 'bost_Open',
  };
}

/** Goods leave with deliveries, and with invoices that no delivery came before; they come back with credit notes. */
export function moveGoods(company: Company, kind: DocumentKind, document: Fields, sign: 1 | -1): void {
  const direction = kind.set === 'DeliveryNotes' || kind.set === 'Invoices' ? -1 : kind.set === 'CreditNotes' ? 1 : 0;
  if (direction === 0) return;
  recordsOf(document, 'DocumentLines').forEach((line, index) => {
    if (textOf(line, 'ItemCode') === '' || numberOf(line, 'BaseType') === 15) return;
    const amount = sign * direction * numberOf(line, 'InventoryQuantity');
    if (amount < 0 && company.settings.blocksNegativeStock) checkStock(company, kind, line, index, -amount);
    moveStock(company, textOf(line, 'ItemCode'), textOf(line, 'WarehouseCode'), { InStock: amount });
  });
}

function checkStock(company: Company, kind: DocumentKind, line: Fields, index: number, needed: number): void {
  const item = company.table('Items').get(textOf(line, 'ItemCode')) ?? {};
  if (textOf(item, 'InventoryItem') === 'tNO') return;
  const row = recordsOf(item, 'ItemWarehouseInfoCollection').find(
    (entry) => textOf(entry, 'WarehouseCode') === textOf(line, 'WarehouseCode'),
  );
  if (numberOf(row ?? {}, 'InStock') < needed) {
    throw business(
      `10001069 - Quantity falls into negative inventory  [${kind.lineTable}.ItemCode][line: ${index + 1}]`,
    );
  }
}
