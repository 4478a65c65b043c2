import { daysBetween, type LocalDate } from '../kernel/local-date.ts';
import { add, compare, type Decimal, isZero, subtract } from '../kernel/money.ts';

export type CreditStatus = 'within_limit' | 'over_limit' | 'on_hold' | 'no_limit';

export interface CreditRules {
  readonly countOpenOrders: boolean;
  readonly holdAfterDaysOverdue: number;
}

/** All amounts in the SAP company's local currency. */
export interface CreditFigures {
  /** 0: no limit is set. */
  readonly limit: Decimal;
  readonly balance: Decimal;
  readonly openOrders: Decimal;
  readonly openDeliveries: Decimal;
  /** Due date of the oldest open invoice; null when nothing is open. */
  readonly oldestDueDate: LocalDate | null;
}

export interface CreditAssessment {
  readonly status: CreditStatus;
  /** Balance, and open orders and deliveries where the rules count them. */
  readonly exposure: Decimal;
  /** Limit less exposure less what the deal adds; null without a limit. */
  readonly headroom: Decimal | null;
  readonly daysOverdue: number;
}

/**
 * Whether this customer may buy, and for how much.
 * @param added gross value, in local currency, of what a deal has not yet posted; `0` where there is no deal
 */
export function assessCredit(
  figures: CreditFigures,
  added: Decimal,
  rules: CreditRules,
  today: LocalDate,
): CreditAssessment {
  const exposure = creditExposure(figures, { deliveries: rules.countOpenOrders, orders: rules.countOpenOrders });
  const daysOverdue = figures.oldestDueDate ? Math.max(0, daysBetween(figures.oldestDueDate, today)) : 0;
  const headroom = isZero(figures.limit) ? null : subtract(subtract(figures.limit, exposure), added);
  return { status: statusOf(headroom, daysOverdue, rules), exposure, headroom, daysOverdue };
}

/** Balance, and what a company's own switches count beside it. */
export function creditExposure(
  figures: Pick<CreditFigures, 'balance' | 'openOrders' | 'openDeliveries'>,
  counts: { readonly deliveries: boolean; readonly orders: boolean },
): Decimal {
  return add(
    figures.balance,
    counts.deliveries ? figures.openDeliveries : '0',
    counts.orders ? figures.openOrders : '0',
  );
}

function statusOf(headroom: Decimal | null, daysOverdue: number, rules: CreditRules): CreditStatus {
  if (daysOverdue > rules.holdAfterDaysOverdue) return 'on_hold';
  if (headroom === null) return 'no_limit';
  return compare(headroom, '0') < 0 ? 'over_limit' : 'within_limit';
}
