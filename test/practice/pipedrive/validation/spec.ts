import { validationFailed } from '../failures.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';

/** What one body parameter may hold. Types are strict: no "12" for a number, no 1 for a boolean. */
export interface FieldSpec {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  nullable?: boolean;
  required?: boolean;
  values?: readonly (string | number)[];
  format?: 'date' | 'rfc3339' | 'v1-time' | 'not-empty';
  items?: FieldSpec;
  /** Members of an object; absent = any members. */
  members?: BodySpec;
}

export type BodySpec = Readonly<Record<string, FieldSpec>>;

const FORMATS: Record<NonNullable<FieldSpec['format']>, RegExp> = {
  date: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
  rfc3339: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/,
  'v1-time': /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/,
  'not-empty': /\S/,
};

/**
 * Checks a body against its description and returns it.
 * @throws ApiFailure 400 naming the first parameter that is unknown, missing or of a wrong type.
 */
export function checkBody(spec: BodySpec, body: Json | undefined, options: { partial: boolean }): JsonObject {
  if (!isJsonObject(body)) throw validationFailed('body: must be a JSON object');
  checkMembers(spec, body, '', options.partial);
  return body;
}

/** @throws ApiFailure 400 unless the body is an array whose elements fit. */
export function checkArray(spec: FieldSpec, body: Json | undefined, name: string): Json[] {
  if (!Array.isArray(body) || body.length === 0) throw validationFailed(`${name}: must be a non-empty array`);
  body.forEach((element, index) => {
    checkValue(spec, element, `${name}[${index}]`);
  });
  return body;
}

function checkMembers(spec: BodySpec, value: JsonObject, prefix: string, partial: boolean): void {
  for (const [name, member] of Object.entries(value)) {
    const field = spec[name];
    if (!field) throw validationFailed(`${prefix}${name}: parameter is not allowed`);
    checkValue(field, member, `${prefix}${name}`);
  }
  if (partial) return;
  for (const [name, field] of Object.entries(spec)) {
    if (field.required && value[name] === undefined) throw validationFailed(`${prefix}${name}: is required`);
  }
}

function checkValue(field: FieldSpec, value: Json, name: string): void {
  if (value === null) {
    if (field.nullable) return;
    throw validationFailed(`${name}: must not be null`);
  }
  if (!hasType(field, value)) throw validationFailed(`${name}: must be of type ${field.type}`);
  if (field.values && !field.values.some((allowed) => allowed === value)) {
    throw validationFailed(`${name}: must be one of ${field.values.join(', ')}`);
  }
  if (field.format && typeof value === 'string' && !FORMATS[field.format].test(value)) {
    throw validationFailed(`${name}: has a wrong format`);
  }
  const items = field.items;
  if (items && Array.isArray(value)) {
    value.forEach((element, index) => {
      checkValue(items, element, `${name}[${index}]`);
    });
  }
  if (field.members && isJsonObject(value)) checkMembers(field.members, value, `${name}.`, false);
}

function hasType(field: FieldSpec, value: Json): boolean {
  if (field.type === 'integer') return Number.isSafeInteger(value);
  if (field.type === 'array') return Array.isArray(value);
  if (field.type === 'object') return isJsonObject(value);
  if (field.type === 'number') return typeof value === 'number' && Number.isFinite(value);
  return typeof value === field.type;
}
