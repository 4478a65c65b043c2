import type { BalanceView, CreditView, CustomerView, LinesView, LineView } from '../../contract/panel.ts';
import { ageingOf } from '../../domain/ageing.ts';
import { assessCredit, type CreditAssessment } from '../../domain/credit.ts';
import { exactRatio } from '../../domain/exact-ratio.ts';
import { type UnreadableLine, unreadableProblem } from '../../domain/unreadable-line.ts';
import { daysBetween, type LocalDate } from '../../kernel/local-date.ts';
import { add, compare, type Decimal, isZero, multiply, percentOf, round, subtract } from '../../kernel/money.ts';
import type { CrmDealLine } from '../ports/crm.ts';
import type { ErpCredit, ErpCustomerView, ErpDocumentsView, ErpItemQuote, ErpPrice, ErpStock } from '../ports/erp.ts';
import type { Settings } from '../ports/settings-store.ts';

const money = (amount: Decimal, currency: string) => ({ amount, currency });

export function viewCustomer({ partner, groupName, priceListName, paymentTermsName }: ErpCustomerView): CustomerView {
  return {
    cardCode: partner.cardCode,
    name: partner.name,
    type: partner.type,
    active: partner.active,
    segment: groupName,
    priceList: priceListName,
    paymentTerms: paymentTermsName,
  };
}

/** What a deal adds to the customer's exposure; null: it cannot be said in local currency. */
export interface DealGross {
  readonly amount: Decimal | null;
  readonly note: string | null;
}

export function assess(
  customer: ErpCustomerView,
  documents: ErpDocumentsView | null,
  gross: DealGross,
  settings: Settings,
  today: LocalDate,
): CreditAssessment {
  const due = (documents?.openInvoices ?? [])
    .filter((invoice) => compare(invoice.open, '0') > 0)
    .map((invoice) => invoice.dueDate);
  const [oldest] = due.sort();
  return assessCredit(
    { ...creditOf(customer), oldestDueDate: oldest ?? null },
    gross.amount ?? '0',
    settings.credit,
    today,
  );
}

/** The head office's account decides where there is one. */
function creditOf({ partner, headOffice }: ErpCustomerView): ErpCredit {
  return headOffice?.credit ?? partner.credit;
}

export function viewCredit(
  customer: ErpCustomerView,
  assessment: CreditAssessment,
  deal: DealGross | null,
  settings: Settings,
): CreditView {
  const credit = creditOf(customer);
  const currency = customer.localCurrency;
  const head = customer.headOffice ? `Credit is that of the head office ${customer.headOffice.cardCode}.` : null;
  const notes = [head, deal?.note ?? null].filter((note) => note !== null);
  const open = settings.credit.countOpenOrders ? add(credit.openOrders, credit.openDeliveries) : '0';
  return {
    status: assessment.status,
    limit: isZero(credit.limit) ? null : money(credit.limit, currency),
    balance: money(credit.balance, currency),
    openOrders: money(open, currency),
    thisDeal: deal?.amount ? money(deal.amount, currency) : null,
    headroom: assessment.headroom === null ? null : money(assessment.headroom, currency),
    note: notes.length === 0 ? null : notes.join(' '),
  };
}

export function viewBalance(customer: ErpCustomerView, documents: ErpDocumentsView, today: LocalDate): BalanceView {
  const { balance } = customer.partner.credit;
  const currency = customer.localCurrency;
  const ageing = ageingOf(balance, documents.openInvoices, today);
  return {
    balance: money(balance, currency),
    notDue: money(ageing.notDue, currency),
    days1To30: money(ageing.days1To30, currency),
    days31To60: money(ageing.days31To60, currency),
    daysOver60: money(ageing.daysOver60, currency),
    openInvoices: { count: documents.openInvoices.length, sum: money(ageing.openSum, currency) },
    otherEntries: money(ageing.otherEntries, currency),
    invoices: documents.openInvoices.slice(0, 20).map((invoice) => ({
      docNum: invoice.docNum,
      date: invoice.date,
      dueDate: invoice.dueDate,
      daysOverdue: Math.max(0, daysBetween(invoice.dueDate, today)),
      open: money(invoice.open, currency),
    })),
  };
}

/** Lines priced in one view. */
export const MOST_LINES = 20;

/** What this deal's own order keeps back in SAP: it is there for this deal. */
export interface OwnCommitment {
  readonly itemCode: string;
  /** Null where SAP names none: then it counts for all warehouses together. */
  readonly warehouse: string | null;
  readonly quantity: Decimal;
}

export function viewLines(
  lines: readonly CrmDealLine[],
  codes: ReadonlyMap<number, string>,
  quotes: readonly ErpItemQuote[],
  currency: string,
  committed: readonly OwnCommitment[] = [],
  /** True, or null where it is not known: SAP's prices may hold tax and are not compared with net ones. */
  pricesHoldTax: boolean | null = false,
  unreadable: readonly UnreadableLine[] = [],
): LinesView {
  const shown = lines.slice(0, MOST_LINES);
  const left = new Map<string, Decimal>();
  const quoteOf = inTheirOrder(quotes);
  return {
    lines: shown.map((line) => {
      const itemCode = codes.get(line.productId) ?? null;
      const quote = itemCode === null ? undefined : quoteOf(itemCode);
      const own = committed.filter((one) => one.itemCode === itemCode);
      const view = viewLine(line, itemCode, quote, currency, availableFor(line, quote?.stock ?? null, own, left), own);
      return pricesHoldTax === false ? view : notCompared(view, pricesHoldTax === null ? TAX_UNKNOWN : WITH_TAX);
    }),
    notShown: lines.length - shown.length,
    unreadable: unreadable.map((line) => ({
      lineId: line.id,
      name: line.name,
      problem: unreadableProblem(line).message,
    })),
  };
}

/** Lines of one item were asked for one by one: a price may depend on the quantity. */
function inTheirOrder(quotes: readonly ErpItemQuote[]): (itemCode: string) => ErpItemQuote | undefined {
  const taken = new Map<string, number>();
  return (itemCode) => {
    const own = quotes.filter((one) => one.itemCode === itemCode);
    const place = taken.get(itemCode) ?? 0;
    taken.set(itemCode, place + 1);
    return own[place] ?? own.at(-1);
  };
}

const WITH_TAX = 'This customer’s price list in SAP is with tax, so the price is not compared.';
const TAX_UNKNOWN = 'SAP does not tell whether this customer’s prices are with tax, so the price is not compared.';

function notCompared(view: LineView, why: string): LineView {
  if (view.sapPrice === null) return view;
  return { ...view, comparison: null, differencePercent: null, problem: view.problem ?? why };
}

/** On hand less committed, less what lines of the same item before this one take; null: not known, or not kept in stock. */
function availableFor(
  line: CrmDealLine,
  stock: ErpStock | null,
  own: readonly OwnCommitment[],
  left: Map<string, Decimal>,
): Decimal | null {
  if (!stock?.stocked) return null;
  const all = stock.warehouses.map((warehouse) => freeIn(stock, warehouse));
  // What is kept back elsewhere was not taken off here.
  const here = own.filter(
    ({ warehouse }) => warehouse === null || stock.warehouses.some(({ code }) => code === warehouse),
  );
  const available = left.get(stock.itemCode) ?? add('0', ...here.map(({ quantity }) => quantity), ...all);
  if (line.enabled) left.set(stock.itemCode, subtract(available, line.quantity));
  return available;
}

/** On hand less committed, in sales units as lines count. A part of one that rounding made is no stock. */
function freeIn({ stockUnitsPerSalesUnit }: ErpStock, { onHand, committed }: ErpStock['warehouses'][number]): Decimal {
  const free = subtract(onHand, committed);
  const same = compare(stockUnitsPerSalesUnit, '1') === 0;
  return (same ? null : exactRatio(free, stockUnitsPerSalesUnit, SALES_UNIT_DECIMALS, 'nearest')) ?? free;
}

/** Half a box is shown as half a box; what a factor such as a third leaves behind the third decimal is not. */
const SALES_UNIT_DECIMALS = 3;

function viewLine(
  line: CrmDealLine,
  itemCode: string | null,
  quote: ErpItemQuote | undefined,
  currency: string,
  available: Decimal | null,
  own: readonly OwnCommitment[],
): LineView {
  const sapPrice = quote?.price ?? null;
  const stocked = quote?.stock?.stocked ?? true;
  const stock = stocked ? (quote?.stock ?? null) : null;
  const warehouses = (stock?.warehouses ?? []).map((warehouse) => ({
    code: warehouse.code,
    name: warehouse.name,
    available: add(
      stock ? freeIn(stock, warehouse) : '0',
      ...own.filter((one) => one.warehouse === warehouse.code).map(({ quantity }) => quantity),
    ),
  }));
  return {
    lineId: line.id,
    name: line.name,
    itemCode,
    quantity: line.quantity,
    unitPrice: money(line.unitPrice, currency),
    discountPercent: line.discountType === 'percentage' && !isZero(line.discount) ? line.discount : null,
    enabled: line.enabled,
    sapPrice: sapPrice ? money(sapPrice.price, sapPrice.currency) : null,
    ...compareWithSap(line, sapPrice, currency),
    warehouses,
    availability: stocked ? availabilityOf(line.quantity, available) : 'in_stock',
    available,
    problem: itemCode === null ? 'This product has no item in SAP.' : (quote?.problem ?? null),
  };
}

function compareWithSap(
  line: CrmDealLine,
  sap: ErpPrice | null,
  currency: string,
): Pick<LineView, 'comparison' | 'differencePercent'> {
  const net = netUnitPrice(line);
  // A price that may be another one is shown, but nothing is said against it.
  if (!sap || sap.assumed || sap.currency !== currency || net === null) {
    return { comparison: null, differencePercent: null };
  }
  const order = compare(round(net, 2), round(sap.price, 2));
  if (order === 0) return { comparison: 'same', differencePercent: 0 };
  const difference = subtract(net, sap.price);
  const percent = isZero(sap.price) ? null : exactRatio(hundredfold(difference), sap.price, 0, 'nearest');
  return { comparison: order < 0 ? 'lower' : 'higher', differencePercent: percent === null ? null : Number(percent) };
}

/** What one piece costs after the line's discount and without tax; null where it cannot be said. */
export function netUnitPrice(line: CrmDealLine): Decimal | null {
  const discounted =
    line.discountType === 'percentage'
      ? subtract(line.unitPrice, percentOf(line.unitPrice, line.discount))
      : perPiece(line);
  if (discounted === null || line.taxMethod !== 'inclusive' || isZero(line.taxPercent)) return discounted;
  return exactRatio(hundredfold(discounted), add('100', line.taxPercent), 6, 'nearest');
}

function perPiece(line: CrmDealLine): Decimal | null {
  const share = exactRatio(line.discount, line.quantity, 6, 'nearest');
  return share === null ? null : subtract(line.unitPrice, share);
}

function availabilityOf(wanted: Decimal, available: Decimal | null): LineView['availability'] {
  if (available === null) return 'unknown';
  if (compare(available, wanted) >= 0) return 'in_stock';
  return compare(available, '0') > 0 ? 'part' : 'none';
}

function hundredfold(value: Decimal): Decimal {
  return multiply(value, '100');
}
