import type { Problem } from '../kernel/errors.ts';
import { addDays, type LocalDate } from '../kernel/local-date.ts';
import { add, compare, type Decimal, isZero, multiply, percentOf, round, subtract } from '../kernel/money.ts';
import { exactRatio } from './exact-ratio.ts';
import type { OrderDraft, OrderDraftLine } from './order-handoff.ts';
import { type UnreadableLine, unreadableProblem } from './unreadable-line.ts';

/** What a deal says, as far as an order is made of it. */
export interface DealForOrder {
  readonly dealId: number;
  readonly title: string;
  readonly currency: string;
  readonly expectedCloseDate: string | null;
  readonly organization: { readonly id: number; readonly name: string } | null;
  readonly lines: readonly DealLineForOrder[];
  /** Lines that stop the deal, unless they are switched off. */
  readonly unreadable: readonly UnreadableLine[];
}

export interface DealLineForOrder {
  readonly lineId: number;
  readonly name: string;
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  readonly discount: Decimal;
  readonly discountType: 'percentage' | 'amount';
  readonly taxPercent: Decimal;
  readonly taxMethod: 'exclusive' | 'inclusive' | 'none';
  readonly enabled: boolean;
  readonly billingFrequency: string;
  /** SAP item of the line's product; null where it has none. */
  readonly item: {
    readonly itemCode: string;
    readonly known: boolean;
    readonly sales: boolean;
    readonly active: boolean;
  } | null;
}

/** The SAP side of the deal's organization; null: not linked. */
export interface CustomerForOrder {
  readonly cardCode: string;
  readonly type: 'customer' | 'lead' | 'supplier';
  readonly active: boolean;
}

export type DraftResult =
  | { readonly ok: true; readonly draft: OrderDraft }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const DEFAULT_LEAD_DAYS = 14;
/** SAP keeps six decimals of a price at most; a price that needs more is refused rather than rounded. */
const PRICE_DECIMALS = 6;

/** Turns a deal into the order it would be, or says everything that stands in the way. */
export function draftOrder(deal: DealForOrder, customer: CustomerForOrder | null, today: LocalDate): DraftResult {
  const lines = deal.lines.filter((line) => line.enabled).map((line) => draftLine(line));
  const unreadable = deal.unreadable.filter((line) => line.enabled).map(unreadableProblem);
  const problems = [...customerProblems(deal, customer), ...lines.flatMap((line) => line.problems), ...unreadable];
  if (lines.length + unreadable.length === 0) {
    problems.push({
      code: 'no_lines',
      message: 'The deal has no products. Add at least one product with a quantity and a price.',
    });
  }
  if (problems.length > 0 || !customer) return { ok: false, problems };
  return {
    ok: true,
    draft: {
      cardCode: customer.cardCode,
      documentDate: today,
      dueDate: dueDate(deal.expectedCloseDate, today),
      currency: deal.currency,
      comments: `Pipedrive deal ${deal.dealId}: ${deal.title}`.slice(0, 254),
      lines: lines.flatMap((line) => (line.line ? [line.line] : [])),
    },
  };
}

/** The expected close date, else two weeks from today; never in the past. */
function dueDate(expected: string | null, today: LocalDate): LocalDate {
  if (!expected) return addDays(today, DEFAULT_LEAD_DAYS);
  return expected < today ? today : expected;
}

function customerProblems(deal: DealForOrder, customer: CustomerForOrder | null): Problem[] {
  if (!deal.organization) {
    return [
      { code: 'no_organization', message: 'The deal has no organization. Choose the customer the order is for.' },
    ];
  }
  const { name } = deal.organization;
  if (!customer) {
    return [
      {
        code: 'not_linked',
        message: `“${name}” is not linked to a customer in SAP. Ask your back office to link or create it.`,
      },
    ];
  }
  const problems: Problem[] = [];
  if (customer.type !== 'customer') {
    const what = customer.type === 'lead' ? 'a lead' : 'a supplier';
    problems.push({
      code: 'not_a_customer',
      message: `${customer.cardCode} is ${what} in SAP. Orders need a customer: ask your back office to change it.`,
    });
  }
  if (!customer.active) {
    problems.push({
      code: 'customer_inactive',
      message: `Customer ${customer.cardCode} is deactivated in SAP. Ask your back office whether it may be used again.`,
    });
  }
  return problems;
}

interface DraftedLine {
  readonly line: OrderDraftLine | null;
  readonly problems: readonly Problem[];
}

function draftLine(line: DealLineForOrder): DraftedLine {
  const problems: Problem[] = [];
  const at = `line:${line.lineId}`;
  const say = (code: string, message: string) => problems.push({ code, message, at });

  itemProblems(line, say);
  if (compare(line.quantity, '0') <= 0)
    say('quantity', `“${line.name}” has the quantity ${line.quantity}. Enter a quantity above 0.`);
  if (line.billingFrequency !== 'one-time') {
    say(
      'recurring',
      `“${line.name}” is billed ${line.billingFrequency}. Recurring products cannot be sent to SAP: make it one-time or remove it.`,
    );
  }
  const price = netPrice(line);
  if (!price) {
    say(
      'price_not_exact',
      `The price of “${line.name}” contains ${line.taxPercent} % tax and has no exact price without it. Enter prices without tax on this deal.`,
    );
  } else if (compare(price, '0') < 0) {
    say('price_negative', `“${line.name}” has a negative price. Use a discount instead.`);
  }
  const discountPercent = price && compare(line.quantity, '0') > 0 ? discountOf(line, price, say) : null;
  if (problems.length > 0 || !line.item || !price || !discountPercent) return { line: null, problems };
  return {
    line: {
      lineId: line.lineId,
      itemCode: line.item.itemCode,
      quantity: line.quantity,
      unitPrice: price,
      discountPercent,
    },
    problems: [],
  };
}

function itemProblems(line: DealLineForOrder, say: (code: string, message: string) => void): void {
  if (!line.item) say('no_item', `“${line.name}” has no item in SAP. Choose a product that comes from SAP.`);
  else if (!line.item.known)
    say('unknown_item', `SAP does not know the item ${line.item.itemCode} of “${line.name}”. Choose another product.`);
  else if (!line.item.active)
    say('item_inactive', `Item ${line.item.itemCode} (“${line.name}”) is deactivated in SAP. Choose another product.`);
  else if (!line.item.sales)
    say(
      'item_not_for_sale',
      `Item ${line.item.itemCode} (“${line.name}”) is not for sale in SAP. Choose another product.`,
    );
}

/** Price without tax, exactly; null where there is none within SAP's decimals. */
function netPrice(line: DealLineForOrder): Decimal | null {
  if (line.taxMethod !== 'inclusive' || isZero(line.taxPercent)) return line.unitPrice;
  return exactRatio(multiply(line.unitPrice, '100'), add('100', line.taxPercent), PRICE_DECIMALS);
}

/** The discount as SAP takes it, in percent, and exactly what the deal says. */
function discountOf(
  line: DealLineForOrder,
  price: Decimal,
  say: (code: string, message: string) => void,
): Decimal | null {
  if (isZero(line.discount)) return '0';
  if (compare(line.discount, '0') < 0) {
    say('discount_negative', `“${line.name}” has a negative discount. Raise the price instead.`);
    return null;
  }
  const gross = multiply(price, line.quantity);
  const percent = line.discountType === 'percentage' ? line.discount : amountAsPercent(line, gross);
  if (percent === null) {
    say(
      'discount_not_exact',
      `The discount of ${line.discount} on “${line.name}” is no exact percentage. Enter it as a percentage, or lower the price.`,
    );
    return null;
  }
  if (compare(percent, '100') >= 0) {
    say(
      'discount_too_high',
      `“${line.name}” has a discount of ${percent} %. SAP takes less than 100 %: use the price 0 instead.`,
    );
    return null;
  }
  return percent;
}

/** Exact if the percentage gives the same amount back to the cent; tax-inclusive amounts are compared without tax. */
function amountAsPercent(line: DealLineForOrder, gross: Decimal): Decimal | null {
  if (isZero(gross)) return null;
  const amount =
    line.taxMethod === 'inclusive' && !isZero(line.taxPercent)
      ? exactRatio(multiply(line.discount, '100'), add('100', line.taxPercent), PRICE_DECIMALS)
      : line.discount;
  if (amount === null) return null;
  const percent = exactRatio(multiply(amount, '100'), gross, PRICE_DECIMALS);
  if (percent !== null) return percent;
  const near = exactRatio(multiply(amount, '100'), gross, PRICE_DECIMALS, 'nearest');
  if (near === null) return null;
  const kept = round(subtract(gross, percentOf(gross, near)), 2);
  return kept === round(subtract(gross, amount), 2) ? near : null;
}
