import Big from 'big.js';
import type { Decimal } from '../kernel/money.ts';

/**
 * `numerator / denominator` with at most so many decimals.
 * With `exact`, null where the quotient needs more decimals than that; with `nearest`, rounded half up.
 */
export function exactRatio(
  numerator: Decimal,
  denominator: Decimal,
  decimals: number,
  mode: 'exact' | 'nearest' = 'exact',
): Decimal | null {
  const divisor = new Big(denominator);
  if (divisor.eq(0)) return null;
  const quotient = new Big(numerator).div(divisor).round(decimals, Big.roundHalfUp);
  if (mode === 'exact' && !quotient.times(divisor).eq(numerator)) return null;
  return quotient.toFixed();
}
