/** The foreseen ways in which something cannot be done. Anything else that is thrown is a defect. */
export type ErrorKind =
  | 'invalid_input'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'reauth_required'
  | 'rejected'
  | 'rate_limited'
  | 'unavailable'
  | 'outcome_unknown';

/** One thing that is wrong with what was given, in words for the person who gave it. */
export interface Problem {
  /** Stable word for tests and translations, e.g. `no_lines`. */
  readonly code: string;
  /** A plain sentence that says what is wrong and what to do. */
  readonly message: string;
  /** Where it is wrong, when a place can be named: a field, a line. */
  readonly at?: string;
}

export interface AppErrorOptions extends ErrorOptions {
  readonly requestId?: string | undefined;
}

/** `message` is shown to people: plain words, no secret, no stack, no text of ours about internals. */
export abstract class AppError extends Error {
  abstract readonly kind: ErrorKind;
  /** By which the request can be found in the logs of the other side or of what stands before it. */
  readonly requestId: string | undefined;
  constructor(message: string, options?: AppErrorOptions) {
    super(message, options);
    this.requestId = options?.requestId;
  }
  override get name(): string {
    return this.constructor.name;
  }
}

/** We can say what is wrong, all of it at once. */
export class InvalidInputError extends AppError {
  readonly kind = 'invalid_input';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], options?: AppErrorOptions) {
    super(problems.map((problem) => problem.message).join(' '), options);
    this.problems = problems;
  }
}

export class ForbiddenError extends AppError {
  readonly kind = 'forbidden';
  /** The other system's code where it gave one, e.g. `feature_capping_deals_limit` of Pipedrive for a full plan. */
  readonly code: string | undefined;
  constructor(message: string, options?: AppErrorOptions & { readonly code?: string | undefined }) {
    super(message, options);
    this.code = options?.code;
  }
}

export class NotFoundError extends AppError {
  readonly kind = 'not_found';
}

/** It is already so, or somebody else was faster. */
export class ConflictError extends AppError {
  readonly kind = 'conflict';
}

/** The grant or the SAP password is no longer good; a person has to act. */
export class ReauthRequiredError extends AppError {
  readonly kind = 'reauth_required';
  /** Which side asks for it. */
  readonly system: 'pipedrive' | 'sap';
  constructor(system: 'pipedrive' | 'sap', message: string, options?: AppErrorOptions) {
    super(message, options);
    this.system = system;
  }
}

/** Who can put a refusal right: the person who sells, the back office, whoever runs the other system, or we. */
export type Fixer = 'rep' | 'back_office' | 'sap_admin' | 'us';

/**
 * Whether what was refused may be sent again. `after_fix`: once somebody has put it right; `as_is`: soon, unchanged;
 * `look_first`: it may have been carried out, or be so already.
 */
export type Repeat = 'never' | 'after_fix' | 'as_is' | 'look_first';

export interface Refused {
  readonly system: 'pipedrive' | 'sap';
  readonly code: string;
  readonly words: string;
  readonly message: string;
  readonly who?: Fixer;
  readonly repeat?: Repeat;
  readonly requestId?: string | undefined;
  readonly field?: string | undefined;
}

/** The other system understood and refused; its own words are kept. */
export class RejectedError extends AppError {
  readonly kind = 'rejected';
  readonly system: 'pipedrive' | 'sap';
  /** The other system's code, as text. */
  readonly code: string;
  /** The other system's words, shortened, never a request body. */
  readonly words: string;
  /** Undefined: not known for this code. */
  readonly who: Fixer | undefined;
  readonly repeat: Repeat | undefined;
  /** The custom field that the refusal names, by the other system's code for it. */
  readonly field: string | undefined;
  constructor(refusal: Refused, options?: ErrorOptions) {
    super(refusal.message, { ...options, requestId: refusal.requestId });
    this.system = refusal.system;
    this.code = refusal.code;
    this.words = refusal.words;
    this.who = refusal.who;
    this.repeat = refusal.repeat;
    this.field = refusal.field;
  }
}

/** It is a company's budget of a day that is used up, or what is left of it kept for others. */
export interface SpentBudget {
  /** Null: not looked up. */
  readonly startsAnewAt: Date | null;
  /** False: that is a guess. */
  readonly startIsKnown: boolean;
}

/** Told, or worked out, when to come back. Waiting is not failing. */
export class RateLimitedError extends AppError {
  readonly kind = 'rate_limited';
  readonly retryAt: Date;
  readonly budget: SpentBudget | undefined;
  /** Where no pause helps by itself: somebody has to open the other system's account. */
  readonly reason: 'account_closed' | undefined;
  constructor(
    message: string,
    retryAt: Date,
    options?: AppErrorOptions & { readonly budget?: SpentBudget; readonly reason?: 'account_closed' },
  ) {
    super(message, options);
    this.retryAt = retryAt;
    this.budget = options?.budget;
    this.reason = options?.reason;
  }
}

/** Not done, and known not to be done: the connection was refused, or it was only a read. */
export class UnavailableError extends AppError {
  readonly kind = 'unavailable';
}

/** A write left us and no answer came back. It may have been carried out. */
export class OutcomeUnknownError extends AppError {
  readonly kind = 'outcome_unknown';
}
