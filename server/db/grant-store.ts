import type { Grant, GrantStore, NewTokens } from '../app/ports/installation-store.ts';
import type { SecretPlace, Vault } from '../app/ports/secrets.ts';
import type { Tx } from '../app/ports/unit-of-work.ts';
import { type GrantRow, safeInteger } from './rows.ts';
import { queriesOf } from './unit-of-work.ts';

const grants = (tx: Tx) => queriesOf(tx)<GrantRow>('grants').where({ installation_id: tx.installationId });

const place = (column: 'access_token' | 'refresh_token', userId: number): SecretPlace => ({
  table: 'grants',
  column,
  row: String(userId),
});

export function createGrantStore(vault: Vault): GrantStore {
  async function sealTokens(tx: Tx, userId: number, tokens: NewTokens) {
    return {
      access_token: Buffer.from(await vault.seal(tx, place('access_token', userId), tokens.accessToken)),
      refresh_token: Buffer.from(await vault.seal(tx, place('refresh_token', userId), tokens.refreshToken)),
      expires_at: tokens.expiresAt,
    };
  }

  async function toGrant(tx: Tx, row: GrantRow | undefined): Promise<Grant | undefined> {
    if (!row) return undefined;
    const userId = safeInteger(row.user_id);
    return {
      userId,
      userName: row.user_name,
      isAdmin: row.is_admin,
      status: row.status,
      kind: row.kind,
      grantedAt: row.granted_at,
      refreshedAt: row.refreshed_at,
      provenAt: row.proven_at,
      pendingApiDomain: row.pending_api_domain,
      doubts: row.doubts,
      doubtedAt: row.doubted_at,
      tokens: {
        accessToken: await vault.open(tx, place('access_token', userId), row.access_token),
        refreshToken: await vault.open(tx, place('refresh_token', userId), row.refresh_token),
        expiresAt: row.expires_at,
        scopes: row.scopes,
      },
    };
  }

  return {
    async save(tx, { userId, userName, isAdmin, kind, at, ...tokens }) {
      await queriesOf(tx)('grants')
        .insert({
          installation_id: tx.installationId,
          user_id: userId,
          user_name: userName,
          is_admin: isAdmin,
          status: 'active',
          kind,
          scopes: [...tokens.scopes],
          granted_at: at,
          refreshed_at: at,
          proven_at: at,
          pending_api_domain: null,
          doubts: 0,
          doubted_at: null,
          ...(await sealTokens(tx, userId, tokens)),
        })
        .onConflict(['installation_id', 'user_id'])
        .merge();
    },

    findByUser: async (tx, userId) => toGrant(tx, await grants(tx).where('user_id', userId).first()),

    async findForService(tx) {
      const best = grants(tx)
        .where({ status: 'active' })
        .orderBy(['doubts', { column: 'is_admin', order: 'desc' }, 'user_id']);
      return toGrant(tx, await best.first());
    },

    lockByUser: async (tx, userId) => toGrant(tx, await grants(tx).where('user_id', userId).forUpdate().first()),

    async replaceTokens(tx, userId, tokens, pendingApiDomain, at) {
      await grants(tx)
        .where('user_id', userId)
        .update({
          ...(await sealTokens(tx, userId, tokens)),
          status: 'active',
          refreshed_at: at,
          // An answer that names no scopes leaves them as they were (RFC 6749, section 5.1).
          ...(tokens.scopes.length > 0 && { scopes: [...tokens.scopes] }),
          pending_api_domain: pendingApiDomain,
          ...(pendingApiDomain !== null && { proven_at: null }),
        });
    },

    async setProven(tx, userId, { userName, isAdmin, at }) {
      await grants(tx).where('user_id', userId).update({
        user_name: userName,
        is_admin: isAdmin,
        proven_at: at,
        pending_api_domain: null,
        doubts: 0,
        doubted_at: null,
      });
    },

    async setDoubts(tx, userId, doubts, at) {
      await grants(tx).where('user_id', userId).update({ doubts, doubted_at: at, proven_at: null });
    },

    async setStatus(tx, userId, status) {
      await grants(tx).where('user_id', userId).update({ status });
    },

    async setAdmin(tx, userId, isAdmin) {
      await grants(tx).where('user_id', userId).update({ is_admin: isAdmin });
    },

    async expire(tx, userId, now) {
      await grants(tx).where('user_id', userId).update({ expires_at: now, proven_at: null });
    },

    async remove(tx, userId) {
      await grants(tx).where('user_id', userId).delete();
    },

    async list(tx) {
      const rows = await grants(tx).orderBy('user_id');
      return rows.map((row) => ({
        userId: safeInteger(row.user_id),
        userName: row.user_name,
        isAdmin: row.is_admin,
        status: row.status,
        kind: row.kind,
        scopes: row.scopes,
        grantedAt: row.granted_at,
        refreshedAt: row.refreshed_at,
        provenAt: row.proven_at,
        doubts: row.doubts,
      }));
    },
  };
}
