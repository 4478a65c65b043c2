import type { RequestHandler } from 'express';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { HttpMetrics } from '../metrics.ts';
import { contextOf, openContext } from '../request-context.ts';

/** Gives the request its id, and writes one line and one measurement when it has been answered. */
export function requestStart(deps: {
  clock: Clock;
  logger: Logger;
  metrics: HttpMetrics;
  newId: () => string;
}): RequestHandler {
  return (req, res, next) => {
    const requestId = deps.newId();
    openContext(req, { requestId, startedAt: deps.clock.now(), route: 'unmatched' });
    res.setHeader('X-Request-Id', requestId);
    res.once('close', () => {
      const { route, startedAt, principal, reason } = contextOf(req);
      const ms = deps.clock.now().getTime() - startedAt.getTime();
      const status = res.writableFinished ? res.statusCode : 499;
      deps.metrics.observe({ method: req.method, route, status, ms });
      deps.logger.info('request', {
        requestId,
        method: req.method,
        route,
        status,
        ms,
        ...(reason === undefined ? {} : { reason }),
        ...(principal ? { installationId: principal.installationId, userId: principal.userId } : {}),
      });
    });
    next();
  };
}
