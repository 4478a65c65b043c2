import { z } from 'zod';
import type { TokenAnswer } from '../app/ports/crm.ts';
import { after } from '../kernel/clock.ts';
import { isTrustedApiDomain, type TrustedHosts } from './api-domain.ts';

/** What Pipedrive documents; a 401 corrects us where it is less. */
const USUAL_SECONDS = 3_599;
const LONGEST_SECONDS = 24 * 60 * 60;
/** Tokens are renewed some minutes early, which one that is said to live shorter would be at every call. */
const SHORTEST_SECONDS = 5 * 60;

const Answer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.number().positive().catch(USUAL_SECONDS),
  scope: z.string().catch(''),
  api_domain: z.string(),
});

/**
 * Reads a token answer: `incomplete` when something is missing from it, `untrusted` when its company host is none that
 * may be given a token.
 */
export function readTokenAnswer(
  json: unknown,
  now: Date,
  trusted: TrustedHosts,
): TokenAnswer | 'incomplete' | 'untrusted' {
  const parsed = Answer.safeParse(json);
  if (!parsed.success) return 'incomplete';
  const { access_token, refresh_token, expires_in, scope, api_domain } = parsed.data;
  if (!isTrustedApiDomain(api_domain, trusted)) return 'untrusted';
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    expiresAt: after(now, Math.min(Math.max(expires_in, SHORTEST_SECONDS), LONGEST_SECONDS) * 1_000),
    scopes: scope.split(/[\s,]+/).filter((part) => part !== ''),
    apiDomain: api_domain,
  };
}
