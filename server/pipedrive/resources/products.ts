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

const Written = one(z.object({ id: Id }));

export function createProducts(api: Api): Pick<Crm, 'listProducts' | 'createProduct' | 'updateProduct'> {
  return {
    listProducts(caller, { updatedSince }) {
      const query = { updated_since: updatedSince && wholeSeconds(updatedSince) };
      return api.pages(caller, operation('listProducts'), { query }, Product);
    },

    async createProduct(caller, values) {
      const { data } = await api.call(caller, operation('createProduct'), { body: toBody(values) }, Written);
      return data.id;
    },

    async updateProduct(caller, id, values) {
      await api.call(caller, operation('updateProduct'), { id, body: toBody(values) }, Written);
    },
  };
}

/**
 * The prices are replaced as a whole and always sent: whether leaving them out keeps them or resets them to zero is not
 * certain (reference pipedrive-api.md, section 4.9). The unit cannot be null, only empty.
 */
function toBody({ name, code, unit, prices, active }: ProductValues): object {
  return {
    name,
    code,
    unit: unit ?? '',
    is_linkable: active,
    prices: prices.map(({ currency, price }) => ({ currency, price: toJsonNumber(price) })),
  };
}
