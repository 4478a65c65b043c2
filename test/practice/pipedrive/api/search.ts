import { notFound, validationFailed } from '../failures.ts';
import type { BaseRecord, EntityName } from '../records.ts';
import { choiceParameter, flagParameter, integerParameter } from '../validation/query.ts';
import { type ApiAnswer, type ApiCall, ok, type Route } from './route.ts';
import {
  type Findable,
  fieldTexts,
  findableDeals,
  findableOrganizations,
  findablePersons,
  findableProducts,
  isSearchable,
  visible,
} from './search-hits.ts';

const FIELDS = {
  organization: ['name', 'address', 'notes', 'custom_fields'],
  person: ['name', 'email', 'phone', 'notes', 'custom_fields'],
  product: ['name', 'code', 'custom_fields'],
  deal: ['title', 'notes', 'custom_fields'],
} as const;
const ITEM_FIELDS = [...new Set(Object.values(FIELDS).flat()), 'description'];
const ITEM_TYPES = ['deal', 'person', 'organization', 'product', 'lead', 'file', 'mail_attachment', 'project'];

export const searchRoutes: readonly Route[] = [
  entitySearch('/organizations/search', ['contacts:read', 'contacts:full'], (call) =>
    hits(call, FIELDS.organization, findableOrganizations(call)),
  ),
  entitySearch('/persons/search', ['contacts:read', 'contacts:full'], (call) => {
    const org = integerParameter(call.query, 'organization_id');
    const rows = findablePersons(call).filter(({ record }) => org === undefined || record.org_id === org);
    return hits(call, FIELDS.person, rows);
  }),
  entitySearch('/products/search', ['products:read', 'products:full'], (call) =>
    hits(call, FIELDS.product, findableProducts(call)),
  ),
  entitySearch('/deals/search', ['deals:read', 'deals:full'], (call) => {
    const person = integerParameter(call.query, 'person_id');
    const org = integerParameter(call.query, 'organization_id');
    const status = call.query.get('status');
    const rows = findableDeals(call).filter(
      ({ record }) =>
        (person === undefined || record.person_id === person) &&
        (org === undefined || record.org_id === org) &&
        (status === null || record.status === status),
    );
    return hits(call, FIELDS.deal, rows);
  }),
  { version: 'v2', method: 'GET', path: '/itemSearch', scopes: ['search:read'], handle: itemSearch },
  { version: 'v2', method: 'GET', path: '/itemSearch/field', scopes: ['search:read'], handle: fieldSearch },
];

interface Hit {
  score: number;
  item: { id: number; [member: string]: unknown };
}

function entitySearch(path: string, scopes: readonly string[], find: (call: ApiCall) => Hit[]): Route {
  const handle = (call: ApiCall) => answer(call, find(call), 500);
  return { version: 'v2', method: 'GET', path, scopes: [...scopes, 'search:read'], handle };
}

/** Over all kinds at once, at most 100 at a time. Leads, files and projects are not in this index. */
function itemSearch(call: ApiCall): ApiAnswer {
  const types = call.query.get('item_types')?.split(',') ?? ITEM_TYPES;
  const unknown = types.find((type) => !ITEM_TYPES.includes(type));
  if (unknown !== undefined) throw validationFailed(`item_types: ${unknown} is not allowed`);
  const rows = [
    ...(types.includes('deal') ? findableDeals(call) : []),
    ...(types.includes('organization') ? findableOrganizations(call) : []),
    ...(types.includes('person') ? findablePersons(call) : []),
    ...(types.includes('product') ? findableProducts(call) : []),
  ];
  return answer(call, hits(call, ITEM_FIELDS, rows), 100);
}

/** The values of one field, and whose they are; upper and lower case differ here. */
function fieldSearch(call: ApiCall): ApiAnswer {
  const { company, query } = call;
  const entity = entityOf(choiceParameter(query, 'entity_type', ITEM_TYPES, ''));
  const code = query.get('field') ?? '';
  const field = company.fields[entity].find((one) => one.field_code === code);
  if (!field) throw notFound('Field');
  if (!isSearchable(field)) throw validationFailed('field: is not searchable');
  const match = choiceParameter(query, 'match', ['exact', 'beginning', 'middle'], 'exact');
  const term = query.get('term') ?? '';
  if (term.length < (match === 'exact' ? 1 : 2)) throw validationFailed('term: is too short');
  const fits = (text: string) =>
    match === 'exact' ? text === term : match === 'beginning' ? text.startsWith(term) : text.includes(term);
  const records: Record<EntityName, Iterable<BaseRecord>> = {
    deal: company.deals.values(),
    organization: company.organizations.values(),
    person: company.persons.values(),
    product: company.products.values(),
  };
  const rows = visible(call, records[entity]).flatMap((record) => {
    const text = fieldTexts(field, record).find(fits);
    return text === undefined ? [] : [{ id: record.id, [code]: text }];
  });
  const { start, limit, nextCursor } = window(call, rows.length, 500);
  return ok(rows.slice(start, start + limit), { next_cursor: nextCursor });
}

function entityOf(type: string): EntityName {
  if (type === 'deal' || type === 'organization' || type === 'person' || type === 'product') return type;
  throw validationFailed('entity_type: is not allowed');
}

function hits(call: ApiCall, fields: readonly string[], rows: readonly Findable<BaseRecord>[]): Hit[] {
  const scoreOf = searchOf(call, fields);
  return rows.map(({ texts, item }) => ({ score: scoreOf(texts), item })).filter(({ score }) => score > 0);
}

/** How well texts match the term in the wanted fields; 0 = not at all. @throws ApiFailure 400 for a short term. */
function searchOf(call: ApiCall, allowed: readonly string[]): (texts: Findable<unknown>['texts']) => number {
  const term = (call.query.get('term') ?? '').trim().toLowerCase();
  const exact = flagParameter(call.query, 'exact_match');
  if (term.length < (exact ? 1 : 2)) throw validationFailed('term: is too short');
  const fields = call.query.get('fields')?.split(',') ?? allowed;
  const unknown = fields.find((field) => !allowed.includes(field));
  if (unknown !== undefined) throw validationFailed(`fields: ${unknown} is not allowed`);
  return (texts) => {
    const values = fields.flatMap((field) => texts[field] ?? []).map((text) => text.toLowerCase());
    if (values.some((text) => text === term)) return 1;
    return !exact && values.some((text) => text.includes(term)) ? 0.5 : 0;
  };
}

function answer(call: ApiCall, all: Hit[], largest: number): ApiAnswer {
  const { start, limit, nextCursor } = window(call, all.length, largest);
  const sorted = all.sort((a, b) => b.score - a.score || a.item.id - b.item.id);
  const items = sorted.slice(start, start + limit).map(({ score, item }) => ({ result_score: score, item }));
  // The description promises a cursor, recorded answers carry the v1 object: both are here.
  const pagination = { start, limit, more_items_in_collection: nextCursor !== null };
  return ok({ items }, { next_cursor: nextCursor, pagination });
}

/** @throws ApiFailure 400 for a limit over the largest or a cursor that is not ours */
function window(call: ApiCall, count: number, largest: number) {
  const limit = integerParameter(call.query, 'limit') ?? 100;
  if (limit < 1 || limit > largest) throw validationFailed(`limit: must be between 1 and ${largest}`);
  const cursor = call.query.get('cursor');
  const start = cursor === null ? 0 : Number(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!Number.isSafeInteger(start)) throw validationFailed('cursor: is invalid');
  const more = count > start + limit;
  return { start, limit, nextCursor: more ? Buffer.from(String(start + limit)).toString('base64url') : null };
}
