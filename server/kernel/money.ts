import Big from 'big.js';

/** A decimal number as text, e.g. `1250.50`. Amounts never become floats on their way through us. */
export type Decimal = string;

const MAX_DIGITS = 15;

/**
 * Reads a number that came as JSON (a double) or as text.
 * @throws {RangeError} for what is no finite number, or has more digits than a double can carry: such a value is
 * refused, never rounded.
 */
export function decimal(value: number | string): Decimal {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('not a finite number');
  let big: Big;
  try {
    big = new Big(value);
  } catch (cause) {
    throw new RangeError('not a decimal number', { cause });
  }
  if (big.c.length > MAX_DIGITS || big.e > MAX_DIGITS) throw new RangeError('more digits than can be carried exactly');
  return big.toFixed();
}

export function add(...values: readonly Decimal[]): Decimal {
  return values.reduce((sum, value) => sum.plus(value), new Big(0)).toFixed();
}

export function subtract(from: Decimal, value: Decimal): Decimal {
  return new Big(from).minus(value).toFixed();
}

export function multiply(left: Decimal, right: Decimal): Decimal {
  return new Big(left).times(right).toFixed();
}

/** Rounded half up (away from zero), as SAP and invoices do. */
export function round(value: Decimal, digits: number): Decimal {
  return new Big(value).round(digits, Big.roundHalfUp).toFixed(digits);
}

/** Negative, zero or positive, as `left` is less than, equal to or greater than `right`. */
export function compare(left: Decimal, right: Decimal): -1 | 0 | 1 {
  return new Big(left).cmp(right);
}

export function isZero(value: Decimal): boolean {
  return new Big(value).eq(0);
}

/** `percent` of `value`, unrounded. */
export function percentOf(value: Decimal, percent: Decimal): Decimal {
  return new Big(value).times(percent).div(100).toFixed();
}

/**
 * The number to put into JSON. Within 15 digits a double gives back the same decimal text.
 * @throws {RangeError} beyond that
 */
export function toJsonNumber(value: Decimal): number {
  return Number(decimal(value));
}
