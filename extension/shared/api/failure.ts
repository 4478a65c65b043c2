import type { ErrorBody, ProblemView } from '../../../server/contract/common.ts';
import { formatTime } from '../format/times.ts';
import { HostError } from '../sdk/host-error.ts';
import { ApiError } from './api-error.ts';

/** A failure as a person should see it. */
export interface Failure {
  readonly title: string;
  readonly sentence: string;
  readonly remedy: 'retry' | 'reload' | 'settings' | 'install' | 'none';
  readonly problems: readonly ProblemView[];
  /** What support asks for; shown only where we cannot say what is wrong. */
  readonly requestId: string | null;
  /** When it makes sense to try again, as an instant; the page does so by itself. */
  readonly retryAt: string | null;
}

type Words = Pick<Failure, 'title' | 'remedy'> & { readonly sentence?: string };

/** Without `sentence`, the server's own is shown. */
const WORDS: Readonly<Record<string, Words>> = {
  forbidden: { title: 'You may not see this', remedy: 'none' },
  not_found: { title: 'There is nothing to show here', remedy: 'settings' },
  conflict: { title: 'This has changed meanwhile', remedy: 'retry' },
  reauth_required: { title: 'The connection needs an admin', remedy: 'settings' },
  rejected: { title: 'This was not accepted', remedy: 'retry' },
  invalid_input: { title: 'Something is not right yet', remedy: 'none' },
  rate_limited: { title: 'A short pause is needed', remedy: 'retry' },
  unavailable: { title: 'There is no answer at the moment', remedy: 'retry' },
  outcome_unknown: { title: 'No answer came', remedy: 'retry' },
  offline: {
    title: 'You are offline',
    sentence: 'This page goes on by itself when the connection is back.',
    remedy: 'retry',
  },
  timeout: { title: 'The answer takes too long', sentence: 'Try again in a moment.', remedy: 'retry' },
};

/** No pause of a minute helps: somebody has to pay, or to choose a plan. */
const ACCOUNT_CLOSED: Words = { title: 'Your Pipedrive account is not open', remedy: 'retry' };

/** Each person for themself: no admin can do it for them. */
const INSTALL_AGAIN: Words = {
  title: 'Install the app again',
  sentence: 'Pipedrive no longer accepts this app for you. Install it once more, then try again. Nothing is lost.',
  remedy: 'install',
};

const DEFECT: Words = {
  title: 'Something went wrong on our side',
  sentence: 'Try again. If that does not help, ask support.',
  remedy: 'retry',
};

const REASONS: Readonly<Record<NonNullable<ErrorBody['reason']>, Words>> = {
  account_closed: ACCOUNT_CLOSED,
  install_again: INSTALL_AGAIN,
};

export function describeFailure(error: unknown): Failure {
  if (error instanceof HostError) {
    return plain({
      title: 'Pipedrive did not answer',
      sentence: 'Close this panel and open it again. If that does not help, reload the page in your browser.',
      remedy: 'reload',
    });
  }
  if (!(error instanceof ApiError)) return plain(DEFECT);
  if (error.status === 401) {
    return plain({
      title: 'Pipedrive no longer vouches for this page',
      sentence: 'Reload it to go on.',
      remedy: 'reload',
    });
  }
  if (error.budget) return budgetUsedUp(error, error.budget);
  const known = error.reason ? REASONS[error.reason] : WORDS[error.kind];
  const { title, sentence, remedy } = known ?? DEFECT;
  return {
    title,
    sentence: sentence ?? error.message,
    remedy,
    problems: error.problems,
    requestId: known ? null : error.requestId,
    retryAt: error.retryAt,
  };
}

/** The server says who used what; the time is the reader's own. */
function budgetUsedUp({ message, retryAt }: ApiError, budget: NonNullable<ErrorBody['budget']>): Failure {
  const { startsAnewAt, startIsKnown } = budget;
  const about = startIsKnown ? '' : 'about ';
  const anew = startsAnewAt === null ? '' : ` It starts anew at ${about}${formatTime(startsAnewAt)}.`;
  return { ...plain({ title: 'Budget used up', sentence: `${message}${anew}`, remedy: 'retry' }), retryAt };
}

function plain({ title, sentence = '', remedy }: Words): Failure {
  return { title, sentence, remedy, problems: [], requestId: null, retryAt: null };
}
