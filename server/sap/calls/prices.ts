import type { ErpPrices } from '../../app/ports/erp-prices.ts';
import type { On } from '../on.ts';
import { getEffectivePrice } from '../resources/effective-price.ts';
import { listPriceListDetails } from '../resources/price-lists.ts';

export function priceCalls(on: On): ErpPrices {
  return { listPriceListDetails: on(listPriceListDetails), getEffectivePrice: on(getEffectivePrice) };
}
