import type { JsonObject } from '../json.ts';
import type { OrganizationRecord } from '../records.ts';
import { announce, applyCustomFields, checkCommon, newBase, textOr, touch, wholeAddress } from './common-rules.ts';
import { organizationHookView } from './hook-views.ts';
import type { Actor, CompanyState } from './state.ts';

/** The body has passed its description. @throws ApiFailure 400 for what only the company can know. */
export function createOrganization(company: CompanyState, actor: Actor, body: JsonObject): OrganizationRecord {
  const { custom_fields: _fields, address, ...rest } = body;
  const record: OrganizationRecord = {
    ...newBase(company, actor, 'organization', body),
    name: textOr(body, 'name', ''),
    label_ids: [],
    address: wholeAddress(address),
    website: null,
    linkedin: null,
    industry: null,
    annual_revenue: null,
    employee_count: null,
  };
  Object.assign(record, rest);
  company.organizations.set(record.id, record);
  announce(company, actor, record, {
    action: 'create',
    object: 'organization',
    id: record.id,
    before: null,
    after: organizationHookView(company, record),
  });
  return record;
}

export function changeOrganization(
  company: CompanyState,
  actor: Actor,
  record: OrganizationRecord,
  body: JsonObject,
): void {
  checkCommon(company, body);
  const before = organizationHookView(company, record);
  const { custom_fields: _fields, address, ...rest } = body;
  applyCustomFields(company, 'organization', record, body);
  Object.assign(record, rest);
  if (address !== undefined) record.address = wholeAddress(address);
  touch(company, record);
  const after = organizationHookView(company, record);
  announce(company, actor, record, { action: 'change', object: 'organization', id: record.id, before, after });
}

export function deleteOrganization(company: CompanyState, actor: Actor, record: OrganizationRecord): void {
  const before = organizationHookView(company, record);
  record.is_deleted = true;
  touch(company, record);
  announce(company, actor, record, { action: 'delete', object: 'organization', id: record.id, before, after: null });
}
