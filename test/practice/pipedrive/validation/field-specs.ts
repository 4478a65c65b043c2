import type { EntityName } from '../records.ts';
import type { BodySpec, FieldSpec } from './spec.ts';

/** The 16 types that a custom field may have (official v2 description). */
export const CUSTOM_FIELD_TYPES = [
  'varchar',
  'varchar_auto',
  'text',
  'double',
  'monetary',
  'date',
  'set',
  'enum',
  'user',
  'org',
  'people',
  'phone',
  'time',
  'timerange',
  'daterange',
  'address',
] as const;

const label: FieldSpec = {
  type: 'object',
  members: { label: { type: 'string', required: true, format: 'not-empty' } },
};

export const NEW_OPTION: FieldSpec = label;
export const CHANGED_OPTION: FieldSpec = {
  type: 'object',
  members: { id: { type: 'integer', required: true }, label: { type: 'string', required: true, format: 'not-empty' } },
};
export const REMOVED_OPTION: FieldSpec = { type: 'object', members: { id: { type: 'integer', required: true } } };

const CREATE: BodySpec = {
  field_name: { type: 'string', required: true, format: 'not-empty' },
  field_type: { type: 'string', required: true, values: CUSTOM_FIELD_TYPES },
  options: { type: 'array', items: label },
  ui_visibility: { type: 'object' },
};
const OF_PEOPLE_AND_DEALS: BodySpec = { important_fields: { type: 'object' }, required_fields: { type: 'object' } };
const OF_DEALS: BodySpec = { description: { type: 'string', nullable: true } };

/** What may be said about a new field: products know ui_visibility only, deals a description too. */
export function createFieldSpec(entity: EntityName): BodySpec {
  if (entity === 'product') return CREATE;
  return { ...CREATE, ...OF_PEOPLE_AND_DEALS, ...(entity === 'deal' ? OF_DEALS : {}) };
}

/** Code and type of a field never change. */
export function changeFieldSpec(entity: EntityName): BodySpec {
  const { field_type: _type, options: _options, ...rest } = createFieldSpec(entity);
  return rest;
}
