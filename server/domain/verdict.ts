import { compare, type Decimal } from '../kernel/money.ts';
import type { CreditAssessment } from './credit.ts';
import { money, quantity } from './wording.ts';

export interface VerdictInput {
  /** Null: SAP did not answer. */
  readonly customer: { readonly active: boolean; readonly type: 'customer' | 'lead' | 'supplier' } | null;
  readonly credit:
    | (CreditAssessment & {
        readonly currency: string;
        readonly holdAfterDays: number;
        /** False: what the deal is worth in local currency is not known, and its headroom is without it. */
        readonly dealCounted?: boolean;
      })
    | null;
  /** Null: not known. Only lines that are enabled. */
  readonly lines:
    | readonly {
        readonly name: string;
        readonly quantity: Decimal;
        readonly available: Decimal | null;
        /** False: the product has no item in SAP. */
        readonly hasItem: boolean;
        /** False: the item is deactivated in SAP. */
        readonly active?: boolean;
      }[]
    | null;
  /** Enabled lines beyond those whose stock was asked. */
  readonly notAsked?: number;
  /** True: the deal's lines were not read. */
  readonly linesNotRead?: boolean;
}

export interface Verdict {
  readonly verdict: 'ship' | 'ship_part' | 'hold' | 'unknown';
  readonly title: string;
  /** Most important first. */
  readonly reasons: readonly string[];
}

/** May this be sold and shipped now? What stops it comes first, then what is short, then what is not known. */
export function decide(input: VerdictInput): Verdict {
  const stops = stopReasons(input);
  const short = shortReasons(input);
  const missing = missingReasons(input);
  const reasons = [...stops, ...short, ...missing, ...overdueReasons(input)];
  if (stops.length > 0) return { verdict: 'hold', title: 'Hold', reasons };
  if (missing.length > 0) return { verdict: 'unknown', title: 'Not known right now', reasons };
  if (short.length > 0) return { verdict: 'ship_part', title: 'Ship part now', reasons };
  const nothing = !input.lines || input.lines.length === 0;
  return nothing
    ? { verdict: 'ship', title: 'Good to sell', reasons: ['Within the credit rules', ...reasons] }
    : {
        verdict: 'ship',
        title: 'Ship now',
        reasons: ['All lines are in stock', 'Within the credit rules', ...reasons],
      };
}

/** Worth knowing, and no reason to stop: what is overdue by less than the admin's rule. */
function overdueReasons({ credit }: VerdictInput): string[] {
  if (!credit || credit.daysOverdue === 0 || credit.status === 'on_hold') return [];
  return [`An invoice is overdue by ${credit.daysOverdue === 1 ? '1 day' : `${credit.daysOverdue} days`}`];
}

function stopReasons({ customer, credit, lines }: VerdictInput): string[] {
  const reasons = (lines ?? []).flatMap((line) => {
    if (!line.hasItem) return [`“${line.name}” has no item in SAP`];
    return line.active === false ? [`“${line.name}” is deactivated in SAP`] : [];
  });
  if (customer && customer.type !== 'customer') {
    reasons.push(`Only ${customer.type === 'lead' ? 'a lead' : 'a supplier'} in SAP; orders need a customer`);
  }
  if (customer && !customer.active) reasons.push('The customer is deactivated in SAP');
  if (credit?.status === 'on_hold') {
    reasons.push(
      `The oldest open invoice is overdue by ${credit.daysOverdue} days; the limit is ${credit.holdAfterDays}`,
    );
  }
  if (credit?.headroom && compare(credit.headroom, '0') < 0) {
    reasons.push(`${money(credit.headroom.replace('-', ''), credit.currency)} over the credit limit`);
  }
  return reasons;
}

function shortReasons({ lines }: VerdictInput): string[] {
  return (lines ?? []).flatMap((line) => {
    if (!line.hasItem || line.available === null || compare(line.available, line.quantity) >= 0) return [];
    const have = compare(line.available, '0') > 0 ? quantity(line.available) : 'None';
    return [`${have} of ${quantity(line.quantity)} × ${line.name} in stock`];
  });
}

function missingReasons({ customer, credit, lines, notAsked = 0, linesNotRead = false }: VerdictInput): string[] {
  const reasons: string[] = [];
  if (!customer || !credit) reasons.push('Credit could not be read from SAP');
  else if (credit.dealCounted === false && credit.headroom !== null) {
    reasons.push(`This deal’s value in ${credit.currency} is not known, so credit was checked without it`);
  }
  if (linesNotRead) reasons.push('The deal’s lines were not read from Pipedrive');
  else if (lines === null) reasons.push('Stock could not be read from SAP');
  else if (lines.some((line) => line.hasItem && line.available === null))
    reasons.push('The stock of some lines is not known');
  if (notAsked > 0) {
    reasons.push(
      notAsked === 1 ? 'The stock of one more line was not asked' : `The stock of ${notAsked} more lines was not asked`,
    );
  }
  return reasons;
}
