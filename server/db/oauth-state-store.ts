import type { Knex } from 'knex';
import type { OAuthStateStore } from '../app/ports/oauth-state-store.ts';
import { after } from '../kernel/clock.ts';
import { translateDatabaseError } from './database-errors.ts';

interface OAuthStateRow {
  state_hash: string;
  browser_hash: string;
  expires_at: Date;
}

const HOUR_MS = 3_600_000;

export function createOAuthStateStore(db: Knex): OAuthStateStore {
  const states = () => db<OAuthStateRow>('oauth_states');
  return {
    async add(stateHash, browserHash, expiresAt) {
      try {
        await states().insert({ state_hash: stateHash, browser_hash: browserHash, expires_at: expiresAt });
        // Nobody comes back for these; they are told apart from unknown ones for an hour.
        await states()
          .where('expires_at', '<', after(expiresAt, -2 * HOUR_MS))
          .delete();
      } catch (error) {
        throw translateDatabaseError(error);
      }
    },

    async consume(stateHash, browserHash, now) {
      try {
        const [state] = await states().where({ state_hash: stateHash }).delete().returning('*');
        if (!state) return 'unknown';
        if (state.browser_hash !== browserHash) return 'other_browser';
        return state.expires_at <= now ? 'expired' : 'ok';
      } catch (error) {
        throw translateDatabaseError(error);
      }
    },
  };
}
