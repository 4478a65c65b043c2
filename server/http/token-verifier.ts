import { compactVerify, errors } from 'jose';
import { z } from 'zod';
import type { Secret } from '../app/ports/secrets.ts';
import type { Clock } from '../kernel/clock.ts';
import { type TokenFault, UnauthenticatedError } from './unauthenticated-error.ts';

const MAX_TOKEN_LENGTH = 8_192;
/** Three parts without padding, so that one token has one text. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** How far Pipedrive's clock may run ahead of ours. A token that has run out is out: the page gets a new one at once. */
const SKEW_SECONDS = 60;
/** Pipedrive's tokens live 5 minutes; one that is good for longer than this is none of its (SE-24). */
const MAX_LIFETIME_SECONDS = 1_800;

const Seconds = z.number().int().positive();
const PositiveId = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const CompanyId = z.union([PositiveId.transform(String), z.string().regex(/^[1-9]\d{0,18}$/)]);
const Claims = z.object({
  userId: PositiveId,
  companyId: CompanyId,
  exp: Seconds,
  iat: Seconds.optional(),
  nbf: Seconds.optional(),
});
type Claims = z.infer<typeof Claims>;

/** One shared secret signs: a token that brings or names a key of its own was made by somebody else. */
const Header = z.object({
  typ: z.string().regex(/^jwt$/i).optional(),
  jwk: z.never().optional(),
  jku: z.never().optional(),
  x5u: z.never().optional(),
  x5c: z.never().optional(),
  crit: z.never().optional(),
});

export interface TokenClaims {
  readonly companyId: string;
  readonly userId: number;
}

export interface TokenVerifier {
  /** @throws {UnauthenticatedError} for any token that is not Pipedrive's, not yet good or no longer good */
  verify(token: string): Promise<TokenClaims>;
  /**
   * Whose page this is, also when the token has run out (a page reloaded in its frame brings the old one). Good for
   * deciding who may frame an empty page, never for data.
   */
  identify(token: string): Promise<TokenClaims | undefined>;
}

/**
 * The tokens that Pipedrive gives to extensions: HS256 with a shared secret, claims `userId` and `companyId`.
 * @param secret at least 32 bytes; config sees to it
 */
export function createTokenVerifier(secret: Secret, clock: Clock): TokenVerifier {
  const key = new TextEncoder().encode(secret.reveal());
  return {
    async verify(token) {
      const claims = await readSigned(token, key);
      const fault = typeof claims === 'string' ? claims : faultOfTime(claims, clock.now());
      if (typeof claims === 'string' || fault !== undefined) {
        const message = 'Pipedrive’s sign-in for this page is not valid any more. Reload the page.';
        throw new UnauthenticatedError(message, fault ?? 'token_claims');
      }
      return { companyId: claims.companyId, userId: claims.userId };
    },
    async identify(token) {
      const claims = await readSigned(token, key);
      return typeof claims === 'string' ? undefined : { companyId: claims.companyId, userId: claims.userId };
    },
  };
}

/** Every way of being malformed or wrongly signed is answered alike: only the log is told which it was. */
async function readSigned(token: string, key: Uint8Array): Promise<Claims | TokenFault> {
  if (token.length > MAX_TOKEN_LENGTH || !COMPACT.test(token)) return 'token_malformed';
  try {
    const { payload, protectedHeader } = await compactVerify(token, key, { algorithms: ['HS256'] });
    if (!Header.safeParse(protectedHeader).success) return 'token_header';
    const text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
    return Claims.safeParse(JSON.parse(text)).data ?? 'token_claims';
  } catch (error) {
    if (error instanceof errors.JOSEAlgNotAllowed) return 'token_algorithm';
    if (error instanceof errors.JWSSignatureVerificationFailed) return 'token_signature';
    return error instanceof errors.JOSEError ? 'token_header' : 'token_claims';
  }
}

function faultOfTime({ exp, iat, nbf }: Claims, now: Date): TokenFault | undefined {
  const seconds = Math.floor(now.getTime() / 1000);
  const latestStart = seconds + SKEW_SECONDS;
  if (exp <= seconds) return 'token_expired';
  if (exp > seconds + MAX_LIFETIME_SECONDS) return 'token_too_long_lived';
  return (iat ?? 0) > latestStart || (nbf ?? 0) > latestStart ? 'token_not_yet_good' : undefined;
}
