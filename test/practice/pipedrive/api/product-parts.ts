import { createVariation, duplicateProduct } from '../company/product-parts.ts';
import { pricesOf } from '../company/products.ts';
import { productView } from '../company/rest-views.ts';
import { notFound } from '../failures.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { VariationRecord } from '../side-records.ts';
import { VARIATION } from '../validation/side-specs.ts';
import { checkBody } from '../validation/spec.ts';
import { orderValue, visibleRecord } from './record-queries.ts';
import { type ApiCall, created, idOf, ok, type Route } from './route.ts';

const READ = ['products:read', 'products:full'];
const WRITE = ['products:full'];
const ONE = '/products/{id}/variations/{product_variation_id}';

const product = (call: ApiCall) => visibleRecord(call, call.company.products, idOf(call), 'Product');

export const productPartRoutes: readonly Route[] = [
  {
    version: 'v2',
    method: 'GET',
    path: '/products/{id}/variations',
    scopes: READ,
    handle: (call) => {
      const { id } = product(call);
      const rows = [...call.company.variations.values()].filter((row) => row.product_id === id);
      const page = pageOf(rows, pageRequest(call.query, ['id']), orderValue);
      return ok(page.rows, { next_cursor: page.nextCursor });
    },
  },
  {
    version: 'v2',
    method: 'POST',
    path: '/products/{id}/variations',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(VARIATION, call.body, { partial: false });
      return created(createVariation(call.company, call.actor, product(call), body));
    },
  },
  {
    version: 'v2',
    method: 'PATCH',
    path: ONE,
    scopes: WRITE,
    handle: (call) => {
      const { name, prices } = checkBody(VARIATION, call.body, { partial: true });
      const record = variation(call);
      if (prices !== undefined) record.prices = pricesOf(call.company, record.product_id, prices);
      if (typeof name === 'string') record.name = name;
      return ok(record);
    },
  },
  {
    version: 'v2',
    method: 'DELETE',
    path: ONE,
    scopes: WRITE,
    handle: (call) => {
      const { id } = variation(call);
      call.company.variations.delete(id);
      return ok({ id });
    },
  },
  {
    version: 'v2',
    method: 'POST',
    path: '/products/{id}/duplicate',
    scopes: WRITE,
    handle: (call) => created(productView(call.company, duplicateProduct(call.company, call.actor, product(call)))),
  },
];

function variation(call: ApiCall): VariationRecord {
  const record = call.company.variations.get(idOf(call, 'product_variation_id'));
  if (!record || record.product_id !== product(call).id) throw notFound('Product variation');
  return record;
}
