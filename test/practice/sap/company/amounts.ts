import Big from 'big.js';

const NEAR_TIE = 1e-6;

/** Commercial rounding (half away from zero), as SAP rounds totals and prices. */
export function round(value: number, decimals = 2): number {
  return rounded(value, decimals, () => new Big(value));
}

/** Quantity × price less a discount in percent, rounded once at the end. */
export function extended(quantity: number, price: number, discountPercent: number, decimals = 2): number {
  const exact = () => new Big(quantity).times(price).times(new Big(100).minus(discountPercent)).div(100);
  return rounded((quantity * price * (100 - discountPercent)) / 100, decimals, exact);
}

/** That many percent of an amount, rounded. */
export function percentOf(amount: number, percent: number, decimals = 2): number {
  return rounded((amount * percent) / 100, decimals, () => new Big(amount).times(percent).div(100));
}

/** Doubles decide where they safely can; near a half, decimals do. */
function rounded(approximate: number, decimals: number, exact: () => Big): number {
  const factor = 10 ** decimals;
  const scaled = approximate * factor;
  const distance = Math.abs(Math.abs(scaled) - Math.floor(Math.abs(scaled)) - 0.5);
  if (distance > NEAR_TIE && Math.abs(scaled) < 1e9) return Math.round(scaled) / factor + 0;
  return exact().round(decimals, Big.roundHalfUp).toNumber();
}

/** Sums of cents that stay cents. */
export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += Math.round(value * 10_000);
  return total / 10_000;
}
