import { isJsonObject, type Json, type JsonObject } from '../json.ts';

/** A record as format 1.0 shows it: old names, old time format, custom fields beside the others. */
export function flatRecord(object: string, record: JsonObject): JsonObject {
  const { custom_fields, ...rest } = record;
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(rest)) {
    const old = object === 'user' || object === 'note' ? name : (OLD_NAMES[name] ?? name);
    result[old] = name.endsWith('_time') ? oldTime(value) : value;
  }
  Object.assign(result, ofObject(object, record));
  for (const [code, value] of Object.entries(isJsonObject(custom_fields) ? custom_fields : {})) {
    if (isJsonObject(value)) Object.assign(result, flatValue(code, value));
  }
  return result;
}

const OLD_NAMES: Readonly<Record<string, string>> = { emails: 'email', phones: 'phone' };

/** Deals and activities belong to a user, organizations and persons to an owner. */
function ofObject(object: string, record: JsonObject): JsonObject {
  if (object === 'deal') {
    const deleted = record['status'] === 'deleted';
    return { user_id: record['owner_id'] ?? null, active: record['status'] === 'open', deleted };
  }
  if (object === 'activity') return { user_id: record['owner_id'] ?? null };
  if (object === 'organization' || object === 'person' || object === 'product') return { active_flag: true };
  return {};
}

function flatValue(code: string, value: JsonObject): JsonObject {
  const flat: JsonObject = {};
  if (Array.isArray(value['values'])) {
    flat[code] = value['values'].map((one) => (isJsonObject(one) ? String(one['id']) : '')).join(',');
  } else if (value['id'] !== undefined) {
    flat[code] = value['type'] === 'enum' ? String(value['id']) : value['id'];
  } else {
    flat[code] = value['value'] ?? value['from'] ?? null;
  }
  for (const part of ['currency', 'until', 'timezone_id']) {
    if (value[part] !== undefined) flat[`${code}_${part}`] = value[part];
  }
  return flat;
}

function oldTime(value: Json): Json {
  return typeof value === 'string' ? value.replace('T', ' ').replace('Z', '') : value;
}
