import type { RequestHandler, Router } from 'express';
import { contextOf } from './request-context.ts';

export type Method = 'get' | 'post' | 'delete';

/** Who asks, and so which rules an answer must keep: `page` is HTML, `framed` HTML inside Pipedrive, `data` all else. */
export type RouteKind = 'page' | 'framed' | 'data';

export interface RouteInfo {
  readonly method: Method;
  /** Express form, e.g. `/api/panel/deals/:dealId`. */
  readonly path: string;
  readonly kind: RouteKind;
}

export interface RouteTable {
  readonly routes: readonly RouteInfo[];
  add(route: RouteInfo, ...handlers: readonly RequestHandler[]): void;
}

/** Registers every route and remembers it, so that tests and the log know routes by their patterns. */
export function createRouteTable(router: Router): RouteTable {
  const routes: RouteInfo[] = [];
  return {
    routes,
    add(route, ...handlers) {
      routes.push(route);
      const named: RequestHandler = (req, _res, next) => {
        contextOf(req).route = route.path;
        next();
      };
      router[route.method](route.path, named, ...handlers);
    },
  };
}
