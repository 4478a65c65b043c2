import type { ErrorBody, ProblemView } from '../../../server/contract/common.ts';

interface Details {
  /** As the server names it; of our own are `offline`, `timeout` and `unreadable`. */
  readonly kind: string;
  readonly message: string;
  readonly status?: number;
  readonly problems?: readonly ProblemView[];
  readonly requestId?: string;
  readonly retryAt?: string;
  readonly budget?: ErrorBody['budget'];
  readonly reason?: ErrorBody['reason'];
}

/** A call that failed, with the server's own words where it had any. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: string;
  readonly status: number | null;
  readonly problems: readonly ProblemView[];
  readonly requestId: string | null;
  readonly retryAt: string | null;
  /** Set where the company's Pipedrive budget of the day is used up. */
  readonly budget: ErrorBody['budget'] | null;
  readonly reason: ErrorBody['reason'] | null;

  constructor(details: Details, options?: ErrorOptions) {
    super(details.message, options);
    this.kind = details.kind;
    this.status = details.status ?? null;
    this.problems = details.problems ?? [];
    this.requestId = details.requestId ?? null;
    this.retryAt = details.retryAt ?? null;
    this.budget = details.budget ?? null;
    this.reason = details.reason ?? null;
  }

  static from(body: ErrorBody, status: number): ApiError {
    const { kind, message, problems, requestId, retryAt, budget, reason } = body;
    return new ApiError({
      kind,
      message,
      status,
      problems,
      requestId,
      ...(retryAt === undefined ? {} : { retryAt }),
      ...(budget === undefined ? {} : { budget }),
      ...(reason === undefined ? {} : { reason }),
    });
  }
}
