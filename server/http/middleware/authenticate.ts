import type { RequestHandler } from 'express';
import { contextOf } from '../request-context.ts';
import { bearerToken } from '../same-secret.ts';
import type { TokenVerifier } from '../token-verifier.ts';
import { UnauthenticatedError } from '../unauthenticated-error.ts';
import type { UseCases } from '../use-cases.ts';

/** Turns the signed token of the Authorization header into a principal; no other place of a request is looked at. */
export function authenticate(verifier: TokenVerifier, useCases: Pick<UseCases, 'authenticate'>): RequestHandler {
  return async (req, _res, next) => {
    const token = bearerToken(req.headers.authorization);
    if (token === undefined) throw new UnauthenticatedError('Open this page from within Pipedrive.', 'token_missing');
    contextOf(req).principal = await useCases.authenticate(await verifier.verify(token));
    next();
  };
}
