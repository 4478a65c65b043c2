import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { contractsFolder } from './contracts-folder.ts';
import { isObject, type JsonObject, listAt, objectAt } from './json.ts';
import { prepareSchema } from './prepared-schema.ts';

export interface QueryParameter {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonObject;
  /** The enum holds single values; the query may name several. */
  readonly commaSeparated: boolean;
}

export interface DescribedOperation {
  /** E.g. `PATCH /api/v2/deals/{id}`. */
  readonly key: string;
  readonly method: string;
  readonly path: string;
  /** Tokens of the company's day that one call costs; null where none is told. */
  readonly cost: number | null;
  readonly pathParameters: readonly { readonly name: string; readonly schema: JsonObject }[];
  readonly query: readonly QueryParameter[];
  /** Prepared schemas by content type. */
  readonly bodies: Readonly<Record<string, JsonObject>>;
  /** Prepared schemas by status. */
  readonly answers: Readonly<Record<string, JsonObject>>;
}

let loaded: readonly DescribedOperation[] | undefined;

/** Both of Pipedrive's own descriptions, prepared for judging; undefined where they are missing. */
export function pipedriveOperations(): readonly DescribedOperation[] | undefined {
  const folder = contractsFolder();
  if (!folder) return undefined;
  loaded ??= ['v2', 'v1'].flatMap((version) =>
    readPrepared(new URL(`pipedrive/openapi-${version}.yaml`, folder), version),
  );
  return loaded;
}

/** Parsing a description takes seconds, so each is prepared once for a machine, until it changes. */
function readPrepared(file: URL, version: string): DescribedOperation[] {
  const { mtimeMs, size } = statSync(file);
  const key = createHash('sha256').update(`5|${file.href}|${mtimeMs}|${size}`).digest('hex').slice(0, 24);
  const folder = path.join(os.tmpdir(), `orderline-contracts-${process.getuid?.() ?? 0}`);
  const cached = path.join(folder, `${key}.json`);
  try {
    return JSON.parse(readFileSync(cached, 'utf8'));
  } catch {
    const operations = prepareDescription(parse(readFileSync(file, 'utf8'), { maxAliasCount: -1 }), version);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${cached}.${process.pid}`, JSON.stringify(operations));
    renameSync(`${cached}.${process.pid}`, cached);
    return operations;
  }
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

function prepareDescription(description: unknown, version: string): DescribedOperation[] {
  return Object.entries(objectAt(description, 'paths')).flatMap(([template, item]) => {
    if (!isObject(item)) return [];
    const base = template.startsWith('/oauth/') ? '' : `/api/${version}`;
    return METHODS.filter((method) => isObject(item[method])).map((method) =>
      describe(`${base}${template}`, method.toUpperCase(), objectAt(item, method)),
    );
  });
}

function describe(template: string, method: string, operation: JsonObject): DescribedOperation {
  const parameters = listAt(operation, 'parameters').filter(isObject);
  return {
    key: `${method} ${template}`,
    method,
    path: template,
    cost: typeof operation['x-token-cost'] === 'number' ? operation['x-token-cost'] : null,
    pathParameters: parameters
      .filter((parameter) => parameter['in'] === 'path')
      .map((parameter) => ({ name: String(parameter['name']), schema: objectAt(parameter, 'schema') })),
    query: parameters.filter((parameter) => parameter['in'] === 'query').map(describeParameter),
    bodies: schemasByType(objectAt(operation, 'requestBody')),
    answers: Object.fromEntries(
      Object.entries(objectAt(operation, 'responses')).flatMap(([status, response]) => {
        const schema = objectAt(objectAt(objectAt(response, 'content'), 'application/json'), 'schema');
        return Object.keys(schema).length === 0 ? [] : [[status, prepareSchema(schema, 'answer')]];
      }),
    ),
  };
}

function describeParameter(parameter: JsonObject): QueryParameter {
  const schema = objectAt(parameter, 'schema');
  // A list that is not to be spread over several parameters of one name.
  const joined = schema['type'] === 'array' && parameter['explode'] === false;
  return {
    name: String(parameter['name']),
    required: parameter['required'] === true,
    schema: prepareSchema(joined ? schema['items'] : schema, 'request'),
    commaSeparated: joined || /comma[- ]separated/i.test(String(parameter['description'] ?? '')),
  };
}

function schemasByType(requestBody: JsonObject): Record<string, JsonObject> {
  return Object.fromEntries(
    Object.entries(objectAt(requestBody, 'content')).map(([type, media]) => [
      type,
      amend(prepareSchema(objectAt(media, 'schema'), 'request')),
    ]),
  );
}

/** Objects of webhooks that Pipedrive's own page names and its description lacks (page list-of-webhooks-v2). */
const LATER_WEBHOOK_OBJECTS = ['deal_product', 'deal_installment', 'board', 'phase', 'project', 'task'];

function amend(schema: JsonObject): JsonObject {
  const objects = objectAt(objectAt(schema, 'properties'), 'event_object');
  if (Array.isArray(objects['enum'])) objects['enum'] = [...objects['enum'], ...LATER_WEBHOOK_OBJECTS];
  return schema;
}

/** The operation that a path belongs to: of several the one with the fewest placeholders. */
export function findOperation(
  operations: readonly DescribedOperation[],
  method: string,
  pathname: string,
): { operation: DescribedOperation; values: Readonly<Record<string, string>> } | undefined {
  const normal = pathname.replace(/^\/v1\//, '/api/v1/');
  const matches = operations
    .filter((operation) => operation.method === method)
    .flatMap((operation) => {
      const values = valuesIn(operation.path, normal);
      return values ? [{ operation, values }] : [];
    });
  return matches.sort((one, other) => Object.keys(one.values).length - Object.keys(other.values).length)[0];
}

function valuesIn(template: string, pathname: string): Record<string, string> | undefined {
  const parts = template.split('/');
  const given = pathname.split('/');
  if (parts.length !== given.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const text = given[index] ?? '';
    if (part.startsWith('{')) values[part.slice(1, -1)] = decodeURIComponent(text);
    else if (part !== text) return undefined;
  }
  return values;
}
