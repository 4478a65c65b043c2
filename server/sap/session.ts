import { after, type Clock } from '../kernel/clock.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { singleFlight } from '../net/single-flight.ts';
import { type Cookies, cookieHeader, readCookie } from './cookies.ts';
import type { Dialect } from './dialect.ts';
import type { SignedIn } from './sign-in.ts';

/** One signed-in session, shared by all requests of a connection in this process. */
export interface SapSession {
  readonly dialect: Dialect;
  readonly timeoutMs: number;
  /** It took the place of one that SAP doubted with -5002: a second doubt is then SAP's last word. */
  readonly afterDoubt: boolean;
  cookies: Cookies;
  lastUsed: Date;
  /** A request in it was answered well. */
  proved: boolean;
}

export interface SessionHolder {
  /** @throws {UnavailableError} while SAP gives sessions that it does not know afterwards */
  current(): Promise<SapSession>;
  /** After a 401. Signs in again, unless another request already has. */
  replace(refused: SapSession, doubted?: boolean): Promise<SapSession>;
  /** After a 401 on a write, or on a session that was just made: the next request signs in anew. */
  drop(refused: SapSession, doubted?: boolean): void;
  /** Called with each request in it that was answered well. */
  prove(session: SapSession): void;
  /** The live session, and forgets it: for the logout. */
  take(): SapSession | undefined;
}

/** Told about sign-ins that go well and sessions that are refused at once all the same. */
export interface SessionWatch {
  /** @param times in a row, or without a pause worth the name */
  readonly onFruitless: (times: number) => void;
  /** The first session of this holder that was of use, the first one after fruitless ones, and one that lasts after many. */
  readonly onProved: () => void;
}

/** Signed in again a little before SAP's idle time-out, which slides with every request. */
const SLACK_MS = 30_000;
/** One fruitless sign-in may be a node that was just started anew; from the second on SAP is spared. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/**
 * Every session that is lost early lives on at SAP until it times out. So many may be made at once, as after restarts; more,
 * one in so long, only where a node or a proxy loses sessions all the time.
 */
const SESSIONS_AT_ONCE = 20;
const SESSION_EACH_MS = 60_000;

/** However many requests are refused at once, one sign-in follows. */
export function createSessionHolder(login: () => Promise<SignedIn>, clock: Clock, watch: SessionWatch): SessionHolder {
  let live: SapSession | undefined;
  let doubt = false;
  let fruitless = 0;
  let everProved = false;
  let pauseUntil: Date | undefined;
  let allowed = SESSIONS_AT_ONCE;
  let countedAt = clock.now();
  let stormy = false;

  const count = (made: number) => {
    const now = clock.now();
    const earned = Math.max(0, now.getTime() - countedAt.getTime()) / SESSION_EACH_MS;
    allowed = Math.min(SESSIONS_AT_ONCE, allowed + earned) - made;
    countedAt = now;
    return allowed;
  };
  const spare = (): never => {
    if (!stormy) watch.onFruitless(SESSIONS_AT_ONCE);
    stormy = true;
    throw refusedAgain();
  };
  const signIn = singleFlight(async () => {
    if (pauseUntil && clock.now() < pauseUntil) throw refusedAgain();
    if (count(0) < 1) spare();
    const { dialect, timeoutMs, cookies } = await login();
    count(1);
    live = { dialect, timeoutMs, cookies, lastUsed: clock.now(), afterDoubt: doubt, proved: false };
    doubt = false;
    return live;
  });
  const forget = (refused: SapSession, doubted: boolean) => {
    if (live !== refused) return;
    live = undefined;
    doubt = doubted;
    if (refused.proved || doubted) return;
    fruitless += 1;
    if (fruitless > 1) pauseUntil = after(clock.now(), pauseAfter(fruitless));
    watch.onFruitless(fruitless);
  };

  return {
    async current() {
      return live && !isIdle(live, clock) ? live : signIn();
    },
    async replace(refused, doubted = false) {
      forget(refused, doubted);
      return live ?? signIn();
    },
    drop: (refused, doubted = false) => forget(refused, doubted),
    prove(session) {
      if (stormy && count(0) >= SESSIONS_AT_ONCE / 2) {
        stormy = false;
        watch.onProved();
      }
      if (session.proved) return;
      session.proved = true;
      if (!everProved || fruitless > 0) watch.onProved();
      everProved = true;
      fruitless = 0;
      pauseUntil = undefined;
    },
    take() {
      const taken = live;
      live = undefined;
      return taken;
    },
  };
}

function pauseAfter(fruitless: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (fruitless - 2));
}

function refusedAgain(): UnavailableError {
  return new UnavailableError(
    'SAP accepts the sign-in, but then does not know the session. It is tried again in a while.',
  );
}

function isIdle(session: SapSession, clock: Clock): boolean {
  const slack = Math.min(SLACK_MS, session.timeoutMs / 2);
  return clock.now() >= after(session.lastUsed, session.timeoutMs - slack);
}

export function sessionHeaders(session: SapSession): Record<string, string> {
  return { cookie: cookieHeader(session.cookies) };
}

/** After any answer in a session that is still good: the load balancer may have moved it to another node. */
export function followRoute(session: SapSession, setCookies: readonly string[]): void {
  const route = readCookie(setCookies, 'ROUTEID');
  if (route !== undefined) session.cookies = { ...session.cookies, route };
}
