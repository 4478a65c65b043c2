import { type ApiAnswer, type MatchedRoute, matchRoute, type Version } from '../api/route.ts';
import { ROUTES } from '../api/routes.ts';
import type { CompanyState } from '../company/state.ts';
import { ApiFailure, badRequest, forbidden, validationFailed } from '../failures.ts';
import type { FaultBoard } from '../faults.ts';
import type { Json } from '../json.ts';
import type { GrantStore } from '../oauth/grants.ts';
import { TOKEN_COSTS } from '../token-costs.ts';
import { type Caller, callerOf, refuseCaller } from './callers.ts';
import { cloudflareBlock, limitHeaders, overDailyLimit, overLimit } from './limit-answers.ts';
import { json, type PlainAnswer, type PlainRequest } from './plain.ts';
import { afterCommit, beforeCommit } from './strike.ts';

export interface ApiHost {
  company: CompanyState;
  clientId: string;
  grants: GrantStore;
  faults: FaultBoard;
}

const PREFIXES: readonly (readonly [prefix: string, version: Version])[] = [
  ['/api/v2', 'v2'],
  ['/api/v1', 'v1'],
  ['/v1', 'v1'],
];

/** The version and the path below it, or undefined for an address that is no API's. */
export function apiPath(pathname: string): { version: Version; path: string } | undefined {
  for (const [prefix, version] of PREFIXES) {
    if (pathname.startsWith(`${prefix}/`)) return { version, path: pathname.slice(prefix.length) };
  }
  return undefined;
}

/** One API call from the gateway to the handler and back. */
export async function serveApi(
  host: ApiHost,
  request: PlainRequest,
  target: { version: Version; path: string },
): Promise<PlainAnswer | 'drop'> {
  const { company, grants } = host;
  const caller = callerOf(company, grants, request);
  const matched = matchRoute(ROUTES, target.version, request.method, target.path);
  const cost = matched ? (TOKEN_COSTS[`${target.version} ${matched.route.method} ${matched.route.path}`] ?? 0) : 0;
  const struck = host.faults.strike({
    method: request.method,
    path: request.url.pathname + request.url.search,
    company: company.id,
    userId: caller?.user.id,
  });
  const early = struck && (await beforeCommit({ company, grants, caller, cost }, struck));
  if (early) return early;
  const answer = await regularAnswer(host, request, { path: target.path, matched, cost, caller });
  return struck ? afterCommit(struck, answer) : answer;
}

interface PricedCall {
  path: string;
  matched: MatchedRoute | undefined;
  cost: number;
  caller: Caller | undefined;
}

async function regularAnswer(
  host: ApiHost,
  request: PlainRequest,
  { path, matched, cost, caller }: PricedCall,
): Promise<PlainAnswer> {
  const { company } = host;
  try {
    if (!caller) refuseCaller(request);
    if (company.switches.closed) throw new ApiFailure(402, { success: false, error: 'Company account is not open' });
    const token = { userId: caller.user.id, kind: caller.scopes === null ? 'api_token' : 'oauth' } as const;
    const burst = company.burst.count(token, /search/i.test(path) ? 'search' : 'general');
    if (burst.blocked) return cloudflareBlock();
    if (!burst.allowed) {
      if (company.switches.failedCallsCost) company.budget.charge(cost);
      return overLimit(company, limitHeaders(company, burst));
    }
    if (!company.budget.spend(cost)) {
      company.burst.refuse(token);
      return overDailyLimit(company, limitHeaders(company, burst));
    }
    const answer = await handled(host, request, caller, matched);
    if (answer.status >= 400 && !company.switches.failedCallsCost) company.budget.charge(-cost);
    return plainAnswer(answer, limitHeaders(company, burst));
  } catch (error) {
    if (error instanceof ApiFailure) return json(error.status, error.body, limitHeaders(company, undefined));
    throw error;
  }
}

function plainAnswer(answer: ApiAnswer, headers: Record<string, string>): PlainAnswer {
  if (!answer.bytes) return json(answer.status, answer.body, headers);
  return {
    status: answer.status,
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: '',
    bytes: answer.bytes,
  };
}

async function handled(
  host: ApiHost,
  request: PlainRequest,
  caller: Caller,
  matched: MatchedRoute | undefined,
): Promise<ApiAnswer> {
  if (!matched) return { status: 404, body: { success: false, error: 'Unknown method .', errorCode: 404 } };
  const { route, params } = matched;
  try {
    const scoped = caller.scopes === null || route.scopes.length === 0;
    if (!scoped && !route.scopes.some((scope) => caller.scopes?.includes(scope))) {
      throw forbidden('Scope and URL mismatch');
    }
    if (route.admin && !caller.user.is_admin) throw forbidden('You do not have permissions to do this');
    return await route.handle({
      company: host.company,
      actor: { user: caller.user, source: 'api' },
      clientId: caller.scopes === null ? null : host.clientId,
      params,
      query: request.url.searchParams,
      body: route.upload ? undefined : bodyOf(request),
      ...(route.upload ? { upload: await formOf(request) } : {}),
    });
  } catch (error) {
    // Answered here so that a refused call carries the limits' headers too: it has been charged.
    if (error instanceof ApiFailure) return { status: error.status, body: error.body };
    throw error;
  }
}

/** @throws ApiFailure 400 unless the body is a form with parts. */
async function formOf(request: PlainRequest): Promise<FormData> {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) throw badRequest('Content-Type must be multipart/form-data');
  try {
    return await new Response(new Uint8Array(request.bytes), { headers: { 'content-type': type } }).formData();
  } catch {
    throw badRequest('The form cannot be read');
  }
}

function bodyOf(request: PlainRequest): Json | undefined {
  if (request.body === '') return undefined;
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) {
    throw validationFailed('Content-Type must be application/json');
  }
  try {
    const value: Json = JSON.parse(request.body);
    return value;
  } catch {
    throw validationFailed('body: is no JSON');
  }
}
