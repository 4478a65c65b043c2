import type { LoggedRequest } from '../../practice/kernel/request-log.ts';
import { isObject, parseJson } from './json.ts';
import { type BatchEntry, batchRequests } from './sap-batch.ts';
import { sapIndex, typeOfSet } from './sap-contract.ts';
import type { SapIndex } from './sap-index.ts';
import { checkKey, checkOptions, splitKey } from './sap-names.ts';
import { type SapTarget, sapTarget } from './sap-target.ts';
import { checkObject, checkValue } from './sap-values.ts';

/**
 * What Service Layer's own metadata has against this request, one sentence each, requests inside a `$batch` included;
 * empty when nothing, or when the description is missing.
 */
export function checkSapRequest(logged: LoggedRequest): string[] {
  const index = sapIndex();
  return index ? checkOne(index, logged.method, logged.path, logged.body) : [];
}

function checkOne(index: SapIndex, method: string, path: string, body: string): string[] {
  const target = sapTarget(path);
  if (!target) return path.startsWith('/b1s/') ? [`${method} ${path} cannot be taken apart`] : [];
  if (target.resource === '$metadata') return [];
  if (target.resource === '$batch') return checkBatch(index, method, target, body);
  return checkTarget(index, method, target, body).map((violation) => `${method} ${target.resource}: ${violation}`);
}

function checkBatch(index: SapIndex, method: string, { version }: SapTarget, body: string): string[] {
  const parts = batchRequests(body);
  if (method !== 'POST' || parts.length === 0) return [`${method} $batch holds no request`];
  const made = new Map<string, string>();
  return parts.flatMap((part) => {
    const path = part.path.replace(
      /\/\$(\w+)(?=\/|$)/,
      (whole, id: string) => made.get(`${part.changeSet}/${id}`) ?? whole,
    );
    const resource = sapTarget(path)?.resource;
    if (part.contentId !== undefined && resource !== undefined) {
      // What the part makes has a key that nobody knows yet.
      const set = index.entitySets[resource] === undefined ? resource : `${resource}(0)`;
      made.set(`${part.changeSet}/${part.contentId}`, `/${set}`);
    }
    return [...checkPlace(part, version), ...checkOne(index, part.method, path, part.body)];
  });
}

/** Reads stand beside change sets, writes inside them, and under v2 each of them has a Content-ID. */
function checkPlace({ method, changeSet, contentId }: BatchEntry, version: SapTarget['version']): string[] {
  if (changeSet === undefined) return method === 'GET' ? [] : [`$batch has a ${method} outside of a change set`];
  if (method === 'GET') return ['$batch has a GET inside of a change set'];
  return contentId === undefined && version === 'v2' ? ['$batch has a change set part without a Content-ID'] : [];
}

function checkTarget(index: SapIndex, method: string, target: SapTarget, body: string): string[] {
  const typeName = typeOfSet(index, target.resource);
  if (typeName === undefined) return checkOperation(index, target, method, body);
  const key = target.key === undefined ? [] : checkKey(index, typeName, target.key);
  if (target.tail !== undefined && target.tail !== '$count') {
    return [...key, ...checkAction(index, typeName, target.tail, method, body)];
  }
  return [
    ...key,
    ...checkMethod(method, target),
    ...checkOptions(index, typeName, target),
    ...(method === 'GET' || method === 'DELETE' ? checkNoBody(body) : checkPayload(index, typeName, body)),
  ];
}

function checkMethod(method: string, { key, tail }: SapTarget): string[] {
  const allowed = key === undefined ? ['GET', 'POST'] : ['GET', 'PATCH', 'DELETE'];
  if (tail === '$count') return method === 'GET' ? [] : ['$count is only read'];
  return allowed.includes(method) ? [] : [`${method} is not for ${key === undefined ? 'a set' : 'one entity'}`];
}

function checkNoBody(body: string): string[] {
  return body === '' ? [] : ['has a body that nobody reads'];
}

function checkPayload(index: SapIndex, typeName: string, body: string): string[] {
  const json = parseJson(body);
  return json === undefined ? ['the body is no JSON'] : checkObject(index, typeName, json, 'body');
}

function checkAction(index: SapIndex, typeName: string, action: string, method: string, body: string): string[] {
  const known = index.operations[`${typeName}/${action}`];
  if (!known) return [`${typeName} has no action ${action}`];
  // A bound function is asked with its parameters as query options, or by POST in a body.
  if (method === 'GET') return known.kind === 'function' ? [] : [`${action} is called by POST`];
  if (method !== 'POST') return [`${action} is called by POST`];
  return body === '' ? [] : checkParameters(index, known.params, parseJson(body));
}

/** Functions of the metadata are POSTed in practice, with their parameters as a JSON body. */
function checkOperation(index: SapIndex, { resource, key }: SapTarget, method: string, body: string): string[] {
  const operation = index.operations[resource];
  if (!operation) return ['is described nowhere'];
  if (method !== 'POST' && operation.kind !== 'function') return [`${resource} is called by POST`];
  const inPath = splitKey(key ?? '').flatMap(({ name }) =>
    name === undefined || operation.params.some((known) => known.name === name) ? [] : [`has no parameter ${name}`],
  );
  return body === '' ? inPath : [...inPath, ...checkParameters(index, operation.params, parseJson(body))];
}

function checkParameters(index: SapIndex, known: SapIndex['operations'][string]['params'], json: unknown): string[] {
  if (!isObject(json)) return ['the body is no JSON object'];
  return Object.entries(json).flatMap(([parameter, value]) => {
    const described = known.find(({ name }) => name === parameter);
    return described ? checkValue(index, described, value, `body/${parameter}`) : [`has no parameter ${parameter}`];
  });
}
