import type { RequestHandler, Response } from 'express';
import { ForbiddenError } from '../../kernel/errors.ts';
import { principalOf } from '../request-context.ts';
import type { UseCases } from '../use-cases.ts';

/** Asked as it stands now: whoever was an admin when they installed may be none any more. */
export function requireAdmin(useCases: Pick<UseCases, 'isAdminNow'>): RequestHandler {
  return async (req, res, next) => {
    if (!(await useCases.isAdminNow(principalOf(req), untilGone(res))))
      throw new ForbiddenError('Only an admin of your Pipedrive company can change this.');
    next();
  };
}

/** Ends when the person has gone: nobody reads the answer any more. */
export function untilGone(res: Response): AbortSignal {
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
}
