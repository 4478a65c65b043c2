import {
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  ReauthRequiredError,
  UnavailableError,
} from '../../kernel/errors.ts';
import type { CrmIdentity, CrmOAuth, TokenAnswer } from '../ports/crm.ts';
import type { Secret } from '../ports/secrets.ts';

export interface ConnectTokenDeps {
  readonly oauth: Pick<CrmOAuth, 'identify'>;
  readonly completeInstall: (tokens: TokenAnswer, identity: CrmIdentity, kind: 'api_token') => Promise<unknown>;
}

/** An API token ends when its user makes a new one, and tells no date. */
const NO_END = new Date('9999-12-31T00:00:00Z');

/**
 * A self-hosted trial: an admin's personal API token stands where an install by OAuth would. What follows from an install
 * follows from this.
 */
export function makeConnectToken({ oauth, completeInstall }: ConnectTokenDeps) {
  /**
   * @param apiDomain checked: one of Pipedrive's company hosts
   * @throws {InvalidInputError} {ForbiddenError} {UnavailableError} with words for whoever typed it in
   */
  return async function connectToken(apiDomain: string, token: Secret, signal: AbortSignal): Promise<CrmIdentity> {
    const identity = await oauth.identify(apiDomain, token.reveal(), signal, 'api_token').catch(explain);
    if (!identity.isAdmin) {
      throw new ForbiddenError(
        `${identity.userName} is no admin of ${identity.companyName}. Use the token of an admin: the app needs to create fields and webhooks.`,
      );
    }
    const tokens = { accessToken: token.reveal(), refreshToken: '', expiresAt: NO_END, scopes: [], apiDomain };
    await completeInstall(tokens, identity, 'api_token');
    return identity;
  };
}

function explain(error: unknown): never {
  if (error instanceof ReauthRequiredError) {
    const message =
      'Pipedrive does not accept this token at this address. Copy it again from your personal preferences.';
    throw new InvalidInputError([{ code: 'api_token', message }]);
  }
  if (error instanceof NotFoundError) {
    throw new InvalidInputError([{ code: 'company', message: 'There is no Pipedrive company at this address.' }]);
  }
  if (error instanceof UnavailableError) {
    throw new UnavailableError('Pipedrive does not answer at this address. Check it, or try again in a minute.', {
      cause: error,
    });
  }
  throw error;
}
