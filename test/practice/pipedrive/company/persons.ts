import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { PersonRecord } from '../records.ts';
import { announce, applyCustomFields, checkCommon, checkReference, newBase, textOr, touch } from './common-rules.ts';
import { personHookView } from './hook-views.ts';
import type { Actor, CompanyState } from './state.ts';

export function createPerson(company: CompanyState, actor: Actor, body: JsonObject): PersonRecord {
  checkReference(company, actor, company.organizations, body['org_id'], 'Organization');
  const { custom_fields: _fields, emails, phones, ...rest } = body;
  const record: PersonRecord = {
    ...newBase(company, actor, 'person', body),
    name: '',
    first_name: null,
    last_name: null,
    org_id: null,
    label_ids: [],
    emails: contacts(emails),
    phones: contacts(phones),
    picture_id: null,
  };
  Object.assign(record, rest);
  Object.assign(record, splitName(textOr(body, 'name', '')));
  company.persons.set(record.id, record);
  const after = personHookView(company, record);
  announce(company, actor, record, { action: 'create', object: 'person', id: record.id, before: null, after });
  return record;
}

/** E-mails and phones are replaced as a whole. */
export function changePerson(company: CompanyState, actor: Actor, record: PersonRecord, body: JsonObject): void {
  checkCommon(company, body);
  checkReference(company, actor, company.organizations, body['org_id'], 'Organization');
  const before = personHookView(company, record);
  const { custom_fields: _fields, emails, phones, ...rest } = body;
  applyCustomFields(company, 'person', record, body);
  Object.assign(record, rest);
  Object.assign(record, splitName(record.name));
  if (emails !== undefined) record.emails = contacts(emails);
  if (phones !== undefined) record.phones = contacts(phones);
  touch(company, record);
  const after = personHookView(company, record);
  announce(company, actor, record, { action: 'change', object: 'person', id: record.id, before, after });
}

export function deletePerson(company: CompanyState, actor: Actor, record: PersonRecord): void {
  const before = personHookView(company, record);
  record.is_deleted = true;
  touch(company, record);
  announce(company, actor, record, { action: 'delete', object: 'person', id: record.id, before, after: null });
}

function splitName(name: string): { first_name: string; last_name: string | null } {
  const [first = '', ...rest] = name.split(' ');
  return { first_name: first, last_name: rest.length === 0 ? null : rest.join(' ') };
}

/** The first entry is the primary one unless another says so; a missing label reads "work". */
function contacts(value: Json | undefined): JsonObject[] {
  const list = (Array.isArray(value) ? value : []).filter(isJsonObject);
  const primary = Math.max(
    0,
    list.findIndex((entry) => entry['primary'] === true),
  );
  return list.map((entry, index) => ({
    label: entry['label'] ?? 'work',
    value: entry['value'] ?? '',
    primary: index === primary,
  }));
}
