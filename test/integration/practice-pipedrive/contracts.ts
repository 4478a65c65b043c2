import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import type { LoggedRequest } from '../../practice/kernel/request-log.ts';
import { matchPath } from '../../practice/pipedrive/api/route.ts';

const FOLDER = fileURLToPath(new URL('../../../../shared/contracts', import.meta.url));

/**
 * Whether Pipedrive's official descriptions lie beside the project. In CI their absence is a failure.
 * @throws Error with CI=true and no descriptions.
 */
export function contractsPresent(): boolean {
  if (existsSync(`${FOLDER}/pipedrive/openapi-v2.yaml`)) return true;
  if (process.env['CI'] === 'true') throw new Error(`The official descriptions are missing: ${FOLDER}`);
  console.log('The official Pipedrive descriptions are not here: the checks against them are skipped.');
  return false;
}

export function sample(name: string): Tree {
  return tree(JSON.parse(readFileSync(`${FOLDER}/samples/pipedrive/${name}.json`, 'utf8')));
}

/** JSON of unknown shape, read carefully. */
export type Tree = Record<string, unknown>;

export function tree(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export interface Operation {
  version: 'v1' | 'v2';
  method: string;
  path: string;
  /** Official price in tokens; undefined where the description names none. */
  cost: number | undefined;
  queryNames: string[];
  definition: Tree;
  document: Tree;
}

/** Where recorded answers or newer pages of Pipedrive contradict its description: the description loses. */
const CONTRADICTED = [
  /^\/data\/items\/\d+\/item\/(code|value) must be integer$/,
  // The guide of 2026-07-28 names deal_product and others, which the description's enum does not have yet.
  /^\/event_object must be equal to one of the allowed values$/,
  // Its own example shows v1's times, without T and zone.
  /^\/data\/(\d+\/)?(add|update)_time must match format "date-time"$/,
];

let operations: Operation[] | undefined;

/** Every operation of both official descriptions. */
export function officialOperations(): Operation[] {
  operations ??= (['v1', 'v2'] as const).flatMap((version) => {
    const document = tree(parse(readFileSync(`${FOLDER}/pipedrive/openapi-${version}.yaml`, 'utf8')));
    return Object.entries(tree(document['paths'])).flatMap(([path, methods]) =>
      Object.entries(tree(methods)).flatMap(([method, value]) => {
        const definition = tree(value);
        const cost = definition['x-token-cost'];
        const parameters = list(definition['parameters']).map((one) => resolved(document, one));
        const queryNames = parameters.filter((one) => one['in'] === 'query').map((one) => String(one['name']));
        const official = typeof cost === 'number' ? cost : undefined;
        return [{ version, method: method.toUpperCase(), path, cost: official, queryNames, definition, document }];
      }),
    );
  });
  return operations;
}

/** What is wrong with a logged call by the official descriptions: request and answer. Empty = nothing. */
export function violations(entry: LoggedRequest): string[] {
  const url = new URL(entry.path, 'http://host');
  if (url.pathname.startsWith('/oauth/')) return oauthProblems(entry, url);
  const [, version, path = ''] = /^\/(?:api\/)?(v1|v2)(\/.*)$/.exec(url.pathname) ?? [];
  const operation = officialOperations()
    .filter((one) => one.version === version && one.method === entry.method)
    .flatMap((one) => {
      const params = matchPath(one.path.split('/'), path.split('/'));
      return params ? [{ one, placeholders: Object.keys(params).length }] : [];
    })
    .sort((a, b) => a.placeholders - b.placeholders)[0]?.one;
  if (!operation) return [`${entry.method} ${entry.path}: no such operation`];
  const name = `${entry.method} ${operation.path}`;
  const unknown = [...url.searchParams.keys()].filter((key) => !operation.queryNames.includes(key));
  const problems = unknown.map((key) => `${name}: unknown query parameter ${key}`);
  problems.push(...requestProblems(operation, entry).map((text) => `${name}: request ${text}`));
  const answered = entry.status >= 200 && entry.status < 300 && isJson(entry.responseBody);
  if (answered) problems.push(...answerProblems(operation, entry).map((text) => `${name}: answer ${text}`));
  return problems;
}

/** The token address exists twice in the description, for code and refresh; revoke is described by the guide alone. */
function oauthProblems(entry: LoggedRequest, url: URL): string[] {
  if (!url.pathname.startsWith('/oauth/token')) return [];
  const known = officialOperations()
    .filter(({ path }) => path.startsWith('/oauth/token'))
    .flatMap((one) => memberNames(one.document, mediaSchema(one, one.definition['requestBody']) ?? {}));
  const strange = [...new URLSearchParams(entry.body).keys()].filter((key) => !known.includes(key));
  return strange.map((key) => `POST /oauth/token: request has unknown member ${key}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function requestProblems(operation: Operation, entry: LoggedRequest): string[] {
  const schema = mediaSchema(operation, operation.definition['requestBody']);
  const form = (entry.headers['content-type'] ?? '').startsWith('multipart/form-data');
  if (!schema || entry.body === '' || form) return [];
  if (!isJson(entry.body)) return ['is no JSON'];
  const body: unknown = JSON.parse(entry.body);
  const known = memberNames(operation.document, schema);
  const strange = known.length === 0 ? [] : Object.keys(tree(body)).filter((key) => !known.includes(key));
  return [...strange.map((key) => `has unknown member ${key}`), ...typeProblems(operation, schema, body, true)];
}

function answerProblems(operation: Operation, entry: LoggedRequest): string[] {
  const responses = tree(operation.definition['responses']);
  const schema = mediaSchema(operation, responses[String(entry.status)]);
  if (!schema) return [`status ${entry.status} is not described`];
  return typeProblems(operation, schema, withoutNulls(JSON.parse(entry.responseBody)), false);
}

/** The schema of the first media type. */
function mediaSchema(operation: Operation, holder: unknown): Tree | undefined {
  const [media] = Object.values(tree(resolved(operation.document, holder)['content']));
  const schema = tree(media)['schema'];
  return schema === undefined ? undefined : tree(schema);
}

export function memberNames(document: Tree, schema: Tree): string[] {
  const target = resolved(document, schema);
  return [
    ...Object.keys(tree(target['properties'])),
    ...list(target['allOf']).flatMap((part) => memberNames(document, tree(part))),
  ];
}

function resolved(document: Tree, value: unknown): Tree {
  const node = tree(value);
  const reference = node['$ref'];
  if (typeof reference !== 'string') return node;
  return reference
    .slice(2)
    .split('/')
    .reduce<Tree>((at, part) => tree(at[part]), document);
}

const compiled = new Map<Tree, ValidateFunction>();
const compilers = new Map<string, Ajv>();

function typeProblems(operation: Operation, schema: Tree, value: unknown, keepRequired: boolean): string[] {
  const validate =
    compiled.get(schema) ?? compilerFor(operation, keepRequired).compile(tree(cleaned(schema, keepRequired)));
  compiled.set(schema, validate);
  if (validate(value)) return [];
  return (validate.errors ?? [])
    .map((error) => `${error.instancePath} ${error.message}`)
    .filter((problem) => !CONTRADICTED.some((known) => known.test(problem)));
}

/** One compiler per description holds its shared schemas once. */
function compilerFor(operation: Operation, keepRequired: boolean): Ajv {
  const key = `${operation.version} ${keepRequired}`;
  const known = compilers.get(key);
  if (known) return known;
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema({ $id: 'shared', components: cleaned(operation.document['components'], keepRequired) });
  compilers.set(key, ajv);
  return ajv;
}

/** Answers may leave out what is null, so `required` counts for requests only; examples confuse nobody. */
function cleaned(value: unknown, keepRequired: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => cleaned(one, keepRequired));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, member]) => {
    if (key === 'example' || key === 'examples') return false;
    return keepRequired || !(key === 'required' && Array.isArray(member));
  });
  return Object.fromEntries(
    entries.map(([key, member]) => [
      key,
      key === '$ref' && typeof member === 'string' ? `shared${member}` : cleaned(member, keepRequired),
    ]),
  );
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(entries.map(([key, member]) => [key, withoutNulls(member)]));
}
