import type { InstallationId } from '../../kernel/ids.ts';
import type { TokenAnswer } from './crm.ts';
import type { Secret } from './secrets.ts';
import type { TokenPurpose } from './token-ledger.ts';

/** The tokens with which one call is made, and the company host they belong to. */
export interface CrmGrant {
  readonly userId: number;
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
  readonly expiresAt: Date;
  /** As stored; checked again by the client before a token is attached to a request. */
  readonly apiDomain: string;
}

/**
 * What a refresh under the lock came to: new tokens to store, `keep` when another process has refreshed meanwhile, or
 * `refused` when Pipedrive says that this refresh token is no longer good.
 */
export type RefreshOutcome = TokenAnswer | 'keep' | 'refused';

/** The grants, as the Pipedrive client needs them. */
export interface GrantAccess {
  /**
   * The grant to call with: an active admin's, else another active one, for `service`; that user's own for a number.
   * Undefined when there is none, or it was refused.
   */
  load(installationId: InstallationId, as: 'service' | number): Promise<CrmGrant | undefined>;

  /**
   * Locks the grant's row over all processes, reads it anew, and gives it to `work`. New tokens and api domain are
   * committed before this resolves with them; `keep` resolves with what was read; `refused` marks the grant as refused
   * and resolves with undefined, as does a grant that is gone. When `work` throws, nothing is changed.
   */
  refreshLocked(
    installationId: InstallationId,
    userId: number,
    work: (current: CrmGrant) => Promise<RefreshOutcome>,
  ): Promise<CrmGrant | undefined>;
}

/** The day's token budget of a company in Pipedrive, kept by us because only its remainder is ever told. */
export interface TokenAccounting {
  /** Whether this purpose may spend so many tokens now; `retryAt` is when to ask again. */
  maySpend(
    installationId: InstallationId,
    purpose: TokenPurpose,
    tokens: number,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly retryAt: Date }>;
  /** Booked before a request is sent: a call that fails is taken to cost as much. */
  charge(installationId: InstallationId, purpose: TokenPurpose, operation: string, tokens: number): Promise<void>;
  /** What Pipedrive said of the company's day in an answer's headers. */
  saw(installationId: InstallationId, day: { readonly limit: number; readonly remaining: number }): Promise<void>;
}
