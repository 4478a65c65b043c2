import type { MoneyView } from '../../../server/contract/common.ts';

// The texts are English, so figures and dates are too.
const LOCALE = 'en-GB';
const NO_BREAK_SPACE = '\u00a0';

/** Intl takes decimal text exactly; nothing here goes through a binary number. */
function isNumeric(text: string): text is `${number}` {
  return /^-?\d+(\.\d+)?$/.test(text);
}

function format(formatter: Intl.NumberFormat, amount: string): string {
  return isNumeric(amount) ? formatter.format(amount) : amount;
}

const currencyFormats = new Map<string, Intl.NumberFormat | null>();

/** Null for codes that are not ISO 4217, which SAP allows. */
function currencyFormat(currency: string, options: Intl.NumberFormatOptions): Intl.NumberFormat | null {
  const key = `${currency} ${options.trailingZeroDisplay ?? 'auto'}`;
  const known = currencyFormats.get(key);
  if (known !== undefined) return known;
  let made: Intl.NumberFormat | null;
  try {
    made = new Intl.NumberFormat(LOCALE, { style: 'currency', currency, ...options });
  } catch {
    made = null;
  }
  currencyFormats.set(key, made);
  return made;
}

const plainAmount = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function money({ amount, currency }: MoneyView, options: Intl.NumberFormatOptions): string {
  const formatter = currencyFormat(currency, options);
  return formatter ? format(formatter, amount) : `${format(plainAmount, amount)}${NO_BREAK_SPACE}${currency}`;
}

/** `€8,744`, `€8,744.50`: cents only where there are any, so that shown figures still add up. */
export function formatMoney(value: MoneyView): string {
  return money(value, { trailingZeroDisplay: 'stripIfInteger' });
}

/** `€289.00`, up to four decimals where a price has them. */
export function formatPrice(value: MoneyView): string {
  return money(value, { maximumFractionDigits: 4 });
}

/** The amount without its sign, for sentences that say the direction in words. */
export function withoutSign(value: MoneyView): MoneyView {
  return { ...value, amount: value.amount.replace(/^-/, '') };
}

export function isNegative(value: MoneyView): boolean {
  return value.amount.startsWith('-') && /[1-9]/.test(value.amount);
}

export function isZero(value: MoneyView): boolean {
  return !/[1-9]/.test(value.amount);
}

const quantity = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 6 });

export function formatQuantity(amount: string): string {
  return format(quantity, amount);
}

export function formatCount(count: number): string {
  return quantity.format(count);
}

/** `1 customer`, `12 customers`. */
export function countOf(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** How much of `whole` the parts are, each 0 to 100, for drawing only. Negative parts draw nothing. */
export function shares(parts: readonly string[], whole: string): number[] {
  const total = Number(whole);
  return parts.map((part) => (total > 0 ? Math.min(100, Math.max(0, (Number(part) / total) * 100)) : 0));
}

/** Whole percent of `part` in `whole`; never 100 before all of it is there. */
export function wholePercent(part: number, whole: number): number {
  if (whole <= 0) return 0;
  return part >= whole ? 100 : Math.min(99, Math.max(0, Math.round((part / whole) * 100)));
}

/** `19 %`, `less than 1 %`. */
export function percentWords(part: number, whole: number): string {
  const percent = wholePercent(part, whole);
  return percent < 1 && part > 0 ? 'less than 1 %' : `${percent} %`;
}

/** What a job costs: `6,000 Pipedrive tokens, 20 % of a day`, or the tokens alone where the day is not known. */
export function costWords(cost: number, { dailyLimit }: { readonly dailyLimit: number | null }): string {
  const tokens = countOf(cost, 'Pipedrive token', 'Pipedrive tokens');
  return dailyLimit === null || dailyLimit <= 0 ? tokens : `${tokens}, ${percentWords(cost, dailyLimit)} of a day`;
}
