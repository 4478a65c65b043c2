import { isObject, type JsonObject, objectAt } from './json.ts';

/**
 * Makes an OpenAPI 3.0 schema say what the platform means: no other properties than those named (but below
 * `custom_fields`), `allOf` merged so that this holds, nothing else changed. In requests null stands where the description
 * says `nullable`, and below `custom_fields`, where it clears a value (reference pipedrive-api.md, section 4.5). For answers
 * nothing is required, since real ones leave out and empty what the descriptions promise.
 */
export function prepareSchema(schema: unknown, use: 'request' | 'answer'): JsonObject {
  return prepare(schema, use, false);
}

const DROPPED = new Set(['description', 'example', 'examples', 'title', 'default', 'nullable', 'xml', 'externalDocs']);

function prepare(schema: unknown, use: 'request' | 'answer', open: boolean): JsonObject {
  const merged = mergeAll(schema);
  const prepared: JsonObject = {};
  for (const [name, value] of Object.entries(merged)) {
    if (DROPPED.has(name) || name.startsWith('x-') || (name === 'required' && use === 'answer')) continue;
    prepared[name] = value;
  }
  // Amounts that are described as integers come with fractions.
  if (use === 'answer' && merged['type'] === 'integer') prepared['type'] = 'number';
  if (isObject(merged['items'])) prepared['items'] = prepare(merged['items'], use, open);
  const branches = [merged['oneOf'], merged['anyOf']].find(Array.isArray);
  delete prepared['oneOf'];
  if (branches) prepared['anyOf'] = branches.map((branch) => prepare(branch, use, open));
  if (isObject(merged['properties'])) closeObject(prepared, merged['properties'], use, open);
  if (isObject(merged['additionalProperties']) && !isObject(merged['properties'])) {
    prepared['additionalProperties'] = prepare(merged['additionalProperties'], use, open);
  }
  return use === 'request' && merged['nullable'] === true ? orNull(prepared) : prepared;
}

function orNull(schema: JsonObject): JsonObject {
  if (Array.isArray(schema['anyOf'])) return { ...schema, anyOf: [...schema['anyOf'], { type: 'null' }] };
  return {
    ...schema,
    ...(schema['type'] !== undefined && { type: [schema['type'], 'null'] }),
    ...(Array.isArray(schema['enum']) && { enum: [...schema['enum'], null] }),
  };
}

function closeObject(prepared: JsonObject, properties: JsonObject, use: 'request' | 'answer', open: boolean): void {
  prepared['properties'] = Object.fromEntries(
    Object.entries(properties).map(([name, member]) => [
      name,
      name === 'custom_fields' ? customFields(use) : prepare(member, use, open),
    ]),
  );
  prepared['additionalProperties'] = open;
}

/** Below them everything is open. Searches answer with a list there, against their own description. */
function customFields(use: 'request' | 'answer'): JsonObject {
  return use === 'request' ? { type: 'object' } : { type: ['object', 'array'] };
}

/** One schema that says what all parts of `allOf` say together. */
function mergeAll(schema: unknown): JsonObject {
  if (!isObject(schema)) return {};
  const { allOf, ...own } = schema;
  if (!Array.isArray(allOf)) return own;
  return allOf.map(mergeAll).reduceRight<JsonObject>(mergeTwo, own);
}

function mergeTwo(into: JsonObject, part: JsonObject): JsonObject {
  const merged: JsonObject = { ...part, ...into };
  const properties: JsonObject = { ...objectAt(part, 'properties') };
  for (const [name, member] of Object.entries(objectAt(into, 'properties'))) {
    properties[name] = name in properties ? mergeTwo(mergeAll(member), mergeAll(properties[name])) : member;
  }
  if (Object.keys(properties).length > 0) merged['properties'] = properties;
  const required = [part['required'], into['required']].filter(Array.isArray).flat();
  if (required.length > 0) merged['required'] = [...new Set(required)];
  return merged;
}
