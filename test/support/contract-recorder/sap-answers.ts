import type { LoggedRequest } from '../../practice/kernel/request-log.ts';
import { isObject, parseJson } from './json.ts';
import { batchAnswers, batchRequests } from './sap-batch.ts';
import { sapIndex, typeOfSet } from './sap-contract.ts';
import type { SapIndex } from './sap-index.ts';
import { sapTarget } from './sap-target.ts';
import { checkValue } from './sap-values.ts';

/** What the metadata has against a success of the practice Service Layer: names, enums, types of non-null values. */
export function checkSapAnswer(logged: LoggedRequest): string[] {
  const index = sapIndex();
  if (!index) return [];
  const target = sapTarget(logged.path);
  if (target?.resource !== '$batch') return checkOne(index, logged.path, logged.status, logged.responseBody);
  const asked = batchRequests(logged.body);
  return batchAnswers(logged.responseBody).flatMap(({ status, body }, at) => {
    const request = asked[at];
    return request ? checkOne(index, request.path, status, body) : ['$batch answers more than was asked'];
  });
}

function checkOne(index: SapIndex, path: string, status: number, body: string): string[] {
  const target = sapTarget(path);
  if (!target || status < 200 || status > 299 || target.tail !== undefined) return [];
  const json = parseJson(body);
  // Half an answer is a fault that a test asked for.
  if (json === undefined || json === null) return [];
  const entity = typeOfSet(index, target.resource);
  const violations =
    entity === undefined
      ? checkReturned(index, index.operations[target.resource]?.returns, json)
      : checkEntities(index, entity, target.key !== undefined, json);
  return violations.map((violation) => `${target.resource}: ${violation}`);
}

function checkEntities(index: SapIndex, type: string, keyed: boolean, json: unknown): string[] {
  const list = !keyed && isObject(json) && Array.isArray(json['value']);
  if (!list) return checkValue(index, { type }, json, 'answer');
  return checkValue(index, { type, collection: true }, json['value'], 'answer/value');
}

/** An operation gives its object at the top, a list or a plain value below `value`. */
function checkReturned(index: SapIndex, returns: string | undefined, json: unknown): string[] {
  if (returns === undefined) return [];
  const collection = /^Collection\((.*)\)$/.exec(returns)?.[1];
  const value = isObject(json) && 'value' in json ? json['value'] : json;
  if (collection !== undefined) return checkValue(index, { type: collection, collection: true }, value, 'answer');
  return checkValue(index, { type: returns }, index.types[returns] ? json : value, 'answer');
}
