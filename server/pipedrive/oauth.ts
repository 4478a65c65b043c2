import type { CrmOAuth } from '../app/ports/crm.ts';
import { InvalidInputError, UnavailableError } from '../kernel/errors.ts';
import { correlationIdOf, jsonOf } from './answers.ts';
import { isTrustedApiDomain } from './api-domain.ts';
import { credentialHeader } from './credentials.ts';
import { errorOfAnswer, errorOfSuccess, notAnswering, unreadableAnswer } from './errors.ts';
import { operation } from './operations.ts';
import { IdentityAnswer } from './resources/users.ts';
import type { OAuthDeps, TokenEndpoint } from './token-endpoint.ts';
import { NoAnswerError } from './transport.ts';
import { USER_AGENT } from './user-agent.ts';

export function createOAuth(deps: OAuthDeps, endpoint: TokenEndpoint): CrmOAuth {
  return {
    async exchangeCode(code, redirectUri, signal) {
      const tokens = await endpoint.exchange(code, redirectUri, signal);
      if (tokens === 'doubtful') throw notAnswering();
      if (tokens !== 'refused') return tokens;
      const message = 'This installation link was used already or is too old. Start the installation again.';
      throw new InvalidInputError([{ code: 'oauth_code', message }]);
    },

    async identify(apiDomain, accessToken, signal, kind = 'oauth') {
      if (!isTrustedApiDomain(apiDomain, deps.trusted)) {
        throw new UnavailableError('The address of this Pipedrive company is not one of Pipedrive.');
      }
      const { method, path } = operation('getMe');
      const headers = {
        ...credentialHeader(kind, accessToken),
        accept: 'application/json',
        'user-agent': USER_AGENT,
      };
      const answer = await deps.transport
        .exchange({ method, url: `${apiDomain}${path}`, headers, signal })
        .catch((failure: unknown) => {
          throw failure instanceof NoAnswerError ? notAnswering(failure) : failure;
        });
      if (answer.status !== 200) throw errorOfAnswer(method, answer, deps.clock.now());
      const json = jsonOf(answer);
      const failure = errorOfSuccess(method, answer, json);
      if (failure) throw failure;
      const parsed = IdentityAnswer.safeParse(json);
      if (!parsed.success) throw unreadableAnswer(method, parsed.error, correlationIdOf(answer));
      return parsed.data.data;
    },

    revoke: (refreshToken, signal) => endpoint.revoke(refreshToken, signal),
  };
}
