import type { LocalDate } from '../kernel/local-date.ts';
import type { Decimal } from '../kernel/money.ts';

/** An amount for a sentence, e.g. `€2,140.50`; whole amounts without cents. */
export function money(amount: Decimal, currency: string): string {
  const digits = Number(amount) % 1 === 0 ? 0 : 2;
  try {
    return format(
      { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits },
      amount,
    );
  } catch {
    // SAP companies may use currency codes that ISO does not know.
    return `${format({ minimumFractionDigits: digits, maximumFractionDigits: digits }, amount)} ${currency}`;
  }
}

/** A quantity for a sentence, without trailing zeros. */
export function quantity(value: Decimal): string {
  return format({ maximumFractionDigits: 6 }, value);
}

function format(options: Intl.NumberFormatOptions, value: Decimal): string {
  return new Intl.NumberFormat('en-GB', options).format(Number(value));
}

/** A day for a sentence, e.g. `8 Dec 2026`. */
export function day(date: LocalDate): string {
  const format = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  return format.format(new Date(`${date}T00:00:00Z`));
}
