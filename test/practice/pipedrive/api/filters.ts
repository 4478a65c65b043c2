import { checkConditions } from '../company/filters.ts';
import { notFound, validationFailed } from '../failures.ts';
import { isJsonObject } from '../json.ts';
import type { FilterRecord } from '../side-records.ts';
import { v1Time } from '../times.ts';
import { choiceParameter, idsParameter } from '../validation/query.ts';
import { FILTER, FILTER_TYPES } from '../validation/side-specs.ts';
import { checkBody } from '../validation/spec.ts';
import { type ApiCall, idOf, ok, type Route } from './route.ts';

const WRITE = ['deals:full', 'activities:full', 'contacts:full'];
const READ = ['deals:read', 'activities:read', 'contacts:read', ...WRITE];
const ANY = '';

export const filterRoutes: readonly Route[] = [
  {
    version: 'v1',
    method: 'GET',
    path: '/filters',
    scopes: READ,
    handle: (call) => {
      const type = choiceParameter(call.query, 'type', FILTER_TYPES, ANY);
      const rows = [...call.company.filters.values()].filter((row) => type === ANY || row.type === type);
      return ok(rows.map(({ conditions: _conditions, ...row }) => view(row)));
    },
  },
  {
    version: 'v1',
    method: 'POST',
    path: '/filters',
    scopes: WRITE,
    handle: (call) => {
      const { name, type, conditions } = checkBody(FILTER, call.body, { partial: false });
      const record: FilterRecord = {
        id: call.company.nextId('filter'),
        name: String(name),
        type: String(type),
        user_id: call.actor.user.id,
        conditions: checkConditions(conditions),
        add_time: v1Time(call.company.clock.now()),
        update_time: null,
      };
      call.company.filters.set(record.id, record);
      return ok(view(record));
    },
  },
  { version: 'v1', method: 'GET', path: '/filters/{id}', scopes: READ, handle: (call) => ok(view(filter(call))) },
  {
    version: 'v1',
    method: 'PUT',
    path: '/filters/{id}',
    scopes: WRITE,
    handle: (call) => {
      const { name, conditions } = checkBody(FILTER, call.body, { partial: true });
      if (!isJsonObject(conditions)) throw validationFailed('conditions: is required');
      const record = filter(call);
      record.conditions = checkConditions(conditions);
      if (typeof name === 'string') record.name = name;
      record.update_time = v1Time(call.company.clock.now());
      return ok(view(record));
    },
  },
  {
    version: 'v1',
    method: 'DELETE',
    path: '/filters/{id}',
    scopes: WRITE,
    handle: (call) => {
      const { id } = filter(call);
      call.company.filters.delete(id);
      return ok({ id });
    },
  },
  {
    version: 'v1',
    method: 'DELETE',
    path: '/filters',
    scopes: WRITE,
    handle: (call) => {
      const ids = idsParameter(call.query, 'ids');
      if (!ids) throw validationFailed('ids: is required');
      return ok({ id: [...ids].filter((id) => call.company.filters.delete(id)) });
    },
  },
];

function filter(call: ApiCall): FilterRecord {
  const record = call.company.filters.get(idOf(call));
  if (!record) throw notFound('Filter');
  return record;
}

function view(row: Omit<FilterRecord, 'conditions'>): object {
  return {
    ...row,
    filter_code: null,
    is_editable: true,
    active_flag: true,
    temporary_flag: null,
    visible_to: '1',
    last_used_time: null,
    custom_view_id: null,
  };
}
