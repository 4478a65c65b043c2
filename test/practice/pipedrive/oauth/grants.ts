import type { PracticeClock } from '../../kernel/clock.ts';
import type { IdMaker } from '../ids.ts';

const CODE_MS = 5 * 60_000;
const REFRESH_DIES_AFTER_MS = 60 * 24 * 3_600_000;

/** One user of one company who let the app in. */
export interface Grant {
  companyId: number;
  userId: number;
  scopes: string[];
  refreshToken: string;
  /** The token before the last rotation, still good until that moment (epoch ms). */
  retired: { token: string; until: number } | null;
  lastUsedAt: number;
  /** Access tokens and when they end, epoch ms. */
  accessTokens: Map<string, number>;
}

export interface IssuedTokens {
  grant: Grant;
  accessToken: string;
  expiresIn: number;
}

export interface GrantStore {
  /** True = every refresh answers with a new refresh token and the old one is dead. */
  rotateRefreshTokens: boolean;
  /** With rotation: how long the token before still works, answering with the one that replaced it. 0 = not at all. */
  rotationGraceMs: number;
  /** Life of new access tokens in seconds. */
  accessSeconds: number;
  /** Scopes that the next consents give, where fewer than the app asks; null = all. */
  grantedScopes: readonly string[] | null;
  /** Puts something else into the token answers: `expires_in`, `api_domain`, a missing member. Null = as it is. */
  editTokenAnswer: ((answer: Record<string, unknown>) => Record<string, unknown>) | null;
  issueCode(companyId: number, userId: number, redirectUri: string): string;
  /** Undefined for a code that is unknown, older than five minutes, used before, or of another redirect_uri. */
  exchangeCode(code: string, redirectUri: string, scopes: readonly string[]): IssuedTokens | undefined;
  refresh(refreshToken: string): IssuedTokens | undefined;
  byAccessToken(token: string): Grant | undefined;
  of(companyId: number, userId: number): Grant | undefined;
  /** From the next refresh on the grant holds fewer scopes: the vendor took some off the app. */
  narrow(companyId: number, userId: number, scopes: readonly string[]): void;
  /** The access tokens die, the refresh token lives. */
  expireAccess(companyId: number, userId: number): void;
  remove(companyId: number, userId: number): void;
  /** @returns the grant that ended because its refresh token was revoked. */
  revoke(token: string): Grant | undefined;
}

export function createGrantStore(clock: PracticeClock, ids: IdMaker): GrantStore {
  const codes = new Map<string, { companyId: number; userId: number; redirectUri: string; until: number }>();
  const grants = new Map<string, Grant>();
  const key = (companyId: number, userId: number) => `${companyId}/${userId}`;
  const newRefreshToken = (companyId: number, userId: number) => `${companyId}:${userId}:${ids.hex(40)}`;

  const issue = (grant: Grant): IssuedTokens => {
    const now = clock.now();
    for (const [token, until] of grant.accessTokens) if (until <= now) grant.accessTokens.delete(token);
    const accessToken = `v1u:${ids.secret(300)}`;
    grant.accessTokens.set(accessToken, now + store.accessSeconds * 1000);
    grant.lastUsedAt = now;
    return { grant, accessToken, expiresIn: store.accessSeconds };
  };

  const rotate = (grant: Grant) => {
    grant.retired = { token: grant.refreshToken, until: clock.now() + store.rotationGraceMs };
    grant.refreshToken = newRefreshToken(grant.companyId, grant.userId);
  };

  const byRefreshToken = (token: string): { grant: Grant; retired: boolean } | undefined => {
    for (const grant of grants.values()) {
      if (grant.refreshToken === token) return { grant, retired: false };
      if (grant.retired?.token === token && grant.retired.until > clock.now()) return { grant, retired: true };
    }
    return undefined;
  };

  const store: GrantStore = {
    rotateRefreshTokens: false,
    rotationGraceMs: 0,
    accessSeconds: 3_599,
    grantedScopes: null,
    editTokenAnswer: null,
    issueCode: (companyId, userId, redirectUri) => {
      const code = ids.hex(40);
      codes.set(code, { companyId, userId, redirectUri, until: clock.now() + CODE_MS });
      return code;
    },
    exchangeCode: (code, redirectUri, scopes) => {
      const found = codes.get(code);
      codes.delete(code);
      if (!found || found.until < clock.now() || found.redirectUri !== redirectUri) return undefined;
      const { companyId, userId } = found;
      const grant: Grant = {
        companyId,
        userId,
        scopes: [...(store.grantedScopes ?? scopes)],
        retired: null,
        refreshToken: newRefreshToken(companyId, userId),
        lastUsedAt: clock.now(),
        accessTokens: new Map(),
      };
      grants.set(key(companyId, userId), grant);
      return issue(grant);
    },
    refresh: (refreshToken) => {
      const found = byRefreshToken(refreshToken);
      if (!found) return undefined;
      const { grant } = found;
      if (clock.now() - grant.lastUsedAt > REFRESH_DIES_AFTER_MS) {
        grants.delete(key(grant.companyId, grant.userId));
        return undefined;
      }
      if (store.rotateRefreshTokens && !found.retired) rotate(grant);
      return issue(grant);
    },
    byAccessToken: (token) => {
      const now = clock.now();
      return [...grants.values()].find((grant) => (grant.accessTokens.get(token) ?? 0) > now);
    },
    of: (companyId, userId) => grants.get(key(companyId, userId)),
    narrow: (companyId, userId, scopes) => {
      const grant = grants.get(key(companyId, userId));
      if (grant) grant.scopes = [...scopes];
    },
    expireAccess: (companyId, userId) => {
      grants.get(key(companyId, userId))?.accessTokens.clear();
    },
    remove: (companyId, userId) => {
      grants.delete(key(companyId, userId));
    },
    revoke: (token) => {
      for (const grant of grants.values()) {
        grant.accessTokens.delete(token);
        if (grant.refreshToken !== token) continue;
        grants.delete(key(grant.companyId, grant.userId));
        return grant;
      }
      return undefined;
    },
  };
  return store;
}
