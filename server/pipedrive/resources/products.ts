import { z } from 'zod';
import type { Crm, CrmProduct, ProductValues } from '../../app/ports/crm.ts';
import { toJsonNumber } from '../../kernel/money.ts';
import type { Api } from '../api.ts';
import { readByIds } from '../by-ids.ts';
import { changedRows } from '../changed-rows.ts';
import { one } from '../envelopes.ts';
import { operation } from '../operations.ts';
import { Flag, Id, Text } from '../values.ts';
import { Prices } from './prices.ts';

const Product = z
  .object({
    id: Id,
    name: Text,
    code: z.union([z.string(), z.number()]).nullish(),
    unit: Text,
    is_linkable: z.boolean().nullish(),
    prices: Prices,
    update_time: Text,
    is_deleted: Flag,
  })
  .transform(
    (product): CrmProduct => ({
      id: product.id,
      name: product.name,
      code: product.code === null || product.code === undefined || product.code === '' ? null : String(product.code),
      unit: product.unit || null,
      active: product.is_linkable ?? true,
      prices: product.prices,
      updateTime: product.update_time,
      isDeleted: product.is_deleted,
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

type ProductCalls = 'getProduct' | 'listProducts' | 'listProductsByIds' | 'createProduct' | 'updateProduct';

export function createProducts(api: Api): Pick<Crm, ProductCalls> {
  return {
    async getProduct(caller, id) {
      const { data } = await api.call(caller, operation('getProduct'), { id }, one(Product));
      return data;
    },

    listProducts(caller, { updatedSince }) {
      return changedRows(api, caller, operation('listProducts'), { updatedSince, query: {}, row: Product });
    },

    listProductsByIds(caller, ids) {
      return readByIds(api, caller, operation('listProducts'), ids, { row: Product });
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
function toBody({ name, code, unit, prices, active }: ProductValues, own: readonly OwnPrice[]) {
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
