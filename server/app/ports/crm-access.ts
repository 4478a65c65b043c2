import type { ShutReason } from '../../domain/crm-gate.ts';
import type { TokenPurpose } from '../../domain/token-budget.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { CrmIdentity, TokenAnswer } from './crm.ts';
import type { GrantKind } from './installation-store.ts';
import type { Secret } from './secrets.ts';

/** The tokens with which one call is made, and the company host they belong to. */
export interface CrmGrant {
  readonly userId: number;
  /** `api_token`: sent as `x-api-token`, never refreshed. */
  readonly kind: GrantKind;
  readonly accessToken: Secret;
  /** Empty for `api_token`. */
  readonly refreshToken: Secret;
  readonly expiresAt: Date;
  /** As stored, or as the last token answer named it; checked again by the client before a token is attached to a request. */
  readonly apiDomain: string;
  /** Pipedrive's id of the company that the installation stands for, as text. */
  readonly companyId: string;
  /** When Pipedrive last said that this grant is of that company; null: it has to be asked first. */
  readonly provenAt: Date | null;
}

/**
 * What a refresh under the lock came to: new tokens to store, `keep` when another process has refreshed meanwhile,
 * `refused` when Pipedrive says that this refresh token is no longer good, or `doubtful` when it refuses for a reason
 * that nobody understands.
 */
export type RefreshOutcome = TokenAnswer | 'keep' | 'refused' | 'doubtful';

/** What Pipedrive itself says of a grant. */
export type GrantProof = Pick<CrmIdentity, 'companyId' | 'userName' | 'isAdmin'>;

/** The grants, as the Pipedrive client needs them. */
export interface GrantAccess {
  /**
   * The grant to call with: an active admin's, else another active one, for `service`; that user's own for a number.
   * One that is doubted comes last. Undefined when there is none, or it was refused.
   * @throws {NotFoundError} when the company has not, or no longer, installed the app
   */
  load(installationId: InstallationId, as: 'service' | number): Promise<CrmGrant | undefined>;

  /**
   * Locks the grant's row over all processes, reads it anew, and gives it to `work`. New tokens are committed before this
   * resolves with them, and a new company host with them, unproven; `keep` resolves with what was read; `refused` marks
   * the grant as refused and resolves with undefined, as does a grant that is gone; `doubtful` counts a doubt, and
   * resolves with undefined once there were too many. When `work` throws, nothing is changed.
   */
  refreshLocked(
    installationId: InstallationId,
    userId: number,
    work: (current: CrmGrant) => Promise<RefreshOutcome>,
  ): Promise<CrmGrant | 'doubtful' | undefined>;

  /**
   * Notes what Pipedrive answered to the question whose grant this is. Of another company: it is refused from here on,
   * and its host is not kept. Of the same: its host is the company's.
   * @returns the grant, or undefined when it is not to be used: the one to use has to be looked for again
   */
  settleProof(installationId: InstallationId, grant: CrmGrant, proof: GrantProof): Promise<CrmGrant | undefined>;

  /** Pipedrive refused a token that it had just given: counts a doubt, which after too many becomes a refusal. */
  doubt(installationId: InstallationId, userId: number): Promise<void>;
}

/** The day's token budget of a company in Pipedrive, kept by us because only its remainder is ever told. */
export interface TokenAccounting {
  /** Whether this purpose may spend so many tokens now; `retryAt` is when to ask again. */
  maySpend(
    installationId: InstallationId,
    purpose: TokenPurpose,
    tokens: number,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly retryAt: Date }>;
  /**
   * Booked before a request is sent: a call that fails is taken to cost as much. A negative number gives back what was
   * booked for a request that never left, or that found nothing left to be charged.
   */
  charge(installationId: InstallationId, purpose: TokenPurpose, operation: string, tokens: number): Promise<void>;
  /** What Pipedrive said of the company's limits in an answer's headers; mostly not all of it. */
  saw(installationId: InstallationId, told: ToldLimits): Promise<void>;
  /** Pipedrive's guard answered with its own page, or the account is not open: nothing is asked until then. */
  shutOut(installationId: InstallationId, until: Date, reason: 'guard' | 'account'): Promise<void>;
  /** Answered again, after all calls had been refused since then. */
  letIn(installationId: InstallationId, shut: { readonly reason: ShutReason; readonly since: Date }): Promise<void>;
}

export interface ToldLimits {
  /** Tokens of the company's day. */
  readonly day?: { readonly limit: number; readonly remaining: number };
  /** Requests in one window of 2 s, which tells the plan. */
  readonly burst?: { readonly limit: number; readonly remaining: number };
  readonly grant: GrantKind;
  /** When the request had its turn. */
  readonly sentAt: Date;
}
