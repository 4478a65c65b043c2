import { dealValue } from '../company/line-money.ts';
import type { CompanyState } from '../company/state.ts';
import { canSee } from '../company/visibility.ts';
import { isRecord } from '../json.ts';
import type {
  BaseRecord,
  DealRecord,
  EntityName,
  FieldRecord,
  OrganizationRecord,
  PersonRecord,
  ProductRecord,
} from '../records.ts';
import type { ApiCall } from './route.ts';

/** A record as search knows it: what it may be found by, and what is told about it. */
export interface Findable<T> {
  record: T;
  texts: Readonly<Record<string, readonly string[]>>;
  item: { id: number; [member: string]: unknown };
}

/** Types whose values the index holds; enum, set, date, user and org are not searchable. */
const SEARCHABLE = ['address', 'varchar', 'text', 'varchar_auto', 'double', 'monetary', 'phone'];

export function findableOrganizations(call: ApiCall): Findable<OrganizationRecord>[] {
  const notes = noteTexts(call.company, 'org_id');
  return visible(call, call.company.organizations.values()).map((row) => {
    const texts = {
      name: [row.name],
      address: [addressText(row)],
      custom_fields: customTexts(call.company, 'organization', row),
      notes: notes(row.id),
    };
    const item = { id: row.id, type: 'organization', name: row.name, address: addressText(row) || null };
    return { record: row, texts, item: { ...item, ...tail(row), ...found(texts) } };
  });
}

export function findablePersons(call: ApiCall): Findable<PersonRecord>[] {
  const notes = noteTexts(call.company, 'person_id');
  return visible(call, call.company.persons.values()).map((row) => {
    const emails = row.emails.map(({ value }) => String(value));
    const phones = row.phones.map(({ value }) => String(value));
    const texts = {
      name: [row.name],
      email: emails,
      phone: phones,
      custom_fields: customTexts(call.company, 'person', row),
      notes: notes(row.id),
    };
    const organization = organizationPart(call.company, row.org_id);
    const item = { id: row.id, type: 'person', name: row.name, phones, emails, ...tail(row), organization };
    return { record: row, texts, item: { ...item, ...found(texts) } };
  });
}

export function findableProducts(call: ApiCall): Findable<ProductRecord>[] {
  return visible(call, call.company.products.values()).map((row) => {
    const custom_fields = customTexts(call.company, 'product', row);
    const texts = { name: [row.name], code: [row.code], custom_fields };
    const item = { id: row.id, type: 'product', name: row.name, code: row.code, tax: row.tax, ...tail(row) };
    return { record: row, texts, item: { ...item, custom_fields } };
  });
}

export function findableDeals(call: ApiCall): Findable<DealRecord>[] {
  const notes = noteTexts(call.company, 'deal_id');
  return visible(call, call.company.deals.values()).map((row) => {
    const custom_fields = customTexts(call.company, 'deal', row);
    const texts = { title: [row.title], custom_fields, notes: notes(row.id) };
    return { record: row, texts, item: { ...dealItem(call.company, row), ...found(texts) } };
  });
}

/** The values of one field, custom or built in, as text. */
export function fieldTexts(field: FieldRecord, record: BaseRecord): string[] {
  const value: unknown = field.is_custom_field
    ? record.custom_fields[field.field_code]
    : Reflect.get(record, field.field_code);
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (!isRecord(value)) return [];
  const inner = value['value'];
  return typeof inner === 'string' || typeof inner === 'number' ? [String(inner)] : [];
}

export function isSearchable(field: FieldRecord): boolean {
  return SEARCHABLE.includes(field.field_type);
}

/** The index lags: what is younger than the lag is told as it was before, or not at all. */
export function visible<T extends BaseRecord>({ company, actor }: ApiCall, records: Iterable<T>): T[] {
  return [...records].flatMap((record) => {
    const row = company.index.sight(record, company.switches.searchLagMs);
    return row && canSee(company, actor.user, row) ? [row] : [];
  });
}

function dealItem(company: CompanyState, row: DealRecord) {
  const stage = company.stages.find(({ id }) => id === row.stage_id);
  const person = row.person_id === null ? undefined : company.persons.get(row.person_id);
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
    organization: organizationPart(company, row.org_id),
    is_archived: row.is_archived,
  };
}

function organizationPart(company: CompanyState, id: number | null): object | null {
  const row = id === null ? undefined : company.organizations.get(id);
  return row ? { id: row.id, name: row.name, address: addressText(row) || null } : null;
}

function found({ custom_fields, notes }: { custom_fields: string[]; notes: string[] }): object {
  return { custom_fields, notes };
}

function tail(row: BaseRecord): object {
  return { visible_to: row.visible_to, owner: { id: row.owner_id } };
}

function addressText(row: OrganizationRecord): string {
  const value = row.address?.['value'];
  return typeof value === 'string' ? value : '';
}

function customTexts(company: CompanyState, entity: EntityName, row: BaseRecord): string[] {
  return company.fields[entity]
    .filter((field) => field.is_custom_field && isSearchable(field))
    .flatMap((field) => fieldTexts(field, row));
}

function noteTexts(company: CompanyState, link: 'deal_id' | 'org_id' | 'person_id'): (id: number) => string[] {
  const texts = new Map<number, string[]>();
  for (const note of company.notes.values()) {
    const id = note[link];
    if (!note.active_flag || id === null) continue;
    texts.set(id, [...(texts.get(id) ?? []), note.content.replace(/<[^>]*>/g, '')]);
  }
  return (id) => texts.get(id) ?? [];
}
