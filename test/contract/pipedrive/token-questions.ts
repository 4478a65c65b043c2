import type { Secret } from '../../../server/app/ports/secrets.ts';
import type { Transport } from '../../../server/pipedrive/transport.ts';
import { exchange } from './raw-client.ts';
import type { TokenQuestions } from './scene.ts';
import type { Spent } from './spent.ts';

export interface AppCredentials {
  /** Without a slash at its end. */
  readonly oauthUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly refreshToken: Secret | null;
}

const LIMIT_MS = 60_000;

/** Forms of the token endpoint, as anybody could send them; they cost no tokens of the day. */
export function createTokenQuestions(
  { oauthUrl, clientId, clientSecret, refreshToken }: AppCredentials,
  transport: Transport,
  spent: Spent,
): TokenQuestions {
  const basic = Buffer.from(`${clientId}:${clientSecret.reveal()}`).toString('base64');
  return {
    refreshToken,
    ask(form) {
      spent.book(0);
      return exchange(transport, {
        method: 'POST',
        url: `${oauthUrl}/oauth/token`,
        headers: {
          authorization: `Basic ${basic}`,
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          'user-agent': 'contract-suite',
        },
        body: new URLSearchParams(form).toString(),
        signal: AbortSignal.timeout(LIMIT_MS),
      });
    },
  };
}
