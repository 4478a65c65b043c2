import pg from 'pg';
import { AppError, UnavailableError } from '../kernel/errors.ts';

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);
/**
 * Classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html: connection failures, out of
 * resources, shut down or starting, and transactions that the server gave up and that may simply be repeated.
 */
const UNAVAILABLE_STATES = /^(08|53|57P|25P03|40001|40P01|55P03)/;

/** What the rest of the program may see: foreseen errors as they are, a database out of reach as unavailable. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof AppError || !isOutOfReach(error)) return error;
  return new UnavailableError('The database cannot be reached at the moment.', { cause: error });
}

/** Whether the database was there, and gave a transaction up because of what others had locked. */
export function isHeldUp(error: unknown): boolean {
  const cause = error instanceof UnavailableError ? error.cause : error;
  return cause instanceof pg.DatabaseError && /^(40001|40P01|55P03)$/.test(cause.code ?? '');
}

/** Whether a statement broke this named constraint. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505' && error.constraint === constraint;
}

function isOutOfReach(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof pg.DatabaseError) return UNAVAILABLE_STATES.test(error.code ?? '');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    NETWORK_CODES.has(code) || error.name === 'KnexTimeoutError' || error.message.startsWith('Connection terminated')
  );
}
