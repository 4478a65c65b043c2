import express, { type Request, type RequestHandler } from 'express';
import type { Principal } from '../../app/principal.ts';
import { API_ROUTES, type RouteContract } from '../../contract/routes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { type RateLimit, rateLimit } from '../middleware/rate-limit.ts';
import { requireAdmin, untilGone } from '../middleware/require-admin.ts';
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
      answer(contract, useCases.api[name], useCases.explainFailure),
    );
  }

  const description = openApiDocument(options.publicUrl);
  table.add({ method: 'get', path: '/api/openapi.json', kind: 'data' }, (_req, res) => {
    res.json(description);
  });
}

type AnyUseCase = (principal: Principal, input: never, call: ApiCall) => Promise<unknown>;

function answer(contract: RouteContract, useCase: AnyUseCase, explain: UseCases['explainFailure']): RequestHandler {
  return async (req, res) => {
    const call = { signal: untilGone(res), requestId: contextOf(req).requestId };
    // The types of input and use case meet in `ApiUseCases`; here both were looked up by the same name.
    const input = inputOf(contract, req) as never;
    const principal = principalOf(req);
    const view = await useCase(principal, input, call).catch(async (error: unknown) => {
      throw await explain(principal, error);
    });
    // What the contract does not name does not leave.
    res.json(contract.answer.parse(view));
  };
}

function inputOf({ params, query, body }: RouteContract, req: Request): unknown {
  if (params) requirePlainIds(req.params);
  const fromPath = params ? readInput(params, req.params) : {};
  const fromQuery = query ? readInput(query, req.query) : {};
  const fromBody = body ? readInput(body, req.body) : {};
  return Object.assign({}, fromBody, fromQuery, fromPath);
}

function routeNames<T extends object>(routes: T): Extract<keyof T, string>[] {
  const names: Extract<keyof T, string>[] = [];
  for (const name in routes) names.push(name);
  return names;
}
