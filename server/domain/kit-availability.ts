import Big from 'big.js';
import type { Decimal } from '../kernel/money.ts';

export interface KitPart {
  /** In stock units, for `makes` of the kit. */
  readonly quantity: Decimal;
  /** In stock units; null: not kept in stock, so that it cannot run out. */
  readonly available: Decimal | null;
}

/**
 * How many whole kits can be made of what is there: a sales kit has no stock of its own. Null where no part of it is kept
 * in stock.
 * @param makes how many kits the quantities of the parts make
 */
export function kitAvailability(parts: readonly KitPart[], makes: Decimal): Decimal | null {
  const enoughFor = parts.flatMap(({ quantity, available }) => {
    if (available === null || new Big(quantity).lte(0)) return [];
    const free = new Big(available);
    return [free.lt(0) ? new Big(0) : free.times(makes).div(quantity).round(0, Big.roundDown)];
  });
  const [first, ...rest] = enoughFor;
  return first === undefined ? null : rest.reduce((least, one) => (one.lt(least) ? one : least), first).toFixed();
}
