import { changeProduct, createProduct, deleteProduct } from '../company/products.ts';
import { productView } from '../company/rest-views.ts';
import { PRODUCT } from '../validation/body-specs.ts';
import { checkBody } from '../validation/spec.ts';
import { filtered, listAnswer, visibleRecord } from './record-queries.ts';
import { type ApiCall, created, idOf, ok, type Route } from './route.ts';

const READ = ['products:read', 'products:full'];
const WRITE = ['products:full'];

const product = (call: ApiCall) => visibleRecord(call, call.company.products, idOf(call), 'Product');

export const productRoutes: readonly Route[] = [
  {
    version: 'v2',
    method: 'GET',
    path: '/products',
    scopes: READ,
    handle: (call) => {
      const rows = filtered(call, call.company.products.values());
      return listAnswer(call, rows, productView, ['id', 'name', 'add_time', 'update_time']);
    },
  },
  {
    version: 'v2',
    method: 'POST',
    path: '/products',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(PRODUCT, call.body, { partial: false });
      return created(productView(call.company, createProduct(call.company, call.actor, body)));
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/products/{id}',
    scopes: READ,
    handle: (call) => {
      return ok(productView(call.company, product(call)), null);
    },
  },
  {
    version: 'v2',
    method: 'PATCH',
    path: '/products/{id}',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(PRODUCT, call.body, { partial: true });
      const record = product(call);
      changeProduct(call.company, call.actor, record, body);
      return ok(productView(call.company, record), null);
    },
  },
  {
    version: 'v2',
    method: 'DELETE',
    path: '/products/{id}',
    scopes: WRITE,
    handle: (call) => {
      const record = product(call);
      deleteProduct(call.company, call.actor, record);
      return ok({ id: record.id }, null);
    },
  },
];
