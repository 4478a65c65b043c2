import { dealValue } from '../company/line-money.ts';
import { type CompanyState, canSee } from '../company/state.ts';
import { validationFailed } from '../failures.ts';
import type { BaseRecord, DealRecord, EntityName, OrganizationRecord } from '../records.ts';
import { flagParameter, integerParameter, onlyParameters } from '../validation/query.ts';
import { type ApiAnswer, type ApiCall, ok, type Route } from './route.ts';

const PARAMETERS = ['term', 'fields', 'exact_match', 'limit', 'cursor'];
/** Types whose values the index holds; enum, set, date, user and org are not searchable. */
const SEARCHABLE = ['address', 'varchar', 'text', 'varchar_auto', 'double', 'monetary', 'phone'];

interface Hit {
  score: number;
  item: { id: number; [member: string]: unknown };
}

export const searchRoutes: readonly Route[] = [
  {
    version: 'v2',
    method: 'GET',
    path: '/organizations/search',
    scopes: ['contacts:read', 'contacts:full', 'search:read'],
    handle: (call) => {
      onlyParameters(call.query, PARAMETERS);
      const search = searchOf(call, ['name', 'address', 'notes', 'custom_fields']);
      const hits = visible(call, call.company.organizations.values()).flatMap((row): Hit[] => {
        const texts = {
          name: [row.name],
          address: [addressText(row)],
          custom_fields: customTexts(call, 'organization', row),
        };
        const score = search(texts);
        const item = { id: row.id, type: 'organization', name: row.name, address: addressText(row) || null };
        return score === 0
          ? []
          : [{ score, item: { ...item, ...tail(row), custom_fields: texts.custom_fields, notes: [] } }];
      });
      return answer(call, hits);
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/persons/search',
    scopes: ['contacts:read', 'contacts:full', 'search:read'],
    handle: (call) => {
      onlyParameters(call.query, [...PARAMETERS, 'organization_id', 'include_fields']);
      const org = integerParameter(call.query, 'organization_id');
      const search = searchOf(call, ['name', 'email', 'phone', 'notes', 'custom_fields']);
      const hits = visible(call, call.company.persons.values()).flatMap((row): Hit[] => {
        if (org !== undefined && row.org_id !== org) return [];
        const emails = row.emails.map(({ value }) => String(value));
        const phones = row.phones.map(({ value }) => String(value));
        const custom = customTexts(call, 'person', row);
        const score = search({ name: [row.name], email: emails, phone: phones, custom_fields: custom });
        const company = row.org_id === null ? undefined : call.company.organizations.get(row.org_id);
        const organization = company
          ? { id: company.id, name: company.name, address: addressText(company) || null }
          : null;
        const item = { id: row.id, type: 'person', name: row.name, phones, emails, ...tail(row), organization };
        return score === 0 ? [] : [{ score, item: { ...item, custom_fields: custom, notes: [] } }];
      });
      return answer(call, hits);
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/products/search',
    scopes: ['products:read', 'products:full', 'search:read'],
    handle: (call) => {
      onlyParameters(call.query, [...PARAMETERS, 'include_fields']);
      const search = searchOf(call, ['name', 'code', 'custom_fields']);
      const hits = visible(call, call.company.products.values()).flatMap((row): Hit[] => {
        const custom = customTexts(call, 'product', row);
        const score = search({ name: [row.name], code: [row.code], custom_fields: custom });
        const item = { id: row.id, type: 'product', name: row.name, code: row.code, tax: row.tax, ...tail(row) };
        return score === 0 ? [] : [{ score, item: { ...item, custom_fields: custom } }];
      });
      return answer(call, hits);
    },
  },
  {
    version: 'v2',
    method: 'GET',
    path: '/deals/search',
    scopes: ['deals:read', 'deals:full', 'search:read'],
    handle: (call) => {
      onlyParameters(call.query, [...PARAMETERS, 'person_id', 'organization_id', 'status', 'include_fields']);
      const person = integerParameter(call.query, 'person_id');
      const org = integerParameter(call.query, 'organization_id');
      const status = call.query.get('status');
      const search = searchOf(call, ['title', 'notes', 'custom_fields']);
      const hits = visible(call, call.company.deals.values()).flatMap((row): Hit[] => {
        if (person !== undefined && row.person_id !== person) return [];
        if ((org !== undefined && row.org_id !== org) || (status !== null && row.status !== status)) return [];
        const custom = customTexts(call, 'deal', row);
        const score = search({ title: [row.title], custom_fields: custom });
        return score === 0 ? [] : [{ score, item: { ...dealItem(call.company, row), custom_fields: custom } }];
      });
      return answer(call, hits);
    },
  },
];

/** How well texts match the term in the wanted fields; 0 = not at all. @throws ApiFailure 400 for a short term. */
function searchOf(call: ApiCall, allowed: readonly string[]): (texts: Record<string, string[]>) => number {
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

/** The index lags: what is younger than the lag is not found yet. */
function visible<T extends BaseRecord>(call: ApiCall, records: Iterable<T>): T[] {
  const newest = call.company.clock.now() - call.company.switches.searchLagMs;
  return [...records].filter(
    (row) => !row.is_deleted && canSee(call.actor.user, row) && Date.parse(row.update_time ?? row.add_time) <= newest,
  );
}

function answer(call: ApiCall, hits: Hit[]): ApiAnswer {
  const limit = integerParameter(call.query, 'limit') ?? 100;
  if (limit < 1 || limit > 500) throw validationFailed('limit: must be between 1 and 500');
  const cursor = call.query.get('cursor');
  const start = cursor === null ? 0 : Number(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!Number.isSafeInteger(start)) throw validationFailed('cursor: is invalid');
  const sorted = hits.sort((a, b) => b.score - a.score || a.item.id - b.item.id);
  const more = sorted.length > start + limit;
  const items = sorted.slice(start, start + limit).map(({ score, item }) => ({ result_score: score, item }));
  const nextCursor = more ? Buffer.from(String(start + limit)).toString('base64url') : null;
  // The description promises a cursor, recorded answers carry the v1 object: both are here.
  const pagination = { start, limit, more_items_in_collection: more };
  return ok({ items }, { next_cursor: nextCursor, pagination });
}

function dealItem(company: CompanyState, row: DealRecord) {
  const stage = company.stages.find(({ id }) => id === row.stage_id);
  const person = row.person_id === null ? undefined : company.persons.get(row.person_id);
  const organization = row.org_id === null ? undefined : company.organizations.get(row.org_id);
  return {
    id: row.id,
    type: 'deal',
    title: row.title,
    value: dealValue(company, row),
    currency: row.currency,
    status: row.status,
    ...tail(row),
    stage: { id: row.stage_id, name: stage?.name ?? '' },
    pipeline: { id: row.pipeline_id },
    person: person ? { id: person.id, name: person.name } : null,
    organization: organization
      ? { id: organization.id, name: organization.name, address: addressText(organization) || null }
      : null,
    notes: [],
    is_archived: row.is_archived,
  };
}

function tail(row: BaseRecord) {
  return { visible_to: row.visible_to, owner: { id: row.owner_id } };
}

function addressText(row: OrganizationRecord): string {
  const value = row.address?.['value'];
  return typeof value === 'string' ? value : '';
}

function customTexts(call: ApiCall, entity: EntityName, row: BaseRecord): string[] {
  return searchableFields(call.company, entity).flatMap((code) => {
    const value = row.custom_fields[code];
    return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
  });
}

function searchableFields(company: CompanyState, entity: EntityName): string[] {
  return company.fields[entity]
    .filter((field) => field.is_custom_field && SEARCHABLE.includes(field.field_type))
    .map((field) => field.field_code);
}
