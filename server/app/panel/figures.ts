import type { BalanceView, CreditView, CustomerView, LinesView, LineView } from '../../contract/panel.ts';
import { ageingOf } from '../../domain/ageing.ts';
import { assessCredit, type CreditAssessment } from '../../domain/credit.ts';
import { exactRatio } from '../../domain/exact-ratio.ts';
import { daysBetween, type LocalDate } from '../../kernel/local-date.ts';
import { add, compare, type Decimal, isZero, multiply, percentOf, round, subtract } from '../../kernel/money.ts';
import type { CrmDealLine } from '../ports/crm.ts';
import type { ErpCustomerView, ErpDocumentsView, ErpItemQuote, ErpStock } from '../ports/erp.ts';
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
    { ...customer.partner.credit, oldestDueDate: oldest ?? null },
    gross.amount ?? '0',
    settings.credit,
    today,
  );
}

export function viewCredit(
  customer: ErpCustomerView,
  assessment: CreditAssessment,
  deal: DealGross | null,
  settings: Settings,
): CreditView {
  const { credit } = customer.partner;
  const currency = customer.localCurrency;
  const open = settings.credit.countOpenOrders ? add(credit.openOrders, credit.openDeliveries) : '0';
  return {
    status: assessment.status,
    limit: isZero(credit.limit) ? null : money(credit.limit, currency),
    balance: money(credit.balance, currency),
    openOrders: money(open, currency),
    thisDeal: deal?.amount ? money(deal.amount, currency) : null,
    headroom: assessment.headroom === null ? null : money(assessment.headroom, currency),
    note: deal?.note ?? null,
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

/** @param committed by item, what this deal's own order keeps back in SAP: it is there for this deal */
export function viewLines(
  lines: readonly CrmDealLine[],
  codes: ReadonlyMap<number, string>,
  quotes: readonly ErpItemQuote[],
  currency: string,
  committed: ReadonlyMap<string, Decimal> = new Map(),
): LinesView {
  const shown = lines.slice(0, MOST_LINES);
  const left = new Map<string, Decimal>();
  return {
    lines: shown.map((line) => {
      const itemCode = codes.get(line.productId) ?? null;
      const quote = quotes.find((one) => one.itemCode === itemCode);
      return viewLine(line, itemCode, quote, currency, availableFor(line, quote?.stock ?? null, committed, left));
    }),
    notShown: lines.length - shown.length,
  };
}

/** On hand less committed, less what lines of the same item before this one take; null: not known, or not kept in stock. */
function availableFor(
  line: CrmDealLine,
  stock: ErpStock | null,
  committed: ReadonlyMap<string, Decimal>,
  left: Map<string, Decimal>,
): Decimal | null {
  if (!stock?.stocked) return null;
  const own = committed.get(stock.itemCode) ?? '0';
  const all = stock.warehouses.map((warehouse) => subtract(warehouse.onHand, warehouse.committed));
  const available = left.get(stock.itemCode) ?? add(own, ...all);
  if (line.enabled) left.set(stock.itemCode, subtract(available, line.quantity));
  return available;
}

function viewLine(
  line: CrmDealLine,
  itemCode: string | null,
  quote: ErpItemQuote | undefined,
  currency: string,
  available: Decimal | null,
): LineView {
  const sapPrice = quote?.price ?? null;
  const stocked = quote?.stock?.stocked ?? true;
  const warehouses = (stocked ? (quote?.stock?.warehouses ?? []) : []).map(({ code, name, onHand, committed }) => ({
    code,
    name,
    available: subtract(onHand, committed),
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
  sap: { price: Decimal; currency: string } | null,
  currency: string,
): Pick<LineView, 'comparison' | 'differencePercent'> {
  const net = netUnitPrice(line);
  if (!sap || sap.currency !== currency || net === null) return { comparison: null, differencePercent: null };
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
