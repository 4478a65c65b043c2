import type { LoggedRequest } from '../../practice/kernel/request-log.ts';
import { isObject, parseJson } from './json.ts';
import { batchRequests } from './sap-batch.ts';
import { OUTSIDE_THE_CUT, type SapIndex, sapIndex } from './sap-contract.ts';
import { checkOptions } from './sap-names.ts';
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
  if (target.resource === '$metadata' || OUTSIDE_THE_CUT.has(target.resource)) return [];
  if (target.resource === '$batch') {
    const parts = batchRequests(body);
    if (parts.length === 0) return [`${method} $batch holds no request`];
    return parts.flatMap((part) => checkOne(index, part.method, part.path, part.body));
  }
  return checkTarget(index, method, target, body).map((violation) => `${method} ${target.resource}: ${violation}`);
}

function checkTarget(index: SapIndex, method: string, target: SapTarget, body: string): string[] {
  const typeName = index.entitySets[target.resource];
  if (typeName === undefined) return checkOperation(index, target.resource, method, body);
  if (target.tail !== undefined && target.tail !== '$count') {
    return checkAction(index, typeName, target.tail, method);
  }
  return [
    ...checkMethod(method, target),
    ...checkOptions(index, typeName, target),
    ...(method === 'GET' || method === 'DELETE' ? [] : checkPayload(index, typeName, body)),
  ];
}

function checkMethod(method: string, { keyed, tail }: SapTarget): string[] {
  const allowed = keyed ? ['GET', 'PATCH', 'PUT', 'DELETE'] : ['GET', 'POST'];
  if (tail === '$count') return method === 'GET' ? [] : ['$count is only read'];
  return allowed.includes(method) ? [] : [`${method} is not for ${keyed ? 'one entity' : 'a set'}`];
}

function checkPayload(index: SapIndex, typeName: string, body: string): string[] {
  const json = parseJson(body);
  return json === undefined ? ['the body is no JSON'] : checkObject(index, typeName, json, 'body');
}

function checkAction(index: SapIndex, typeName: string, action: string, method: string): string[] {
  const known = index.operations[`${typeName}/${action}`];
  if (!known) return [`${typeName} has no action ${action}`];
  return method === 'POST' || known.kind === 'function' ? [] : [`${action} is called by POST`];
}

/** Functions of the metadata are POSTed in practice, with their parameters as a JSON body. */
function checkOperation(index: SapIndex, name: string, method: string, body: string): string[] {
  const operation = index.operations[name];
  if (!operation) return ['is described nowhere'];
  if (method !== 'POST' && operation.kind !== 'function') return [`${name} is called by POST`];
  if (body === '') return [];
  const json = parseJson(body);
  if (!isObject(json)) return ['the body is no JSON object'];
  return Object.entries(json).flatMap(([parameter, value]) => {
    const described = operation.params.find((known) => known.name === parameter);
    return described ? checkValue(index, described, value, `body/${parameter}`) : [`has no parameter ${parameter}`];
  });
}
