import { differs, type Found, notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { memberOf, type RawAnswer, recordOf } from '../raw-client.ts';
import type { Scene } from '../scene.ts';

const textOf = (answer: RawAnswer, name: string): string => {
  const value = memberOf(answer.json, name);
  return typeof value === 'string' ? value : '';
};
const membersOf = ({ json }: RawAnswer): string => Object.keys(Object(json)).sort().join(', ');
const NO_APP = 'Set PIPEDRIVE_CLIENT_ID and PIPEDRIVE_CLIENT_SECRET in the environment.';

/** Two refreshes one after the other, and the first token once more. */
async function rotation({ tokens, apiDomain, raw }: Scene): Promise<Found> {
  if (!tokens) return notAsked(NO_APP);
  const first = tokens.refreshToken?.reveal();
  if (first === undefined) return notAsked('Set PIPEDRIVE_REFRESH_TOKEN in the environment; it may be used up.');
  const refresh = (token: string) => tokens.ask({ grant_type: 'refresh_token', refresh_token: token });
  const once = await refresh(first);
  if (once.status !== 200) return differs(`It is answered ${once.status} ${textOf(once, 'error')}.`);
  const second = textOf(once, 'refresh_token');
  const twice = await refresh(second);
  const old = await refresh(first);
  const access = { authorization: `Bearer ${textOf(twice, 'access_token')}` };
  const me = await raw.once('GET', '/api/v1/users/me', undefined, access);
  recordOf(me);
  return verdict(
    [
      [twice.status === 200, `The token that was given is answered ${twice.status}.`],
      [textOf(once, 'api_domain') === apiDomain, `api_domain is ${textOf(once, 'api_domain')}.`],
      [Number(memberOf(once.json, 'expires_in')) > 0, 'expires_in is missing.'],
    ],
    `The refresh token ${second === first ? 'stays' : 'changes'}; the first one is answered ${old.status} afterwards; expires_in ${String(memberOf(once.json, 'expires_in'))}.`,
  );
}

/** The token endpoint. Source: reference 1.1, 1.2, 1.6 and 1.7. They come last, since tokens are used up. */
export const tokenChecks: readonly Check[] = [
  {
    name: 'tokens.refusal',
    claim: 'A code that is no good is refused with 400 and invalid_grant; 200 or another status is never given.',
    async run({ tokens }) {
      if (!tokens) return notAsked(NO_APP);
      const form = { grant_type: 'authorization_code', code: 'no-such-code', redirect_uri: 'https://example.com/' };
      const answer = await tokens.ask(form);
      return verdict(
        [
          [answer.status === 400, `It is answered ${answer.status}.`],
          [textOf(answer, 'error') === 'invalid_grant', `error is ${textOf(answer, 'error') || 'not there'}.`],
        ],
        `Its members: ${membersOf(answer)}.`,
      );
    },
  },
  {
    name: 'tokens.refused-refresh',
    claim: 'A refresh token that is no good is refused with 400 and invalid_grant.',
    async run({ tokens }) {
      if (!tokens) return notAsked(NO_APP);
      const answer = await tokens.ask({ grant_type: 'refresh_token', refresh_token: 'no-such-token' });
      return verdict(
        [
          [answer.status === 400, `It is answered ${answer.status}.`],
          [textOf(answer, 'error') === 'invalid_grant', `error is ${textOf(answer, 'error') || 'not there'}.`],
        ],
        `Its members: ${membersOf(answer)}.`,
      );
    },
  },
  {
    name: 'tokens.rotation',
    claim: 'A refresh gives tokens of the same company that work, whether or not the refresh token changes.',
    run: rotation,
  },
];
