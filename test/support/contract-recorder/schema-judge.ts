import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { JsonObject } from './json.ts';

const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
addFormats.default(ajv);

const compiled = new WeakMap<JsonObject, ValidateFunction>();

/** What is wrong with a value by that schema, one sentence each; empty when nothing is. */
export function violationsOf(schema: JsonObject, value: unknown, name: string): string[] {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const extra: unknown = params['additionalProperty'] ?? params['allowedValues'];
    const detail = extra === undefined ? '' : ` (${Array.isArray(extra) ? extra.join(', ') : String(extra)})`;
    return `${name}${instancePath} ${message ?? 'is wrong'}${detail}`;
  });
}
