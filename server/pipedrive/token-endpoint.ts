import type { TokenAnswer } from '../app/ports/crm.ts';
import type { Secret } from '../app/ports/secrets.ts';
import type { Clock } from '../kernel/clock.ts';
import { UnavailableError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { correlationIdOf, jsonOf } from './answers.ts';
import type { TrustedHosts } from './api-domain.ts';
import { isUnclear, notAnswering } from './errors.ts';
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

/** `doubtful`: refused for a reason that is not understood, which may be the token or may be we. */
export type TokenRefusal = 'refused' | 'doubtful';

export interface TokenEndpoint {
  /**
   * Gives the tokens, or `refused` when this code is no longer good.
   * @throws {UnavailableError} also when the app itself is refused: that says nothing about anybody's grant
   */
  exchange(code: string, redirectUri: string, signal: AbortSignal): Promise<TokenAnswer | TokenRefusal>;
  /**
   * As `exchange`, for a refresh token. When the answer is lost, Pipedrive may have exchanged the token already; then the
   * old one is tried once more at once, while a server that allows for that still takes it.
   */
  refresh(refreshToken: string, signal: AbortSignal): Promise<TokenAnswer | TokenRefusal>;
  /** @throws {UnavailableError} */
  revoke(refreshToken: string, signal: AbortSignal): Promise<void>;
}

/** No tokens, and no word about the code or refresh token either. */
class LostAnswerError extends UnavailableError {}

export function createTokenEndpoint(deps: OAuthDeps): TokenEndpoint {
  return {
    exchange: (code, redirectUri, signal) =>
      ask(deps, { grant_type: 'authorization_code', code, redirect_uri: redirectUri }, signal),
    async refresh(refreshToken, signal) {
      const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
      try {
        return await ask(deps, form, signal);
      } catch (failure) {
        if (!(failure instanceof LostAnswerError) || signal.aborted) throw failure;
        return await ask(deps, form, signal);
      }
    },
    async revoke(refreshToken, signal) {
      const form = { token: refreshToken, token_type_hint: 'refresh_token' };
      const answer = await post(deps, '/oauth/revoke', form, signal);
      if (answer.status >= 300) throw notAnswering(undefined, correlationIdOf(answer));
    },
  };
}

async function ask(
  deps: OAuthDeps,
  form: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<TokenAnswer | TokenRefusal> {
  const answer = await post(deps, '/oauth/token', form, signal);
  if (answer.status !== 200) return judgeRefusal(deps, answer);
  const read = readTokenAnswer(jsonOf(answer), deps.clock.now(), deps.trusted);
  if (typeof read !== 'string') return read;
  deps.logger.error('Pipedrive gave a token answer that is not usable', new Error(`token answer: ${read}`));
  // What names another host will do so again; half an answer may be a proxy's doing.
  if (read === 'untrusted') throw new UnavailableError('Pipedrive gave an answer that this app does not accept.');
  throw new LostAnswerError('Pipedrive gave an answer that this app does not accept.');
}

/**
 * A refusal of the code or refresh token is told apart from one of the app by its words, since the layout of these
 * errors is documented nowhere (reference pipedrive-api.md, section 1.6). What cannot be told apart is a doubt.
 */
function judgeRefusal({ logger }: OAuthDeps, answer: HttpAnswer): TokenRefusal {
  const requestId = correlationIdOf(answer);
  if (isUnclear(answer.status)) throw new LostAnswerError('Pipedrive does not answer at the moment.', { requestId });
  const said = jsonOf(answer) === undefined ? '' : answer.text.toLowerCase();
  const verdict = answer.status === 400 && said !== '' ? judgeWords(said) : 'not_us';
  if (verdict === 'refused') return 'refused';
  logger.error('Pipedrive refused the app at its token endpoint', new Error('token endpoint refused'), {
    status: answer.status,
    state: verdict,
    correlationId: requestId,
  });
  if (verdict === 'doubtful') return 'doubtful';
  throw notAnswering(undefined, requestId);
}

function judgeWords(said: string): TokenRefusal | 'not_us' {
  if (said.includes('invalid_grant')) return 'refused';
  const ofToken = /refresh.?token|authorization.?code/.test(said);
  const ofApp = /client|redirect|unsupported|grant_type|content.?type/.test(said);
  if (ofToken) return ofApp ? 'doubtful' : 'refused';
  return ofApp ? 'not_us' : 'doubtful';
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
    if (!(failure instanceof NoAnswerError)) throw failure;
    if (!failure.mayHaveArrived) throw notAnswering(failure);
    throw new LostAnswerError('Pipedrive does not answer at the moment.', { cause: failure });
  }
}
