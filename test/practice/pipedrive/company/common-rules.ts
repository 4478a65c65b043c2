import { badRequest, validationFailed } from '../failures.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { BaseRecord, ChangeEvent, EntityName } from '../records.ts';
import { v2Time } from '../times.ts';
import { checkCustomFields } from '../validation/custom-fields.ts';
import type { Actor, CompanyState } from './state.ts';
import { canSee, defaultVisibility, permittedUsers } from './visibility.ts';

const ADDRESS_PARTS = [
  'country',
  'admin_area_level_1',
  'admin_area_level_2',
  'locality',
  'sublocality',
  'route',
  'street_number',
  'subpremise',
  'postal_code',
];

export function textOr(body: JsonObject, name: string, fallback: string): string {
  const value = body[name];
  return typeof value === 'string' ? value : fallback;
}

export function numberOr(body: JsonObject, name: string, fallback: number): number {
  const value = body[name];
  return typeof value === 'number' ? value : fallback;
}

/** What every new record has. @throws ApiFailure 400 for an unknown owner, visibility or custom field. */
export function newBase(company: CompanyState, actor: Actor, entity: EntityName, body: JsonObject): BaseRecord {
  checkCommon(company, body);
  const now = v2Time(company.clock.now());
  return {
    id: company.nextId(entity),
    owner_id: numberOr(body, 'owner_id', actor.user.id),
    add_time: textOr(body, 'add_time', now),
    update_time: entity === 'product' ? now : null,
    is_deleted: false,
    visible_to: numberOr(body, 'visible_to', defaultVisibility(company)),
    custom_fields: filled(customFieldsOf(company, entity, body)),
  };
}

/** Puts the custom fields of a PATCH over those that are there; null clears one. */
export function applyCustomFields(
  company: CompanyState,
  entity: EntityName,
  record: BaseRecord,
  body: JsonObject,
): void {
  record.custom_fields = filled({ ...record.custom_fields, ...customFieldsOf(company, entity, body) });
}

/** @throws ApiFailure 400 */
export function checkCommon(company: CompanyState, body: JsonObject): void {
  const owner = body['owner_id'];
  if (typeof owner === 'number' && !company.users.has(owner)) throw badRequest('User not found');
  const visibility = body['visible_to'];
  const small = company.plan === 'lite' || company.plan === 'growth';
  if (small && (visibility === 5 || visibility === 7)) throw validationFailed('visible_to: must be one of 1, 3');
}

/** Every part of an address that is not sent becomes null. */
export function wholeAddress(value: Json | undefined): JsonObject | null {
  if (!isJsonObject(value)) return null;
  const whole: JsonObject = { value: value['value'] ?? null };
  for (const part of ADDRESS_PARTS) whole[part] = value[part] ?? null;
  return whole;
}

/** @throws ApiFailure 400 unless the named record exists and the user may see it. */
export function checkReference(
  company: CompanyState,
  actor: Actor,
  records: ReadonlyMap<number, BaseRecord>,
  id: Json | undefined,
  what: string,
): void {
  if (typeof id !== 'number') return;
  const record = records.get(id);
  if (!record || record.is_deleted || !canSee(company, actor.user, record)) throw badRequest(`${what} not found`);
}

export function touch(company: CompanyState, record: { update_time: string | null }): void {
  record.update_time = v2Time(company.clock.now());
}

/** Tells the webhooks what happened to a record. */
export function announce(
  company: CompanyState,
  actor: Actor,
  record: BaseRecord,
  event: Pick<ChangeEvent, 'action' | 'object' | 'id' | 'before' | 'after' | 'merge'>,
): void {
  company.index.note(record);
  company.emit({
    ...event,
    userId: actor.user.id,
    source: actor.source,
    bulk: actor.bulk ?? false,
    permittedUserIds: permittedUsers(company, record),
  });
}

function customFieldsOf(company: CompanyState, entity: EntityName, body: JsonObject): JsonObject {
  const given = body['custom_fields'];
  if (!isJsonObject(given)) return {};
  const fields = company.fields[entity];
  const ignored = company.switches.unknownFieldKeys === 'ignored';
  const known = Object.entries(given).filter(
    ([code]) => !ignored || fields.some((field) => field.is_custom_field && field.field_code === code),
  );
  return checkCustomFields(fields, Object.fromEntries(known), company.currency);
}

function filled(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
