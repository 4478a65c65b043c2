import type { ErrorBody } from '../contract/common.ts';
import {
  AppError,
  type ErrorKind,
  InvalidInputError,
  RateLimitedError,
  ReauthRequiredError,
} from '../kernel/errors.ts';
import { UnauthenticatedError } from './unauthenticated-error.ts';

export interface ProblemAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
  /** True: not foreseen, so it must be logged. */
  readonly defect: boolean;
}

/** What an error becomes in HTTP: the one place that turns a kind into a status. */
export function toProblem(error: unknown, requestId: string, now: Date): ProblemAnswer {
  if (error instanceof AppError) return foreseen(error, requestId, now);
  if (error instanceof UnauthenticatedError) {
    const headers = { 'WWW-Authenticate': 'Bearer' };
    return { status: 401, body: bodyOf('unauthenticated', error.message, requestId), headers, defect: false };
  }
  const unreadable = unreadableRequest(error);
  if (unreadable) {
    const body = bodyOf('invalid_input', unreadable.message, requestId);
    return { status: unreadable.status, body, headers: {}, defect: false };
  }
  const message = 'Something went wrong on our side. Try again; if it stays, tell support the number below.';
  return { status: 500, body: bodyOf('defect', message, requestId), headers: {}, defect: true };
}

function foreseen(error: AppError, requestId: string, now: Date): ProblemAnswer {
  const problems = error instanceof InvalidInputError ? error.problems.map((problem) => ({ ...problem })) : [];
  const body: ErrorBody = { ...bodyOf(error.kind, error.message, requestId), problems };
  if (error instanceof ReauthRequiredError && error.system === 'pipedrive') body.reason = 'install_again';
  if (!(error instanceof RateLimitedError)) return { status: statusOf(error.kind), body, headers: {}, defect: false };
  const seconds = Math.max(1, Math.ceil((error.retryAt.getTime() - now.getTime()) / 1000));
  return {
    status: statusOf(error.kind),
    body: {
      ...body,
      retryAt: error.retryAt.toISOString(),
      ...budgetOf(error),
      ...(error.reason && { reason: error.reason }),
    },
    headers: { 'Retry-After': String(seconds) },
    defect: false,
  };
}

function budgetOf({ budget }: RateLimitedError): Pick<ErrorBody, 'budget'> {
  if (!budget) return {};
  return { budget: { startsAnewAt: budget.startsAnewAt?.toISOString() ?? null, startIsKnown: budget.startIsKnown } };
}

function statusOf(kind: ErrorKind): number {
  switch (kind) {
    case 'invalid_input':
      return 400;
    case 'forbidden':
      return 403;
    case 'not_found':
      return 404;
    case 'conflict':
    case 'reauth_required':
      return 409;
    case 'rejected':
      return 422;
    case 'rate_limited':
      return 429;
    case 'outcome_unknown':
      return 502;
    case 'unavailable':
      return 503;
    default:
      return kind satisfies never;
  }
}

/** Express and its body parser refuse what cannot be read with an error that carries a status of 4xx. */
function unreadableRequest(error: unknown): { status: number; message: string } | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const { status } = error;
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  if (status === 413) return { status, message: 'The request is too large.' };
  return { status: 400, message: 'The request could not be read.' };
}

function bodyOf(kind: string, message: string, requestId: string): ErrorBody {
  return { kind, message, problems: [], requestId };
}
