import { isJsonObject, type JsonObject, plainCopy } from '../json.ts';
import type { CompanyOptions, CompanySeed, SeedDeal, SeedOrganization, SeedPerson, SeedProduct } from '../options.ts';
import type { UserRecord } from '../records.ts';
import { v1Time } from '../times.ts';
import { createDeal } from './deals.ts';
import { createField } from './fields.ts';
import { createOrganization } from './organizations.ts';
import { createPerson } from './persons.ts';
import { createProduct } from './products.ts';
import type { Actor, CompanyState } from './state.ts';

/** Fills a new company. Records keep the ids of the seed; nothing is told to webhooks, since there are none yet. */
export function seedCompany(company: CompanyState, options: CompanyOptions): void {
  for (const input of options.users) addUser(company, input);
  const [first] = company.users.values();
  const data = options.data;
  if (!first || !data) return;
  const admin = [...company.users.values()].find((user) => user.is_admin) ?? first;
  const actor: Actor = { user: admin, source: 'app' };
  seedOrganizations(company, actor, data);
  for (const person of data.persons ?? []) seedPerson(company, actor, person);
  for (const product of data.products ?? []) seedProduct(company, actor, product);
  for (const deal of data.deals ?? []) seedDeal(company, actor, deal);
}

export function addUser(company: CompanyState, input: CompanyOptions['users'][number]): UserRecord {
  const user: UserRecord = {
    id: input.id,
    name: input.name,
    email: input.email,
    is_admin: input.is_admin ?? false,
    active_flag: input.active_flag ?? true,
    timezone_name: 'Europe/Berlin',
    locale: 'de_DE',
    language: input.language ?? { language_code: 'en', country_code: 'US' },
    default_currency: company.currency,
    group: input.group ?? 1,
    api_token: company.ids.hex(40),
    created: v1Time(company.clock.now()),
    modified: v1Time(company.clock.now()),
  };
  company.users.set(user.id, user);
  return user;
}

/** A VAT number lives in a field that the company made for itself long ago. */
function seedOrganizations(company: CompanyState, actor: Actor, data: CompanySeed): void {
  const organizations = data.organizations ?? [];
  const vatField = organizations.some(({ vatNumber }) => vatNumber)
    ? createField(company, 'organization', { field_name: 'VAT number', field_type: 'varchar' })
    : undefined;
  for (const seed of organizations) {
    const fields: JsonObject = vatField && seed.vatNumber ? { [vatField.field_code]: seed.vatNumber } : {};
    const record = createOrganization(company, actor, { ...organizationBody(company, seed), custom_fields: fields });
    rename(company.organizations, record, seed.id);
    company.nextIdAtLeast('organization', seed.id);
  }
}

function organizationBody(company: CompanyState, seed: SeedOrganization): JsonObject {
  const address = seed.address ? plainCopy(seed.address) : undefined;
  const owner = seed.owner_id !== undefined && company.users.has(seed.owner_id) ? { owner_id: seed.owner_id } : {};
  return { name: seed.name, ...owner, ...(isJsonObject(address) ? { address } : {}) };
}

function seedPerson(company: CompanyState, actor: Actor, seed: SeedPerson): void {
  const record = createPerson(company, actor, {
    name: seed.name,
    ...(seed.org_id ? { org_id: seed.org_id } : {}),
    emails: seed.email ? [{ value: seed.email, primary: true, label: 'work' }] : [],
    phones: seed.phone ? [{ value: seed.phone, primary: true, label: 'work' }] : [],
  });
  rename(company.persons, record, seed.id);
  company.nextIdAtLeast('person', seed.id);
}

function seedProduct(company: CompanyState, actor: Actor, seed: SeedProduct): void {
  const record = createProduct(company, actor, {
    name: seed.name,
    code: seed.code ?? '',
    unit: seed.unit ?? '',
    prices: [{ currency: seed.currency ?? company.currency, price: seed.price ?? 0 }],
  });
  rename(company.products, record, seed.id);
  for (const price of record.prices) price.product_id = seed.id;
  company.nextIdAtLeast('product', seed.id);
}

function seedDeal(company: CompanyState, actor: Actor, seed: SeedDeal): void {
  const stageId = seed.stage_id ?? company.stages.filter(({ pipeline_id }) => pipeline_id === 1)[seed.stage ?? 0]?.id;
  const record = createDeal(company, actor, {
    title: seed.title,
    value: seed.value ?? 0,
    currency: seed.currency ?? company.currency,
    ...(seed.org_id ? { org_id: seed.org_id } : {}),
    ...(seed.person_id ? { person_id: seed.person_id } : {}),
    ...(stageId ? { stage_id: stageId } : {}),
    ...(seed.status ? { status: seed.status } : {}),
  });
  rename(company.deals, record, seed.id);
  company.nextIdAtLeast('deal', seed.id);
}

function rename<T extends { id: number }>(records: Map<number, T>, record: T, id: number): void {
  records.delete(record.id);
  record.id = id;
  records.set(id, record);
}
