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
import { isHtml, refusalOf } from './answers.ts';
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
  const { code, words } = refusalOf(answer);
  const said = words === '' ? '' : ` Pipedrive says: ${words}`;
  if (isGuardPage(answer)) return guardIsShut(after(now, PAUSES.guardMs));
  if (isUnclear(answer.status)) return method === 'POST' ? unclearOutcome() : notAnswering();
  switch (answer.status) {
    case 401:
      return refusedGrant();
    case 402:
      return new RateLimitedError(
        `The Pipedrive account is not open (trial over or unpaid).${said}`,
        after(now, PAUSES.accountMs),
      );
    case 403:
      return new ForbiddenError(`Pipedrive does not allow this.${said}`);
    case 404:
    case 410:
      return new NotFoundError('Not found in Pipedrive, or not visible to this user.');
    case 409:
      return new ConflictError(`Pipedrive holds it differently.${said}`);
    case 429:
      return dayIsSpent(after(now, PAUSES.dayMs));
    default:
      if (answer.status >= 300 && answer.status < 400) {
        return new UnavailableError('Pipedrive sent the request elsewhere; the company may have moved.');
      }
      return rejected(code, words);
  }
}

/** No answer at all, as one of our kinds. */
export function errorOfSilence(method: Method, failure: NoAnswerError): AppError {
  if (method === 'POST' && failure.mayHaveArrived) return unclearOutcome(failure);
  return notAnswering(failure);
}

/** A success whose body is not what was promised. A creating call has then been carried out all the same. */
export function unreadableAnswer(method: Method, cause?: unknown): AppError {
  if (method === 'POST') return unclearOutcome(cause);
  return rejected('unreadable_answer', 'an answer that this app cannot read', cause);
}

export function rejected(code: string, words: string, cause?: unknown): RejectedError {
  const message = words === '' ? 'Pipedrive refused this without a reason.' : `Pipedrive refused this: ${words}`;
  return new RejectedError({ system: 'pipedrive', code, words, message }, { cause });
}

export function refusedGrant(cause?: unknown): ReauthRequiredError {
  return new ReauthRequiredError(
    'pipedrive',
    'Pipedrive does not, or no longer, accept the app for this user. Install the app again.',
    { cause },
  );
}

export function notAnswering(cause?: unknown): UnavailableError {
  return new UnavailableError('Pipedrive does not answer at the moment.', { cause });
}

export function guardIsShut(retryAt: Date): RateLimitedError {
  return new RateLimitedError('Pipedrive has shut this app out for a while.', retryAt);
}

export function dayIsSpent(retryAt: Date): RateLimitedError {
  return new RateLimitedError("The company's Pipedrive API budget is spent for now.", retryAt);
}

function unclearOutcome(cause?: unknown): OutcomeUnknownError {
  return new OutcomeUnknownError('Pipedrive did not say whether it was done.', { cause });
}
