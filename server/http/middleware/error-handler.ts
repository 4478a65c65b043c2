import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Clock } from '../../kernel/clock.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import { toProblem } from '../problem.ts';
import { contextOf } from '../request-context.ts';
import { UnauthenticatedError } from '../unauthenticated-error.ts';

export const noSuchRoute: RequestHandler = () => {
  throw new NotFoundError('There is nothing at this address.');
};

/** Every rejection and every throw of a route ends here. */
export function errorHandler(deps: { clock: Clock; logger: Logger }): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const context = contextOf(req);
    const { requestId, route, principal } = context;
    if (error instanceof UnauthenticatedError) context.reason = error.reason;
    const problem = toProblem(error, requestId, deps.clock.now());
    if (problem.defect) {
      const whose = principal ? { installationId: principal.installationId } : {};
      deps.logger.error('request failed', error, { requestId, route, ...whose });
    }
    if (res.headersSent) {
      next(error);
      return;
    }
    res.status(problem.status).set(problem.headers);
    res.type('application/problem+json').send(JSON.stringify(problem.body));
  };
}
