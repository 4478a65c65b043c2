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
import { correlationIdOf, isHtml, isRefusal, type RefusalWords, refusalOf } from './answers.ts';
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
const ACCOUNT = 'The Pipedrive account is not open (trial over or unpaid).';

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
  if (isGuardPage(answer)) return guardIsShut(after(now, PAUSES.guardMs), options.requestId);
  const refusal = refusalOf(answer);
  const said = saidBy(refusal);
  if (isUnclear(answer.status)) {
    return method === 'POST'
      ? new OutcomeUnknownError(`${UNCLEAR}${said}`, options)
      : new UnavailableError(SILENT, options);
  }
  if (answer.status >= 300 && answer.status < 400) {
    return new UnavailableError('Pipedrive sent the request elsewhere; the company may have moved.', options);
  }
  switch (answer.status) {
    case 401:
      return refusedGrant(undefined, options.requestId);
    case 402:
      return accountIsClosed(after(now, PAUSES.accountMs), answer);
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
      return dayIsSpent(after(now, PAUSES.dayMs), options.requestId);
    default:
      return rejected(refusal, options.requestId);
  }
}

function saidBy({ words }: RefusalWords): string {
  return words === '' ? '' : ` Pipedrive says: ${words}`;
}

/**
 * A success by its status whose body says `success: false` (reference requirements.md, 5.7 no. 4), with Pipedrive's
 * words. For a creating call that proves nothing, unless the body names a status of 4xx by itself.
 */
function errorOfRefusedSuccess(method: Method, answer: HttpAnswer): AppError {
  const requestId = correlationIdOf(answer);
  const refusal = refusalOf(answer);
  if (method === 'POST' && !/^4\d\d$/.test(refusal.code)) {
    return new OutcomeUnknownError(`${UNCLEAR}${saidBy(refusal)}`, { requestId });
  }
  return rejected(refusal, requestId);
}

/**
 * A success by its status that is none, or that nobody can read; undefined for one whose body is to be looked at.
 * @param json the body as JSON; undefined where it is none
 */
export function errorOfSuccess(method: Method, answer: HttpAnswer, json: unknown): AppError | undefined {
  if (isRefusal(json)) return errorOfRefusedSuccess(method, answer);
  if (json !== undefined) return undefined;
  const requestId = correlationIdOf(answer);
  return method === 'POST' ? unreadableAnswer(method, undefined, requestId) : notAnswering(undefined, requestId);
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
export function unreadableAnswer(method: Method, cause: unknown, requestId: string | undefined): AppError {
  if (method === 'POST') return unclearOutcome(cause, requestId);
  return rejected(
    { code: 'unreadable_answer', words: 'an answer that this app cannot read', field: undefined },
    requestId,
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

export function notAnswering(cause?: unknown, requestId?: string): UnavailableError {
  return new UnavailableError(SILENT, { cause, requestId });
}

export function guardIsShut(retryAt: Date, requestId?: string): RateLimitedError {
  return new RateLimitedError('Pipedrive has shut this app out for a while.', retryAt, { requestId });
}

/** @param answer the 402 that says so, for its words; absent where it was said before */
export function accountIsClosed(retryAt: Date, answer?: HttpAnswer): RateLimitedError {
  const said = answer ? saidBy(refusalOf(answer)) : '';
  const requestId = answer && correlationIdOf(answer);
  return new RateLimitedError(`${ACCOUNT}${said}`, retryAt, { requestId, reason: 'account_closed' });
}

export function dayIsSpent(retryAt: Date, requestId?: string): RateLimitedError {
  return new RateLimitedError("The company's Pipedrive API budget is spent for now.", retryAt, {
    requestId,
    budget: { startsAnewAt: null, startIsKnown: false },
  });
}

export function asksForPause(retryAt: Date, requestId?: string): RateLimitedError {
  return new RateLimitedError('Pipedrive asks for a pause.', retryAt, { requestId });
}

function unclearOutcome(cause?: unknown, requestId?: string): OutcomeUnknownError {
  return new OutcomeUnknownError(UNCLEAR, { cause, requestId });
}
