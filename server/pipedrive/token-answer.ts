import { z } from 'zod';
import type { TokenAnswer } from '../app/ports/crm.ts';
import { after } from '../kernel/clock.ts';
import { isTrustedApiDomain, type TrustedHosts } from './api-domain.ts';

/** What Pipedrive documents; a 401 corrects us where it is less. */
const USUAL_SECONDS = 3_599;
const LONGEST_SECONDS = 24 * 60 * 60;

const Answer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.number().positive().catch(USUAL_SECONDS),
  scope: z.string().catch(''),
  api_domain: z.string(),
});

/**
 * Reads a token answer; undefined when something is missing from it, or when its company host is none that may be
 * given a token.
 */
export function readTokenAnswer(json: unknown, now: Date, trusted: TrustedHosts): TokenAnswer | undefined {
  const parsed = Answer.safeParse(json);
  if (!parsed.success) return undefined;
  const { access_token, refresh_token, expires_in, scope, api_domain } = parsed.data;
  if (!isTrustedApiDomain(api_domain, trusted)) return undefined;
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    expiresAt: after(now, Math.min(expires_in, LONGEST_SECONDS) * 1_000),
    scopes: scope.split(/[\s,]+/).filter((part) => part !== ''),
    apiDomain: api_domain,
  };
}
