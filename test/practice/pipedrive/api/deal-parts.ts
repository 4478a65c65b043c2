import { addDiscount, addInstallment, changeDiscount, changeInstallment } from '../company/deal-parts.ts';
import { canSee } from '../company/visibility.ts';
import { notFound, validationFailed } from '../failures.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { DiscountRecord, InstallmentRecord } from '../side-records.ts';
import { idsParameter } from '../validation/query.ts';
import { DISCOUNT, INSTALLMENT } from '../validation/side-specs.ts';
import { checkBody } from '../validation/spec.ts';
import { orderValue, visibleRecord } from './record-queries.ts';
import { type ApiCall, created, idOf, ok, type Route } from './route.ts';

const READ = ['deals:read', 'deals:full'];
const WRITE = ['deals:full'];
const ONE_DISCOUNT = '/deals/{id}/discounts/{discount_id}';
const ONE_INSTALLMENT = '/deals/{id}/installments/{installment_id}';

const deal = (call: ApiCall) => visibleRecord(call, call.company.deals, idOf(call), 'Deal');

export const dealPartRoutes: readonly Route[] = [
  {
    version: 'v2',
    method: 'GET',
    path: '/deals/{id}/discounts',
    scopes: READ,
    handle: (call) => {
      const { id } = deal(call);
      return ok([...call.company.discounts.values()].filter((row) => row.deal_id === id));
    },
  },
  {
    version: 'v2',
    method: 'POST',
    path: '/deals/{id}/discounts',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(DISCOUNT, call.body, { partial: false });
      return created(addDiscount(call.company, call.actor, deal(call), body));
    },
  },
  {
    version: 'v2',
    method: 'PATCH',
    path: ONE_DISCOUNT,
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(DISCOUNT, call.body, { partial: true });
      const record = discount(call);
      changeDiscount(call.company, call.actor, deal(call), record, body);
      return ok(record);
    },
  },
  {
    version: 'v2',
    method: 'DELETE',
    path: ONE_DISCOUNT,
    scopes: WRITE,
    handle: (call) => {
      const record = discount(call);
      call.company.discounts.delete(record.id);
      // The description calls it an integer, as it does nowhere else: the id is a UUID.
      return ok({ id: record.id });
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/deals/installments',
    scopes: READ,
    handle: (call) => {
      const ids = idsParameter(call.query, 'deal_ids');
      if (!ids) throw validationFailed('deal_ids: is required');
      const rows = [...call.company.installments.values()].filter((row) => {
        const owner = call.company.deals.get(row.deal_id);
        return ids.has(row.deal_id) && owner && !owner.is_deleted && canSee(call.company, call.actor.user, owner);
      });
      const page = pageOf(rows, pageRequest(call.query, ['id', 'billing_date', 'deal_id']), orderValue);
      return ok(page.rows, { next_cursor: page.nextCursor });
    },
  },
  {
    version: 'v2',
    method: 'POST',
    path: '/deals/{id}/installments',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(INSTALLMENT, call.body, { partial: false });
      return ok(addInstallment(call.company, deal(call), body));
    },
  },
  {
    version: 'v2',
    method: 'PATCH',
    path: ONE_INSTALLMENT,
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(INSTALLMENT, call.body, { partial: true });
      const record = installment(call);
      changeInstallment(record, body);
      return ok(record);
    },
  },
  {
    version: 'v2',
    method: 'DELETE',
    path: ONE_INSTALLMENT,
    scopes: WRITE,
    handle: (call) => {
      const { id } = installment(call);
      call.company.installments.delete(id);
      return ok({ id });
    },
  },
];

function discount(call: ApiCall): DiscountRecord {
  const record = call.company.discounts.get(call.params['discount_id'] ?? '');
  if (!record || record.deal_id !== deal(call).id) throw notFound('Discount');
  return record;
}

function installment(call: ApiCall): InstallmentRecord {
  const record = call.company.installments.get(idOf(call, 'installment_id'));
  if (!record || record.deal_id !== deal(call).id) throw notFound('Installment');
  return record;
}
