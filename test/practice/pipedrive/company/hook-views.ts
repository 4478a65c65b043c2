import { isJsonObject, type Json, type JsonObject, plainCopy } from '../json.ts';
import type {
  DealRecord,
  EntityName,
  LineRecord,
  OrganizationRecord,
  PersonRecord,
  ProductRecord,
} from '../records.ts';
import { dealValue } from './line-money.ts';
import { lineView } from './rest-views.ts';
import type { CompanyState } from './state.ts';

// The shapes of webhooks v2, which differ from REST v2: visible_to is text, products say `selectable`,
// custom fields are typed objects, and only filled ones appear.

export function dealHookView(company: CompanyState, deal: DealRecord): JsonObject {
  const { is_deleted: _deleted, custom_fields, ...rest } = deal;
  return plainCopy({
    ...rest,
    channel: null,
    channel_id: null,
    origin_id: null,
    value: dealValue(company, deal),
    visible_to: String(deal.visible_to),
    custom_fields: typedFields(company, 'deal', custom_fields),
  });
}

export function organizationHookView(company: CompanyState, record: OrganizationRecord): JsonObject {
  const { id, name, owner_id, add_time, update_time, label_ids } = record;
  return plainCopy({
    add_time,
    address: record.address?.['value'] ?? null,
    country_code: null,
    custom_fields: typedFields(company, 'organization', record.custom_fields),
    id,
    label: label_ids[0] ?? null,
    name,
    owner_id,
    picture_id: null,
    update_time,
    visible_to: String(record.visible_to),
  });
}

export function personHookView(company: CompanyState, record: PersonRecord): JsonObject {
  const { id, name, first_name, last_name, org_id, owner_id, emails, phones, add_time, update_time } = record;
  return plainCopy({
    add_time,
    custom_fields: typedFields(company, 'person', record.custom_fields),
    emails,
    first_name,
    id,
    label: record.label_ids[0] ?? null,
    last_name,
    name,
    org_id,
    owner_id,
    phones,
    update_time,
    visible_to: String(record.visible_to),
  });
}

export function productHookView(company: CompanyState, record: ProductRecord): JsonObject {
  const { id, name, code, description, unit, tax, category, owner_id, add_time, update_time, prices } = record;
  return plainCopy({
    add_time,
    category,
    code,
    custom_fields: typedFields(company, 'product', record.custom_fields),
    description: description === '' ? null : description,
    id,
    name,
    owner_id,
    selectable: record.is_linkable,
    tax,
    unit: unit === '' ? null : unit,
    update_time,
    visible_to: String(record.visible_to),
    prices,
  });
}

export function lineHookView(company: CompanyState, line: LineRecord): JsonObject {
  return plainCopy(lineView(company, line));
}

function typedFields(company: CompanyState, entity: EntityName, values: JsonObject): JsonObject {
  const typed: JsonObject = {};
  for (const [code, value] of Object.entries(values)) {
    const field = company.fields[entity].find((candidate) => candidate.field_code === code);
    if (field && value !== null) typed[code] = typedValue(field.field_type, value);
  }
  return typed;
}

/** Time zones have numbers in webhooks and names in REST. */
const TIME_ZONE_ID = 310;

function typedValue(type: string, value: Json): Json {
  if (type === 'enum' || type === 'user' || type === 'org' || type === 'people') return { type, id: value };
  if (type === 'set' && Array.isArray(value)) return { type, values: value.map((id) => ({ id })) };
  if (type === 'daterange' && isJsonObject(value))
    return { type, from: value['value'] ?? null, until: value['until'] ?? null };
  if (type === 'timerange' && isJsonObject(value)) {
    return { type, from: value['value'] ?? null, until: value['until'] ?? null, timezone_id: TIME_ZONE_ID };
  }
  if (type === 'time' && isJsonObject(value)) return { type, value: value['value'] ?? null, timezone_id: TIME_ZONE_ID };
  if (type === 'address' && isJsonObject(value)) return { type, subpremise: null, ...value };
  if (isJsonObject(value)) return { type, ...value };
  return { type, value };
}
