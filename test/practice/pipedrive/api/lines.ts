import { linesOf } from '../company/line-money.ts';
import { addLine, changeLine, checkProduct, lineOfDeal, removeLine } from '../company/lines.ts';
import { lineView } from '../company/rest-views.ts';
import { canSee } from '../company/visibility.ts';
import { validationFailed } from '../failures.ts';
import { isJsonObject } from '../json.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { LineRecord } from '../records.ts';
import { LINE } from '../validation/body-specs.ts';
import { idsParameter } from '../validation/query.ts';
import { checkArray, checkBody } from '../validation/spec.ts';
import { orderValue, visibleRecord } from './record-queries.ts';
import { type ApiAnswer, type ApiCall, created, idOf, ok, type Route } from './route.ts';

const READ = ['deals:read', 'deals:full', 'products:read', 'products:full'];
const WRITE = ['deals:full', 'products:full'];
const SORTABLE = ['id', 'add_time', 'update_time', 'order_nr'];

const deal = (call: ApiCall) => visibleRecord(call, call.company.deals, idOf(call), 'Deal');
const line = (call: ApiCall) => lineOfDeal(call.company, deal(call), idOf(call, 'product_attachment_id'));

export const lineRoutes: readonly Route[] = [
  {
    version: 'v2',
    method: 'GET',
    path: '/deals/{id}/products',
    scopes: READ,
    handle: (call) => {
      return listed(call, linesOf(call.company, deal(call).id));
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/deals/products',
    scopes: READ,
    handle: (call) => {
      const ids = idsParameter(call.query, 'deal_ids');
      if (!ids) throw validationFailed('deal_ids: is required');
      const visible = [...ids].filter((id) => {
        const found = call.company.deals.get(id);
        return found && !found.is_deleted && canSee(call.company, call.actor.user, found);
      });
      return listed(
        call,
        visible.flatMap((id) => linesOf(call.company, id)),
      );
    },
  },
  {
    version: 'v2',
    method: 'POST',
    path: '/deals/{id}/products',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(LINE, call.body, { partial: false });
      return created(lineView(call.company, addLine(call.company, call.actor, deal(call), body)));
    },
  },
  { version: 'v2', method: 'POST', path: '/deals/{id}/products/bulk', scopes: WRITE, handle: addMany },
  {
    version: 'v2',
    method: 'PATCH',
    path: '/deals/{id}/products/{product_attachment_id}',
    scopes: WRITE,
    handle: (call) => {
      const body = checkBody(LINE, call.body, { partial: true });
      const record = line(call);
      changeLine(call.company, call.actor, deal(call), record, body);
      return ok(lineView(call.company, record), null);
    },
  },
  {
    version: 'v2',
    method: 'DELETE',
    path: '/deals/{id}/products/{product_attachment_id}',
    scopes: WRITE,
    handle: (call) => {
      const record = line(call);
      removeLine(call.company, call.actor, deal(call), record);
      return ok({ id: record.id }, null);
    },
  },
  { version: 'v2', method: 'DELETE', path: '/deals/{id}/products', scopes: WRITE, handle: removeMany },
];

function listed(call: ApiCall, lines: LineRecord[]): ApiAnswer {
  const page = pageOf(lines, pageRequest(call.query, SORTABLE), orderValue);
  return ok(
    page.rows.map((row) => lineView(call.company, row)),
    { next_cursor: page.nextCursor },
  );
}

/** All bodies are checked first; an unknown product in the middle leaves the lines before it, or none by switch. */
function addMany(call: ApiCall): ApiAnswer {
  const body = checkBody({ data: { type: 'array', required: true } }, call.body, { partial: false });
  const data = checkArray({ type: 'object', members: LINE }, body['data'], 'data');
  if (data.length > 100) throw validationFailed('data: must hold no more than 100 products');
  const target = deal(call);
  if (call.company.switches.bulkLinesAtomic) {
    for (const entry of data) if (isJsonObject(entry)) checkProduct(call.company, entry);
  }
  const added = data.filter(isJsonObject).map((entry) => addLine(call.company, call.actor, target, entry));
  return created(added.map((row) => lineView(call.company, row)));
}

/** Without ids it deletes up to 100 lines. */
function removeMany(call: ApiCall): ApiAnswer {
  const target = deal(call);
  const ids = idsParameter(call.query, 'ids');
  const all = linesOf(call.company, target.id).filter((row) => !ids || ids.has(row.id));
  const removed = all.slice(0, 100);
  for (const row of removed) removeLine(call.company, call.actor, target, row);
  return ok({ ids: removed.map(({ id }) => id) }, { more_items_in_collection: all.length > removed.length });
}
