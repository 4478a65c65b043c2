import { type ApiAnswer, type MatchedRoute, matchRoute, type Version } from '../api/route.ts';
import { ROUTES } from '../api/routes.ts';
import type { CompanyState } from '../company/state.ts';
import { ApiFailure, forbidden, validationFailed } from '../failures.ts';
import type { FaultBoard, StruckFault } from '../faults.ts';
import type { Json } from '../json.ts';
import type { GrantStore } from '../oauth/grants.ts';
import { TOKEN_COSTS } from '../token-costs.ts';
import { type Caller, callerOf, refuseCaller } from './callers.ts';
import { cloudflareBlock, limitHeaders, overDailyLimit, overLimit } from './limit-answers.ts';
import { json, type PlainAnswer, type PlainRequest } from './plain.ts';

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
  const caller = callerOf(host.company, host.grants, request);
  const struck = host.faults.strike({
    method: request.method,
    path: request.url.pathname + request.url.search,
    company: host.company.id,
    userId: caller?.user.id,
  });
  const early = struck && (await beforeCommit(host, struck, caller));
  if (early) return early;
  const answer = await regularAnswer(host, request, target, caller);
  return struck ? afterCommit(struck, answer) : answer;
}

async function beforeCommit(
  host: ApiHost,
  { fault, released }: StruckFault,
  caller: Caller | undefined,
): Promise<PlainAnswer | 'drop' | undefined> {
  const headers = limitHeaders(host.company, undefined);
  switch (fault.kind) {
    case 'status':
      return typeof fault.body === 'string'
        ? { status: fault.status, headers: { 'content-type': 'text/html', ...fault.headers }, body: fault.body }
        : json(fault.status, fault.body ?? { success: false, error: 'Server error' }, { ...headers, ...fault.headers });
    case 'html_403':
      return cloudflareBlock();
    case 'drop_before':
      return 'drop';
    case 'rate_limit_burst':
      return overLimit({
        ...headers,
        'x-ratelimit-limit': '80',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': '2',
      });
    case 'rate_limit_daily':
      return overDailyLimit(host.company, headers);
    case 'token_revoked':
      if (caller) host.grants.expireAccess(host.company.id, caller.user.id);
      return json(401, { success: false, error: 'unauthorized access', errorCode: 401 }, headers);
    case 'slow':
      await released;
      return undefined;
    default:
      return undefined;
  }
}

function afterCommit({ fault }: StruckFault, answer: PlainAnswer): PlainAnswer | 'drop' {
  if (fault.kind === 'drop_after_commit') return 'drop';
  if (fault.kind === 'truncated_json')
    return { ...answer, body: answer.body.slice(0, Math.ceil(answer.body.length / 2)) };
  if (fault.kind === 'status_after_commit') {
    return json(fault.status, fault.body ?? { success: false, error: 'Server error' });
  }
  return answer;
}

async function regularAnswer(
  host: ApiHost,
  request: PlainRequest,
  { version, path }: { version: Version; path: string },
  caller: Caller | undefined,
): Promise<PlainAnswer> {
  const { company } = host;
  try {
    if (!caller) refuseCaller(request);
    if (company.switches.closed) throw new ApiFailure(402, { success: false, error: 'Company account is not open' });
    const matched = matchRoute(ROUTES, version, request.method, path);
    const burst = company.burst.count(caller.user.id, /search/i.test(path) ? 'search' : 'general');
    if (burst.blocked) return cloudflareBlock();
    if (!burst.allowed) return overLimit(limitHeaders(company, burst));
    const cost = matched ? TOKEN_COSTS[`${version} ${matched.route.method} ${matched.route.path}`] : undefined;
    if (!company.budget.spend(cost ?? 0)) return overDailyLimit(company, limitHeaders(company, burst));
    const answer = await handled(host, request, caller, matched);
    return json(answer.status, answer.body, limitHeaders(company, burst));
  } catch (error) {
    if (error instanceof ApiFailure) return json(error.status, error.body, limitHeaders(company, undefined));
    throw error;
  }
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
      body: bodyOf(request),
    });
  } catch (error) {
    // Answered here so that a refused call carries the limits' headers too: it has been charged.
    if (error instanceof ApiFailure) return { status: error.status, body: error.body };
    throw error;
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
