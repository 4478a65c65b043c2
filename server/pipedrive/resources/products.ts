import { z } from 'zod';
import type { Crm, CrmProduct, ProductValues } from '../../app/ports/crm.ts';
import { toJsonNumber } from '../../kernel/money.ts';
import type { Api } from '../api.ts';
import { one } from '../envelopes.ts';
import { operation } from '../operations.ts';
import { Id, Text, wholeSeconds } from '../values.ts';

const Product = z
  .object({
    id: Id,
    name: Text,
    code: z.union([z.string(), z.number()]).nullish(),
  })
  .transform(
    ({ id, name, code }): CrmProduct => ({
      id,
      name,
      code: code === null || code === undefined || code === '' ? null : String(code),
    }),
  );

const OwnPrices = z.object({
  prices: z.array(
    z.object({
      currency: z.string(),
      price: z.number().nullish(),
      cost: z.number().nullish(),
      direct_cost: z.number().nullish(),
      notes: z.string().nullish(),
    }),
  ),
});
type OwnPrice = z.infer<typeof OwnPrices>['prices'][number];

const Written = one(z.object({ id: Id }));

export function createProducts(api: Api): Pick<Crm, 'listProducts' | 'createProduct' | 'updateProduct'> {
  return {
    listProducts(caller, { updatedSince }) {
      const query = { updated_since: updatedSince && wholeSeconds(updatedSince) };
      return api.pages(caller, operation('listProducts'), { query }, Product);
    },

    async createProduct(caller, values) {
      const { data } = await api.call(caller, operation('createProduct'), { body: toBody(values, []) }, Written);
      return data.id;
    },

    async updateProduct(caller, id, values) {
      const { data } = await api.call(caller, operation('getProduct'), { id }, one(OwnPrices));
      await api.call(caller, operation('updateProduct'), { id, body: toBody(values, data.prices) }, Written);
    },
  };
}

/**
 * Pipedrive replaces the prices as a whole, so those that people keep in other currencies, with their costs, are sent
 * along. They are always sent when there are any: whether leaving them out keeps them or resets them to zero is not
 * certain (reference pipedrive-api.md, section 4.9). A product without prices gets one of 0.
 */
function toBody({ name, code, unit, prices, active }: ProductValues, own: readonly OwnPrice[]): object {
  const merged = mergePrices(prices, own);
  return {
    name,
    code,
    ...(unit ? { unit } : {}),
    is_linkable: active,
    ...(merged.length > 0 ? { prices: merged } : {}),
  };
}

function mergePrices(prices: ProductValues['prices'], own: readonly OwnPrice[]): readonly object[] {
  const given = new Map(prices.map(({ currency, price }) => [currency, toJsonNumber(price)]));
  const kept = own.map((one) => {
    const price = given.get(one.currency) ?? one.price;
    given.delete(one.currency);
    const entries = Object.entries({ ...one, price });
    return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined));
  });
  return [...kept, ...[...given].map(([currency, price]) => ({ currency, price }))];
}
