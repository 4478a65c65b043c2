import {
  addOptions,
  changeField,
  changeOptions,
  createField,
  deleteField,
  fieldByCode,
  removeOptions,
} from '../company/fields.ts';
import { validationFailed } from '../failures.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { EntityName, FieldRecord } from '../records.ts';
import {
  CHANGED_OPTION,
  changeFieldSpec,
  createFieldSpec,
  NEW_OPTION,
  REMOVED_OPTION,
} from '../validation/field-specs.ts';
import { checkArray, checkBody } from '../validation/spec.ts';
import { orderValue } from './record-queries.ts';
import { type ApiAnswer, type ApiCall, ok, type Route } from './route.ts';

interface FieldKind {
  entity: EntityName;
  path: string;
  read: readonly string[];
  create: readonly string[];
  change: readonly string[];
}

const KINDS: readonly FieldKind[] = [
  {
    entity: 'deal',
    path: '/dealFields',
    read: ['deals:read', 'deals:full'],
    create: ['deal-fields:full', 'admin'],
    change: ['deals:full', 'deal-fields:full', 'admin'],
  },
  {
    entity: 'organization',
    path: '/organizationFields',
    read: ['contacts:read', 'contacts:full'],
    create: ['contact-fields:full', 'admin'],
    change: ['contact-fields:full', 'admin'],
  },
  {
    entity: 'person',
    path: '/personFields',
    read: ['contacts:read', 'contacts:full'],
    create: ['contact-fields:full', 'admin'],
    change: ['contact-fields:full', 'admin'],
  },
  {
    entity: 'product',
    path: '/productFields',
    read: ['products:read', 'products:full'],
    create: ['product-fields:full', 'products:full', 'admin'],
    change: ['product-fields:full', 'products:full', 'admin'],
  },
];

const UI_PARTS = ['ui_visibility', 'important_fields', 'required_fields'];

export const fieldRoutes: readonly Route[] = KINDS.flatMap(routesOf);

function routesOf({ entity, path, read, create, change }: FieldKind): Route[] {
  const field = (call: ApiCall) => fieldByCode(call.company, entity, call.params['field_code'] ?? '');
  const one = `${path}/{field_code}`;
  return [
    { version: 'v2', method: 'GET', path, scopes: read, handle: (call) => list(call, entity) },
    {
      version: 'v2',
      method: 'POST',
      path,
      scopes: create,
      admin: true,
      handle: (call) => {
        const body = checkBody(createFieldSpec(entity), call.body, { partial: false });
        return ok(shown(createField(call.company, entity, body), UI_PARTS));
      },
    },
    {
      version: 'v2',
      method: 'GET',
      path: one,
      scopes: read,
      handle: (call) => {
        return ok(shown(field(call), wantedParts(call)));
      },
    },
    {
      version: 'v2',
      method: 'PATCH',
      path: one,
      scopes: change,
      admin: true,
      handle: (call) => {
        const body = checkBody(changeFieldSpec(entity), call.body, { partial: true });
        changeField(field(call), body);
        return ok(shown(field(call), UI_PARTS));
      },
    },
    {
      version: 'v2',
      method: 'DELETE',
      path: one,
      scopes: create,
      admin: true,
      handle: (call) => {
        const record = field(call);
        deleteField(call.company, entity, record);
        return ok(shown(record, UI_PARTS));
      },
    },
    {
      version: 'v2',
      method: 'POST',
      path: `${one}/options`,
      scopes: change,
      admin: true,
      handle: (call) => ok(addOptions(call.company, field(call), checkArray(NEW_OPTION, call.body, 'body')), null),
    },
    {
      version: 'v2',
      method: 'PATCH',
      path: `${one}/options`,
      scopes: change,
      admin: true,
      handle: (call) => ok(changeOptions(field(call), checkArray(CHANGED_OPTION, call.body, 'body')), null),
    },
    {
      version: 'v2',
      method: 'DELETE',
      path: `${one}/options`,
      scopes: change,
      admin: true,
      handle: (call) => ok(removeOptions(field(call), checkArray(REMOVED_OPTION, call.body, 'body')), null),
    },
  ];
}

function list(call: ApiCall, entity: EntityName): ApiAnswer {
  const rows = call.company.fields[entity].map((field, index) => ({ id: index + 1, field }));
  const page = pageOf(rows, pageRequest(call.query, ['id']), orderValue);
  const parts = wantedParts(call);
  return ok(
    page.rows.map(({ field }) => shown(field, parts)),
    { next_cursor: page.nextCursor },
  );
}

function wantedParts(call: ApiCall): string[] {
  const parts = call.query.get('include_fields')?.split(',') ?? [];
  const unknown = parts.find((part) => !UI_PARTS.includes(part));
  if (unknown !== undefined) throw validationFailed(`include_fields: ${unknown} is not allowed`);
  return parts;
}

function shown(field: FieldRecord, parts: readonly string[]): object {
  const { ui, ...rest } = field;
  return { ...rest, ...Object.fromEntries(Object.entries(ui).filter(([name]) => parts.includes(name))) };
}
