import { type AppError, RateLimitedError, RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';

/** What a right, a licence or the line stood in the way of was not found out; anything else is not as we say it is. */
export function isInTheWay(error: AppError): boolean {
  if (error instanceof RejectedError) return error.who === 'sap_admin';
  return error instanceof UnavailableError || error instanceof RateLimitedError;
}
