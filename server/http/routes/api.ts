import express, { type Request, type RequestHandler, type Response } from 'express';
import type { Principal } from '../../app/principal.ts';
import { API_ROUTES, type RouteContract } from '../../contract/routes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ForbiddenError } from '../../kernel/errors.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { type RateLimit, rateLimit } from '../middleware/rate-limit.ts';
import { openApiDocument } from '../openapi.ts';
import { readInput, requirePlainIds } from '../read-input.ts';
import { contextOf, principalOf } from '../request-context.ts';
import type { RouteTable } from '../route-table.ts';
import type { TokenVerifier } from '../token-verifier.ts';
import type { ApiCall, ApiRouteName, UseCases } from '../use-cases.ts';

export interface ApiOptions {
  readonly useCases: UseCases;
  readonly verifier: TokenVerifier;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly limits: { readonly api: RateLimit; readonly connectionTest: RateLimit };
}

/** Routes that make us call an address that a person typed. */
const DIALS_OUT: ReadonlySet<ApiRouteName> = new Set([
  'checkAddress',
  'connect',
  'changeSignIn',
  'changeTrust',
  'changeProxy',
  'diagnose',
]);
const readJson = express.json({ limit: '100kb' });

/** The extension's data: every route of the contract, and its description. */
export function addApiRoutes(table: RouteTable, options: ApiOptions): void {
  const { useCases, verifier, clock, limits } = options;
  const signedIn = authenticate(verifier, useCases);
  const adminsOnly = requireAdmin(useCases);
  const perUser = rateLimit(limits.api, clock, (req) => {
    const { installationId, userId } = principalOf(req);
    return `${installationId}/${userId}`;
  });
  const perTenant = rateLimit(limits.connectionTest, clock, (req) => principalOf(req).installationId);

  for (const name of routeNames(API_ROUTES)) {
    const contract: RouteContract = API_ROUTES[name];
    table.add(
      { method: contract.method, path: contract.path.replaceAll(/\{(\w+)\}/g, ':$1'), kind: 'data' },
      signedIn,
      perUser,
      ...(contract.adminOnly ? [adminsOnly] : []),
      ...(DIALS_OUT.has(name) ? [perTenant] : []),
      readJson,
      answer(contract, useCases.api[name]),
    );
  }

  const description = openApiDocument(options.publicUrl);
  table.add({ method: 'get', path: '/api/openapi.json', kind: 'data' }, (_req, res) => {
    res.json(description);
  });
}

/** Asked as it stands now: whoever was an admin when they installed may be none any more. */
function requireAdmin(useCases: Pick<UseCases, 'isAdminNow'>): RequestHandler {
  return async (req, res, next) => {
    if (!(await useCases.isAdminNow(principalOf(req), untilGone(res))))
      throw new ForbiddenError('Only an admin of your Pipedrive company can change this.');
    next();
  };
}

type AnyUseCase = (principal: Principal, input: never, call: ApiCall) => Promise<unknown>;

function answer(contract: RouteContract, useCase: AnyUseCase): RequestHandler {
  return async (req, res) => {
    const call = { signal: untilGone(res), requestId: contextOf(req).requestId };
    // The types of input and use case meet in `ApiUseCases`; here both were looked up by the same name.
    const input = inputOf(contract, req) as never;
    const view = await useCase(principalOf(req), input, call);
    // What the contract does not name does not leave.
    res.json(contract.answer.parse(view));
  };
}

function inputOf({ params, body }: RouteContract, req: Request): unknown {
  if (params) requirePlainIds(req.params);
  const fromPath = params ? readInput(params, req.params) : {};
  const fromBody = body ? readInput(body, req.body) : {};
  return Object.assign({}, fromPath, fromBody);
}

function untilGone(res: Response): AbortSignal {
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
}

function routeNames<T extends object>(routes: T): Extract<keyof T, string>[] {
  const names: Extract<keyof T, string>[] = [];
  for (const name in routes) names.push(name);
  return names;
}
