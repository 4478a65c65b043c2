import type { Fields } from '../../kernel/json.ts';
import { numberOf, textOf } from '../../kernel/json.ts';
import { addDays } from '../company/local-time.ts';

/** The day that payment is due by those terms: from the month's end, half or start where they say so, then months, then days. */
export function dueDateBy(terms: Fields, from: string): string {
  const start = addMonths(startOf(textOf(terms, 'StartFrom'), from), numberOf(terms, 'NumberOfAdditionalMonths'));
  const whole = textOf(terms, 'StartFrom') === 'pdt_MonthEnd' ? endOfMonth(start) : start;
  return addDays(whole, numberOf(terms, 'NumberOfAdditionalDays'));
}

function startOf(rule: string, from: string): string {
  switch (rule) {
    case 'pdt_MonthEnd':
      return endOfMonth(from);
    case 'pdt_HalfMonth':
      return Number(from.slice(8)) <= 15 ? `${from.slice(0, 8)}15` : endOfMonth(from);
    case 'pdt_MonthStart':
      return addDays(endOfMonth(from), 1);
    default:
      return from;
  }
}

/** Stays in the month: a month after 31 January is the last of February. */
function addMonths(date: string, months: number): string {
  const index = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months;
  const month = `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`;
  const last = endOfMonth(`${month}-01`);
  const same = `${month}-${date.slice(8)}`;
  return same <= last ? same : last;
}

function endOfMonth(date: string): string {
  return new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).toISOString().slice(0, 10);
}
