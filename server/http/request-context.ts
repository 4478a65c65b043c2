import type { Request } from 'express';
import type { Principal } from '../app/principal.ts';

/** What is known about one request while it is answered. */
export interface RequestContext {
  readonly requestId: string;
  readonly startedAt: Date;
  /** The pattern of the route, e.g. `/webhooks/pipedrive/:secret`; never the address itself, which may hold a secret. */
  route: string;
  principal?: Principal;
  /** Why it was refused, in a word of ours that holds no value of the request: for the log alone. */
  reason?: string | undefined;
}

const contexts = new WeakMap<object, RequestContext>();

export function openContext(req: Request, context: RequestContext): void {
  contexts.set(req, context);
}

/** @throws {Error} when the request did not come through `openContext`: a mistake of ours */
export function contextOf(req: Request): RequestContext {
  const context = contexts.get(req);
  if (!context) throw new Error('The request has no context.');
  return context;
}

/** @throws {Error} on a route that does not ask for a signed token: a mistake of ours */
export function principalOf(req: Request): Principal {
  const { principal } = contextOf(req);
  if (!principal) throw new Error('The request has no principal.');
  return principal;
}
