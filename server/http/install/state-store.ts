import type { Request } from 'express';
import type { StateStore, StateStoreStoreCallback, StateStoreVerifyCallback } from 'passport-oauth2';
import type { OAuthStateStore } from '../../app/ports/oauth-state-store.ts';
import { sha256 } from '../../kernel/canonical-json.ts';
import { after, type Clock } from '../../kernel/clock.ts';
import type { BrowserCookie } from './browser-cookie.ts';

const LIFETIME_MS = 600_000;
/** Any browser without our cookie: matches no state, but uses the state up. */
const NO_BROWSER = sha256('');

export interface StateStoreDeps {
  readonly states: OAuthStateStore;
  readonly cookie: BrowserCookie;
  readonly clock: Clock;
  /** 256 random bits in base64url. */
  readonly newToken: () => string;
}

/** Why a state was not taken; reaches the caller of passport as its challenge. */
export interface StateRefusal {
  readonly reason: 'unknown' | 'expired' | 'other_browser';
}

/** One-time states for passport-oauth2: 10 minutes, bound to one browser, only hashes are kept. */
export function createStateStore({ states, cookie, clock, newToken }: StateStoreDeps): StateStore {
  async function store(req: Request): Promise<string> {
    const { res } = req;
    if (!res) throw new Error('The request has no response.');
    const state = newToken();
    // Two tabs of one browser may install side by side, so a browser keeps its value.
    const browser = cookie.read(req) ?? newToken();
    await states.add(sha256(state), sha256(browser), after(clock.now(), LIFETIME_MS));
    cookie.write(res, browser);
    return state;
  }

  async function consume(req: Request, state: string) {
    const browser = cookie.read(req);
    return states.consume(sha256(state), browser === undefined ? NO_BROWSER : sha256(browser), clock.now());
  }

  return {
    // passport-oauth2 counts the parameters: with three it hands over its metadata second and the callback last.
    store(req: Request, _meta: unknown, done?: StateStoreStoreCallback): void {
      if (!done) throw new TypeError('passport-oauth2 gave no callback');
      store(req).then(
        (state) => done(null, state),
        (error: Error) => done(error, undefined),
      );
    },
    verify(req: Request, state: string, done: unknown): void {
      const answer = done as StateStoreVerifyCallback;
      consume(req, state).then(
        (result) => answer(null, result === 'ok', result === 'ok' ? undefined : { reason: result }),
        (error: Error) => answer(error, false, undefined),
      );
    },
  };
}
