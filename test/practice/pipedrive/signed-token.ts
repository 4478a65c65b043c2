import { createHmac } from 'node:crypto';
import type { PracticeClock } from '../kernel/clock.ts';

export interface TokenClaims {
  userId: number;
  companyId: number;
}

/** The token that an iframe gets: HS256, user and company, five minutes unless told otherwise. */
export function signFrameToken(
  clock: PracticeClock,
  secret: string,
  claims: TokenClaims,
  expiresInSeconds = 300,
): string {
  const iat = Math.floor(clock.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ alg: 'HS256', typ: 'JWT' });
  const payload = part({ userId: claims.userId, companyId: claims.companyId, iat, exp: iat + expiresInSeconds });
  const signature = createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url');
  return `${head}.${payload}.${signature}`;
}

/** Asking again before the end gives the same token: a "fresh" one may have a second left. */
export function createTokenKeeper(clock: PracticeClock, sign: (userId: number) => string): (userId: number) => string {
  const kept = new Map<number, { token: string; until: number }>();
  return (userId) => {
    const known = kept.get(userId);
    if (known && known.until > clock.now() + 1_000) return known.token;
    const token = sign(userId);
    kept.set(userId, { token, until: clock.now() + 300_000 });
    return token;
  };
}
