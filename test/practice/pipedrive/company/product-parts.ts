import type { JsonObject } from '../json.ts';
import type { ProductRecord } from '../records.ts';
import type { VariationRecord } from '../side-records.ts';
import { textOr } from './common-rules.ts';
import { createProduct, pricesOf } from './products.ts';
import type { Actor, CompanyState } from './state.ts';

/** Without prices a variation gets one of 0 in the user's currency. */
export function createVariation(
  company: CompanyState,
  actor: Actor,
  product: ProductRecord,
  body: JsonObject,
): VariationRecord {
  const prices = body['prices'] ?? [{ currency: actor.user.default_currency, price: 0 }];
  const record: VariationRecord = {
    id: company.nextId('variation'),
    name: textOr(body, 'name', ''),
    product_id: product.id,
    prices: pricesOf(company, product.id, prices),
  };
  company.variations.set(record.id, record);
  return record;
}

/** Everything of the product but its variations, under the same name and code: neither is unique. */
export function duplicateProduct(company: CompanyState, actor: Actor, product: ProductRecord): ProductRecord {
  const { name, code, description, unit, tax, is_linkable, custom_fields, billing_frequency } = product;
  return createProduct(company, actor, {
    name,
    code,
    description,
    unit,
    tax,
    is_linkable,
    custom_fields,
    billing_frequency,
    prices: product.prices.map(({ product_id: _id, ...price }) => price),
  });
}
