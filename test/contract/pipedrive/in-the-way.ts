import {
  type AppError,
  ForbiddenError,
  OutcomeUnknownError,
  RateLimitedError,
  UnavailableError,
} from '../../../server/kernel/errors.ts';
import { notAskedFor } from '../../../server/pipedrive/plausibility.ts';

/** A right, a plan, the budget or the line; but an answer that holds what was not asked for is a finding. */
export function isInTheWay(error: AppError): boolean {
  if (error instanceof UnavailableError) return error.message !== notAskedFor().message;
  return [ForbiddenError, RateLimitedError, OutcomeUnknownError].some((kind) => error instanceof kind);
}
