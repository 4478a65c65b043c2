import { z } from 'zod';
import { type Decimal, decimal } from '../../kernel/money.ts';

/** The prices of a product or of its variation. */
export const Prices = z
  .array(z.object({ currency: z.string(), price: z.union([z.number(), z.string()]).nullish() }))
  .nullish()
  .catch(null)
  .transform((prices) => (prices ?? []).flatMap(({ currency, price }) => carried(currency, price ?? 0)));

/** Nothing where the amount cannot be carried: it must not hide the product. */
function carried(currency: string, price: number | string): readonly { currency: string; price: Decimal }[] {
  try {
    return [{ currency, price: decimal(price) }];
  } catch {
    return [];
  }
}
