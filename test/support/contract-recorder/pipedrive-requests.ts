import { isFromApp, type LoggedRequest } from '../../practice/kernel/request-log.ts';
import { isObject, parseJson } from './json.ts';
import {
  type DescribedOperation,
  findOperation,
  pipedriveOperations,
  type QueryParameter,
} from './pipedrive-contract.ts';
import { violationsOf } from './schema-judge.ts';

/**
 * What Pipedrive's own descriptions have against this request, one sentence each; empty when nothing, when it is a
 * browser's page, or when the descriptions are missing. The app asks for no pages: whatever it asks for is judged.
 */
export function checkPipedriveRequest(logged: LoggedRequest): string[] {
  const operations = pipedriveOperations();
  const target = splitPath(logged.path);
  if (!operations || !(isJudged(target.pathname) || isFromApp(logged.client))) return [];
  if (target.pathname === REVOKE) return checkRevoke(logged);
  const found = findOperation(operations, logged.method, target.pathname);
  if (!found) return [`${logged.method} ${target.pathname} is described nowhere`];
  const { operation, values } = found;
  const violations = [
    ...checkPathValues(operation, values),
    ...checkQuery(operation, target.query),
    ...checkBody(operation, logged),
  ];
  return violations.map((violation) => `${operation.key}: ${violation}`);
}

export function splitPath(text: string): { pathname: string; query: URLSearchParams } {
  const mark = text.indexOf('?');
  if (mark < 0) return { pathname: text, query: new URLSearchParams() };
  return { pathname: text.slice(0, mark), query: new URLSearchParams(text.slice(mark + 1)) };
}

/** The consent page is the browser's; everything below an API's or OAuth's address is a call. */
export function isJudged(pathname: string): boolean {
  return pathname !== '/oauth/authorize' && /^\/(api|v\d|oauth)\//.test(pathname);
}

/** Documented in a page and missing in the description (reference pipedrive-api.md, section 1.1). */
export const REVOKE = '/oauth/revoke';

function checkRevoke({ method, headers, body }: LoggedRequest): string[] {
  const form = new URLSearchParams(body);
  const names = [...form.keys()];
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim();
  const hint = form.get('token_type_hint');
  const rules: readonly (readonly [boolean, string])[] = [
    [method === 'POST', `method ${method} instead of POST`],
    [type === 'application/x-www-form-urlencoded', `content type ${type || 'none'} instead of a form`],
    [/^Basic /.test(headers['authorization'] ?? ''), "the app's credentials are missing"],
    [names.filter((name) => name === 'token').length === 1, 'form token is missing or given twice'],
    [names.every((name) => name === 'token' || name === 'token_type_hint'), 'the form holds what is not documented'],
    [hint === null || hint === 'refresh_token' || hint === 'access_token', 'form token_type_hint is not documented'],
  ];
  return rules.filter(([holds]) => !holds).map(([, sentence]) => `POST ${REVOKE}: ${sentence}`);
}

function checkPathValues(operation: DescribedOperation, values: Readonly<Record<string, string>>): string[] {
  return operation.pathParameters.flatMap(({ name, schema }) => {
    const value = values[name] ?? '';
    return schema['type'] === 'integer' && !/^\d+$/.test(value) ? [`path ${name} must be an integer`] : [];
  });
}

function checkQuery(operation: DescribedOperation, query: URLSearchParams): string[] {
  const names = [...query.keys()];
  const missing = operation.query
    .filter(({ name, required }) => required && !query.has(name))
    .map(({ name }) => `query ${name} is required`);
  const repeated = names
    .filter((name, index) => names.indexOf(name) !== index)
    .map((name) => `query ${name} is given twice`);
  const wrong = [...query].flatMap(([name, value]) => {
    const parameter = operation.query.find((known) => known.name === name);
    return parameter ? checkParameter(parameter, value) : [`query ${name} is not described`];
  });
  return [...missing, ...repeated, ...wrong];
}

function checkParameter({ name, schema, commaSeparated }: QueryParameter, value: string): string[] {
  const extra = RULES[name]?.(value) ?? true;
  if (!extra) return [`query ${name} is refused by the live API: ${value}`];
  const parts = commaSeparated ? value.split(',') : [value];
  return parts.flatMap((part) => violationsOf(schema, typed(part, schema['type']), `query ${name}`));
}

const WHOLE_SECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/;

/** Not in the descriptions, but known (reference pipedrive-api.md, section 4.3). */
const RULES: Readonly<Record<string, (value: string) => boolean>> = {
  limit: (value) => Number(value) >= 1 && Number(value) <= 500,
  updated_since: (value) => WHOLE_SECONDS.test(value),
  updated_until: (value) => WHOLE_SECONDS.test(value),
  ids: (value) => value.split(',').length <= 100,
  deal_ids: (value) => value.split(',').length <= 100,
  custom_fields: (value) => value.split(',').length <= 15,
};

/** A query's text as the value it stands for; unchanged where it does not fit, so that the schema refuses it. */
function typed(text: string, type: unknown): unknown {
  const types = [type].flat();
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function checkBody(operation: DescribedOperation, { headers, body }: LoggedRequest): string[] {
  const types = Object.keys(operation.bodies);
  if (body === '') return types.length > 0 && operation.method !== 'DELETE' ? ['the body is missing'] : [];
  if (types.length === 0) return ['a body is not described'];
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const schema = operation.bodies[type];
  if (!schema) return [`content type ${type || 'none'} instead of ${types.join(' or ')}`];
  if (type === 'application/x-www-form-urlencoded') return checkForm(operation, body);
  const json = parseJson(body);
  if (json === undefined) return ['the body is no JSON'];
  return [...violationsOf(schema, json, 'body'), ...checkCustomFieldKeys(json)];
}

const TOKEN_FORMS: Readonly<Record<string, readonly string[]>> = {
  authorization_code: ['grant_type', 'code', 'redirect_uri'],
  refresh_token: ['grant_type', 'refresh_token'],
};

/** The two ways to ask for tokens are described as two paths that differ by a slash; the form tells which one it is. */
function checkForm(operation: DescribedOperation, body: string): string[] {
  const form = new URLSearchParams(body);
  const names = TOKEN_FORMS[form.get('grant_type') ?? ''];
  if (operation.path !== '/oauth/token' || !names) return ['the form is not described'];
  const given = [...form.keys()];
  return [
    ...names.filter((name) => !given.includes(name)).map((name) => `form ${name} is missing`),
    ...given.filter((name) => !names.includes(name)).map((name) => `form ${name} is not described`),
  ];
}

function checkCustomFieldKeys(body: unknown): string[] {
  const fields = isObject(body) ? body['custom_fields'] : undefined;
  if (!isObject(fields)) return [];
  return Object.keys(fields)
    .filter((key) => !/^[0-9a-f]{40}$/.test(key))
    .map((key) => `body/custom_fields ${key} is no key of a custom field`);
}
