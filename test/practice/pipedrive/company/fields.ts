import { badRequest, forbidden, notFound, validationFailed } from '../failures.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { EntityName, FieldOption, FieldRecord } from '../records.ts';
import { textOr } from './common-rules.ts';
import { type CompanyState, CUSTOM_FIELD_LIMIT } from './state.ts';

/** Names are not unique: creating twice makes two fields. @throws ApiFailure 403 when the plan allows no more. */
export function createField(company: CompanyState, entity: EntityName, body: JsonObject): FieldRecord {
  const type = textOr(body, 'field_type', 'varchar');
  const options = body['options'];
  const choice = type === 'enum' || type === 'set';
  if (choice && !Array.isArray(options)) throw validationFailed('options: is required');
  if (!choice && options !== undefined) throw validationFailed(`options: is not allowed for ${type}`);
  const count = Object.values(company.fields)
    .flat()
    .filter((field) => field.is_custom_field).length;
  if (count >= CUSTOM_FIELD_LIMIT[company.plan]) {
    throw forbidden('The limit of custom fields has been reached', 'feature_capping_custom_fields_limit');
  }
  const { field_name: _name, field_type: _type, options: _options, description, ...ui } = body;
  const field: FieldRecord = {
    field_name: textOr(body, 'field_name', ''),
    field_code: company.ids.hex(40),
    field_type: type,
    options: choice ? labelsOf(options).map((label) => newOption(company, label)) : null,
    subfields: null,
    is_custom_field: true,
    is_optional_response_field: false,
    ui,
    ...(typeof description === 'string' ? { description } : {}),
  };
  company.fields[entity].push(field);
  return field;
}

/** @throws ApiFailure 404 */
export function fieldByCode(company: CompanyState, entity: EntityName, code: string): FieldRecord {
  const field = company.fields[entity].find((candidate) => candidate.field_code === code);
  if (!field) throw notFound('Field');
  return field;
}

export function changeField(field: FieldRecord, body: JsonObject): void {
  const { field_name, description, ...ui } = body;
  if (typeof field_name === 'string') field.field_name = field_name;
  if (typeof description === 'string') field.description = description;
  field.ui = { ...field.ui, ...ui };
}

/** Removes the field and its values. @throws ApiFailure 400 for a built-in one. */
export function deleteField(company: CompanyState, entity: EntityName, field: FieldRecord): void {
  if (!field.is_custom_field) throw badRequest('Only custom fields can be deleted');
  company.fields[entity].splice(company.fields[entity].indexOf(field), 1);
  const maps = {
    deal: company.deals,
    organization: company.organizations,
    person: company.persons,
    product: company.products,
  };
  for (const record of maps[entity].values()) delete record.custom_fields[field.field_code];
}

/** All or nothing; the answer lists only what was touched. @throws ApiFailure 400 */
export function addOptions(company: CompanyState, field: FieldRecord, body: Json[]): FieldOption[] {
  const options = optionsOf(field);
  const added = labelsOf(body).map((label) => newOption(company, label));
  options.push(...added);
  return added;
}

export function changeOptions(field: FieldRecord, body: Json[]): FieldOption[] {
  const options = optionsOf(field);
  const wanted = body.filter(isJsonObject).map((entry) => ({ id: entry['id'], label: textOr(entry, 'label', '') }));
  const found = wanted.map(({ id, label }) => ({ option: options.find((option) => option.id === id), label }));
  return found.map(({ option, label }) => {
    if (!option) throw badRequest('Option not found');
    option.label = label;
    return option;
  });
}

export function removeOptions(field: FieldRecord, body: Json[]): FieldOption[] {
  const options = optionsOf(field);
  const ids = body.filter(isJsonObject).map((entry) => entry['id']);
  const removed = options.filter((option) => ids.includes(option.id));
  if (removed.length !== ids.length) throw badRequest('Option not found');
  field.options = options.filter((option) => !removed.includes(option));
  return removed;
}

function optionsOf(field: FieldRecord): FieldOption[] {
  if (!field.options) throw badRequest('The field has no options');
  return field.options;
}

function newOption(company: CompanyState, label: string): FieldOption {
  return { id: company.nextId('option'), label };
}

function labelsOf(value: Json | undefined): string[] {
  return (Array.isArray(value) ? value : []).filter(isJsonObject).map((entry) => textOr(entry, 'label', ''));
}
