import type { Actor, CompanyState } from '../company/state.ts';
import { validationFailed } from '../failures.ts';
import type { Json } from '../json.ts';

/** One authenticated call. */
export interface ApiCall {
  company: CompanyState;
  actor: Actor;
  /** The app whose token is used; null for a personal API token. */
  clientId: string | null;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** The parsed body; undefined where there is none. */
  body: Json | undefined;
  /** The form of a route that takes uploads. */
  upload?: FormData;
}

export interface ApiAnswer {
  status: number;
  body: unknown;
  /** A file's content, sent as it is instead of the body. */
  bytes?: Buffer;
}

export type Version = 'v1' | 'v2';
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Route {
  version: Version;
  method: Method;
  /** With placeholders, as in the official description: /deals/{id}. */
  path: string;
  /** Any of these is enough; empty = the scope `base`. */
  scopes: readonly string[];
  /** The user needs admin rights, whatever the token allows. */
  admin?: boolean;
  /** The body is a form with parts (multipart/form-data) instead of JSON. */
  upload?: boolean;
  handle(call: ApiCall): ApiAnswer | Promise<ApiAnswer>;
}

export interface MatchedRoute {
  route: Route;
  params: Record<string, string>;
}

/** Literal path segments win over placeholders, so that /deals/search is no deal. */
export function matchRoute(
  routes: readonly Route[],
  version: Version,
  method: string,
  path: string,
): MatchedRoute | undefined {
  const segments = path.split('/');
  const matches: { route: Route; params: Record<string, string> }[] = [];
  for (const route of routes) {
    if (route.version !== version || route.method !== method) continue;
    const params = matchPath(route.path.split('/'), segments);
    if (params) matches.push({ route, params });
  }
  matches.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length);
  return matches[0];
}

/** The placeholder values, or undefined if the path is another one. */
export function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = decodeURIComponent(segment);
    else if (part !== segment) return undefined;
  }
  return params;
}

/** @throws ApiFailure 400 unless the placeholder is an integer. */
export function idOf(call: ApiCall, name = 'id'): number {
  const text = call.params[name] ?? '';
  if (!/^\d{1,15}$/.test(text)) throw validationFailed(`${name}: must be an integer`);
  return Number(text);
}

export function ok(data: unknown, additional?: object | null): ApiAnswer {
  return {
    status: 200,
    body: { success: true, data, ...(additional === undefined ? {} : { additional_data: additional }) },
  };
}

export function created(data: unknown): ApiAnswer {
  return { status: 201, body: { success: true, data, additional_data: null } };
}
