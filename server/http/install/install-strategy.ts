import type { Request } from 'express';
import OAuth2Strategy, { type StateStore, type VerifyCallback } from 'passport-oauth2';
import type { CrmIdentity, TokenAnswer } from '../../app/ports/crm.ts';
import type { UseCases } from '../use-cases.ts';

/** The exchange of the code, or the question who it is, failed on Pipedrive's side: its `cause` is one of our kinds. */
export class PipedriveFailure extends Error {}

const failed = (cause: unknown): PipedriveFailure => new PipedriveFailure('Pipedrive failed an install', { cause });

/** What passport calls the user: a grant and whose it is, both from Pipedrive itself. */
export class NewGrant {
  readonly tokens: TokenAnswer;
  readonly identity: CrmIdentity;
  constructor(tokens: TokenAnswer, identity: CrmIdentity) {
    this.tokens = tokens;
    this.identity = identity;
  }
}

export interface InstallStrategyOptions {
  readonly oauth: UseCases['oauth'];
  readonly store: StateStore;
  readonly clientId: string;
  /** e.g. `https://oauth.pipedrive.com` */
  readonly oauthUrl: string;
  readonly callbackUrl: string;
}

const EXCHANGE_LIMIT_MS = 25_000;

type ExchangeDone = (error: unknown, accessToken?: string, refreshToken?: string, answer?: TokenAnswer) => void;

/**
 * passport-oauth2 does redirect, state and callback. It never learns the client secret: the exchange is our own client's
 * (HTTP Basic, deadline, size limit, checked `api_domain`), and who it is comes from `users/me`, never from the query.
 */
export class InstallStrategy extends OAuth2Strategy {
  override name = 'pipedrive';

  constructor({ oauth, store, clientId, oauthUrl, callbackUrl }: InstallStrategyOptions) {
    super(
      {
        authorizationURL: `${oauthUrl}/oauth/authorize`,
        tokenURL: `${oauthUrl}/oauth/token`,
        clientID: clientId,
        clientSecret: '',
        callbackURL: callbackUrl,
        store,
        skipUserProfile: true,
        passReqToCallback: true,
      },
      (
        _req: Request,
        _access: string,
        _refresh: string,
        tokens: TokenAnswer,
        _profile: unknown,
        done: VerifyCallback,
      ) => {
        oauth.identify(tokens.apiDomain, tokens.accessToken, AbortSignal.timeout(EXCHANGE_LIMIT_MS)).then(
          (identity) => done(null, new NewGrant(tokens, identity)),
          (error: unknown) => done(failed(error)),
        );
      },
    );
    // The place that the library leaves for this. By assignment, since its types know no "no error".
    Object.assign(this._oauth2, {
      getOAuthAccessToken(code: string, _params: unknown, done: ExchangeDone): void {
        oauth.exchangeCode(code, callbackUrl, AbortSignal.timeout(EXCHANGE_LIMIT_MS)).then(
          (tokens) => done(null, tokens.accessToken, tokens.refreshToken, tokens),
          // It reads `statusCode` and `data` of an error, which ours do not have, and keeps the error itself.
          (error: unknown) => done(failed(error)),
        );
      },
    });
  }
}

/** The error beneath the one in which passport-oauth2 wraps what the exchange threw. */
export function unwrapExchangeError(error: unknown): unknown {
  return error instanceof OAuth2Strategy.InternalOAuthError ? error.oauthError : error;
}
