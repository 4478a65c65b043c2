import { after } from '../kernel/clock.ts';
import {
  type AppError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  OutcomeUnknownError,
  RateLimitedError,
  ReauthRequiredError,
  RejectedError,
  UnavailableError,
} from '../kernel/errors.ts';
import { correlationIdOf, isHtml, type RefusalWords, refusalOf } from './answers.ts';
import type { Method } from './operations.ts';
import type { HttpAnswer, NoAnswerError } from './transport.ts';

/** How long to stay away where Pipedrive does not say it itself. */
export const PAUSES = {
  /** The day's budget is spent; when it starts anew is not told, so one call asks again. */
  dayMs: 15 * 60_000,
  /** The guard before the API answered with its own page: hammering on would prolong it. */
  guardMs: 30 * 60_000,
  /** The company's account is closed or unpaid. */
  accountMs: 60 * 60_000,
} as const;

const SILENT = 'Pipedrive does not answer at the moment.';
const UNCLEAR = 'Pipedrive did not say whether it was done.';

/** True for the guard's 403, which is a page and says nothing about rights. */
export function isGuardPage(answer: HttpAnswer): boolean {
  return answer.status === 403 && isHtml(answer);
}

/** True where nobody can tell whether Pipedrive did what was asked. */
export function isUnclear(status: number): boolean {
  return status === 408 || (status >= 500 && status !== 501);
}

/** An answer that is no success, as one of our kinds. */
export function errorOfAnswer(method: Method, answer: HttpAnswer, now: Date): AppError {
  const options = { requestId: correlationIdOf(answer) };
  if (isGuardPage(answer)) return guardIsShut(after(now, PAUSES.guardMs));
  if (isUnclear(answer.status)) {
    return method === 'POST' ? new OutcomeUnknownError(UNCLEAR, options) : new UnavailableError(SILENT, options);
  }
  if (answer.status >= 300 && answer.status < 400) {
    return new UnavailableError('Pipedrive sent the request elsewhere; the company may have moved.', options);
  }
  const refusal = refusalOf(answer);
  const said = refusal.words === '' ? '' : ` Pipedrive says: ${refusal.words}`;
  switch (answer.status) {
    case 401:
      return refusedGrant(undefined, options.requestId);
    case 402:
      return new RateLimitedError(
        `The Pipedrive account is not open (trial over or unpaid).${said}`,
        after(now, PAUSES.accountMs),
        options,
      );
    case 403:
      return new ForbiddenError(`${forbiddenWords(refusal.code)}${said}`, { ...options, code: refusal.code });
    case 404:
    case 410:
      return new NotFoundError('Not found in Pipedrive, or not visible to this user.', options);
    case 409:
      return new ConflictError(`Pipedrive holds it differently.${said}`, options);
    case 415:
      return new ForbiddenError(`This is not switched on in your Pipedrive.${said}`, {
        ...options,
        code: refusal.code,
      });
    case 429:
      return dayIsSpent(after(now, PAUSES.dayMs));
    default:
      return rejected(refusal, options.requestId);
  }
}

/** A plan's limit is told by a code of this beginning (reference pipedrive-api.md, section 5.2). */
function forbiddenWords(code: string): string {
  if (!code.startsWith('feature_capping')) return 'Pipedrive does not allow this.';
  const larger = 'or choose a larger plan in Pipedrive.';
  if (code.includes('field')) return `Your Pipedrive plan has no room for another custom field. Delete one, ${larger}`;
  if (code.includes('deal')) return `Your Pipedrive plan has no room for another open deal. Close some, ${larger}`;
  return `Your Pipedrive plan has no room for more of this. Delete some, ${larger}`;
}

/** No answer at all, as one of our kinds. */
export function errorOfSilence(method: Method, failure: NoAnswerError): AppError {
  if (method === 'POST' && failure.mayHaveArrived) return unclearOutcome(failure);
  return notAnswering(failure);
}

/** A success whose body is not what was promised. A creating call has then been carried out all the same. */
export function unreadableAnswer(method: Method, cause?: unknown): AppError {
  if (method === 'POST') return unclearOutcome(cause);
  return rejected(
    { code: 'unreadable_answer', words: 'an answer that this app cannot read', field: undefined },
    undefined,
    cause,
  );
}

function rejected({ code, words, field }: RefusalWords, requestId: string | undefined, cause?: unknown): RejectedError {
  const message = words === '' ? 'Pipedrive refused this without a reason.' : `Pipedrive refused this: ${words}`;
  return new RejectedError({ system: 'pipedrive', code, words, message, requestId, field }, { cause });
}

export function refusedGrant(cause?: unknown, requestId?: string): ReauthRequiredError {
  return new ReauthRequiredError(
    'pipedrive',
    'Pipedrive does not, or no longer, accept the app for this user. Install the app again.',
    { cause, requestId },
  );
}

export function notAnswering(cause?: unknown): UnavailableError {
  return new UnavailableError(SILENT, { cause });
}

export function guardIsShut(retryAt: Date): RateLimitedError {
  return new RateLimitedError('Pipedrive has shut this app out for a while.', retryAt);
}

export function dayIsSpent(retryAt: Date): RateLimitedError {
  return new RateLimitedError("The company's Pipedrive API budget is spent for now.", retryAt, {
    budget: { startsAnewAt: null, startIsKnown: false },
  });
}

export function asksForPause(retryAt: Date): RateLimitedError {
  return new RateLimitedError('Pipedrive asks for a pause.', retryAt);
}

function unclearOutcome(cause?: unknown): OutcomeUnknownError {
  return new OutcomeUnknownError(UNCLEAR, { cause });
}
