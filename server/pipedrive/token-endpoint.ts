import type { TokenAnswer } from '../app/ports/crm.ts';
import type { Secret } from '../app/ports/secrets.ts';
import type { Clock } from '../kernel/clock.ts';
import { UnavailableError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { jsonOf } from './answers.ts';
import type { TrustedHosts } from './api-domain.ts';
import { notAnswering } from './errors.ts';
import { readTokenAnswer } from './token-answer.ts';
import { type HttpAnswer, NoAnswerError, type Transport } from './transport.ts';
import { USER_AGENT } from './user-agent.ts';

export interface OAuthDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly transport: Transport;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Without a trailing slash, e.g. `https://oauth.pipedrive.com`. */
  readonly oauthUrl: string;
  readonly trusted: TrustedHosts;
}

export interface TokenEndpoint {
  /**
   * Gives the tokens, or `refused` when this code or refresh token is no longer good.
   * @throws {UnavailableError} also when the app itself is refused: that says nothing about anybody's grant
   */
  ask(form: Readonly<Record<string, string>>, signal: AbortSignal): Promise<TokenAnswer | 'refused'>;
  revoke(refreshToken: string, signal: AbortSignal): Promise<void>;
}

export function createTokenEndpoint(deps: OAuthDeps): TokenEndpoint {
  return {
    async ask(form, signal) {
      const answer = await post(deps, '/oauth/token', form, signal);
      if (answer.status !== 200) return judgeRefusal(deps, answer);
      const tokens = readTokenAnswer(jsonOf(answer), deps.clock.now(), deps.trusted);
      if (tokens) return tokens;
      deps.logger.error('Pipedrive gave a token answer that is not usable', new Error('unusable token answer'));
      throw new UnavailableError('Pipedrive gave an answer that this app does not accept.');
    },
    async revoke(refreshToken, signal) {
      const form = { token: refreshToken, token_type_hint: 'refresh_token' };
      const answer = await post(deps, '/oauth/revoke', form, signal);
      if (answer.status >= 300) throw notAnswering();
    },
  };
}

/**
 * A refusal of the code or refresh token is told apart from one of the app by its words, since the layout of these
 * errors is documented nowhere. What is not understood is taken for a disturbance, so that no grant dies of it.
 */
function judgeRefusal({ logger }: OAuthDeps, answer: HttpAnswer): 'refused' {
  const said = jsonOf(answer) === undefined ? '' : answer.text.toLowerCase();
  if (answer.status === 400 && isOfGrant(said)) return 'refused';
  if (answer.status < 500) {
    logger.error('Pipedrive refused the app at its token endpoint', new Error('token endpoint refused'), {
      status: answer.status,
    });
  }
  throw notAnswering();
}

function isOfGrant(said: string): boolean {
  if (said.includes('invalid_grant')) return true;
  if (/client|redirect|unsupported|grant_type/.test(said)) return false;
  return /refresh.?token|authorization.?code/.test(said);
}

async function post(
  deps: OAuthDeps,
  path: string,
  form: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const basic = Buffer.from(`${deps.clientId}:${deps.clientSecret.reveal()}`).toString('base64');
  try {
    return await deps.transport.exchange({
      method: 'POST',
      url: `${deps.oauthUrl}${path}`,
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        'user-agent': USER_AGENT,
      },
      body: new URLSearchParams(form).toString(),
      signal,
    });
  } catch (failure) {
    if (failure instanceof NoAnswerError) throw notAnswering(failure);
    throw failure;
  }
}
