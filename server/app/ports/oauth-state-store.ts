/** One-time OAuth states, each bound to the browser that started. Known before any tenant is. */
export interface OAuthStateStore {
  /** @param stateHash @param browserHash SHA-256 in hex of the state and of the browser's own cookie value */
  add(stateHash: string, browserHash: string, expiresAt: Date): Promise<void>;
  /** Takes the state out, whatever the answer: it works once. */
  consume(stateHash: string, browserHash: string, now: Date): Promise<'ok' | 'unknown' | 'expired' | 'other_browser'>;
}
