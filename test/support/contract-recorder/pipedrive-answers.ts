import type { LoggedRequest } from '../../practice/kernel/request-log.ts';
import { type JsonObject, parseJson, withoutNulls } from './json.ts';
import { findOperation, pipedriveOperations } from './pipedrive-contract.ts';
import { isJudged, REVOKE, splitPath } from './pipedrive-requests.ts';
import { violationsOf } from './schema-judge.ts';

/**
 * What the descriptions have against a success of the practice Pipedrive: property names, enums, types of non-null
 * values. Refusals are described nowhere and are not judged.
 */
export function checkPipedriveAnswer(logged: LoggedRequest): string[] {
  const operations = pipedriveOperations();
  const { pathname } = splitPath(logged.path);
  if (!operations || !isJudged(pathname) || pathname === REVOKE) return [];
  if (logged.status < 200 || logged.status > 299) return [];
  const found = findOperation(operations, logged.method, pathname);
  if (!found) return [`${logged.method} ${pathname} is described nowhere, yet it was answered ${logged.status}`];
  const { operation } = found;
  const schema = answerSchema(operation.answers, logged.status);
  if (!schema) return [];
  const json = parseJson(logged.responseBody);
  // Half an answer is a fault that a test asked for.
  if (json === undefined) return [];
  return violationsOf(schema, withoutNulls(json), 'answer')
    .filter((violation) => !isObserved(operation.path, violation))
    .map((violation) => `${operation.key}: ${violation}`);
}

/** Where recorded answers of the real API go beyond the descriptions (contracts/samples/pipedrive). */
const OBSERVED: readonly { readonly path: RegExp; readonly violation: RegExp }[] = [
  {
    path: /^\/api\/v2\/deals(\/\{id\}|\/archived)?$/,
    violation: /properties \((creator_user_id|archive_time|local_(won|lost|close)_date)\)/,
  },
  // Legacy, still sent (reference pipedrive-api.md, section 4.15).
  { path: /\/v1\/users(\/me|\/\{id\})?$/, violation: /additional properties \(is_admin\)/ },
  { path: /\/search$/, violation: /additional properties \((pipeline|pagination|primary_email|update_time|tax)\)/ },
  { path: /\/products\/search$/, violation: /item\/code must be number/ },
  { path: /\/v1\/notes/, violation: /additional properties \(pinned_to_lead_flag\)/ },
  { path: /\/v1\/leads$/, violation: /additional properties \(pagination\)/ },
  // The description offers it in `include_fields` of this call, and leaves it out of the answer.
  { path: /\/v2\/organizations\/\{id\}$/, violation: /additional properties \(people_count\)/ },
  { path: /\/v1\/files/, violation: /additional properties \(file_type\)/ },
];

function isObserved(path: string, violation: string): boolean {
  return OBSERVED.some((known) => known.path.test(path) && known.violation.test(violation));
}

/** Which success a call gives is described loosely: 200 and 201 stand for each other. */
function answerSchema(answers: Readonly<Record<string, JsonObject>>, status: number): JsonObject | undefined {
  return answers[String(status)] ?? answers['200'] ?? answers['201'];
}
