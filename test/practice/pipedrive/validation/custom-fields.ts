import { validationFailed } from '../failures.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { FieldRecord } from '../records.ts';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{2}:\d{2}:\d{2}$/;
const ADDRESS_PARTS = [
  'country',
  'admin_area_level_1',
  'admin_area_level_2',
  'locality',
  'sublocality',
  'route',
  'street_number',
  'postal_code',
  'formatted_address',
];

/**
 * Checks the custom_fields of a body against the company's fields.
 * @returns the values as they are stored; null clears one.
 * @throws ApiFailure 400 naming the field code: one wrong value refuses the whole request.
 */
export function checkCustomFields(fields: readonly FieldRecord[], input: JsonObject, currency: string): JsonObject {
  const result: JsonObject = {};
  for (const [code, value] of Object.entries(input)) {
    const field = fields.find((candidate) => candidate.is_custom_field && candidate.field_code === code);
    if (!field) throw validationFailed(`custom_fields.${code}: parameter is not allowed`);
    result[code] = value === null ? null : checkCustomValue(field, value, currency);
  }
  return result;
}

function checkCustomValue(field: FieldRecord, value: Json, currency: string): Json {
  const wrong = (what: string) => validationFailed(`custom_fields.${field.field_code}: ${what}`);
  switch (field.field_type) {
    case 'varchar':
    case 'varchar_auto':
    case 'phone':
      if (typeof value !== 'string' || value.length > 255) throw wrong('must be a string of at most 255 characters');
      return value;
    case 'text':
      if (typeof value !== 'string' || value.length > 65_535) throw wrong('must be a string');
      return value;
    case 'double':
      if (typeof value !== 'number') throw wrong('must be a number');
      return value;
    case 'monetary':
      return monetary(value, currency, wrong);
    case 'enum':
      if (!isOption(field, value)) throw wrong('must be the id of an option');
      return value;
    case 'set':
      if (!Array.isArray(value) || value.length === 0) throw wrong('must be a non-empty array of option ids');
      if (!value.every((id) => isOption(field, id))) throw wrong('must hold ids of options');
      return value;
    case 'user':
    case 'org':
    case 'people':
      if (!Number.isSafeInteger(value)) throw wrong('must be an id');
      return value;
    case 'date':
      if (typeof value !== 'string' || !DATE.test(value)) throw wrong('must be a date YYYY-MM-DD');
      return value;
    case 'address':
      return address(value, wrong);
    default:
      return range(field.field_type, value, wrong);
  }
}

function isOption(field: FieldRecord, value: Json): boolean {
  return (field.options ?? []).some((option) => option.id === value);
}

function monetary(value: Json, currency: string, wrong: (what: string) => Error): Json {
  if (!isJsonObject(value) || typeof value['value'] !== 'number') throw wrong('must be { value, currency }');
  const unknown = Object.keys(value).find((key) => key !== 'value' && key !== 'currency');
  if (unknown) throw wrong(`${unknown} is not allowed`);
  const given = value['currency'];
  if (given !== undefined && given !== null && typeof given !== 'string') throw wrong('currency must be a string');
  return { value: value['value'], currency: typeof given === 'string' ? given : currency };
}

/** Every part that is not sent becomes null, also on PATCH. */
function address(value: Json, wrong: (what: string) => Error): Json {
  if (!isJsonObject(value) || typeof value['value'] !== 'string') throw wrong('must be an object with a value');
  const unknown = Object.keys(value).find((key) => key !== 'value' && !ADDRESS_PARTS.includes(key));
  if (unknown) throw wrong(`${unknown} is not allowed`);
  const parts: JsonObject = { value: value['value'] };
  for (const part of ADDRESS_PARTS) parts[part] = value[part] ?? null;
  return parts;
}

function range(type: string, value: Json, wrong: (what: string) => Error): Json {
  const pattern = type === 'daterange' ? DATE : TIME;
  if (!isJsonObject(value) || typeof value['value'] !== 'string' || !pattern.test(value['value'])) {
    throw wrong(`is no ${type}`);
  }
  return value;
}
