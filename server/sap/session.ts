import { after, type Clock } from '../kernel/clock.ts';
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
}

export interface SessionHolder {
  current(): Promise<SapSession>;
  /** After a 401. Signs in again, unless another request already has. */
  replace(refused: SapSession, doubted?: boolean): Promise<SapSession>;
  /** After a 401 on a write: the next request signs in anew. */
  drop(refused: SapSession, doubted?: boolean): void;
  /** The live session, and forgets it: for the logout. */
  take(): SapSession | undefined;
}

/** Signed in again a little before SAP's idle time-out, which slides with every request. */
const SLACK_MS = 30_000;

/** However many requests are refused at once, one sign-in follows. */
export function createSessionHolder(login: () => Promise<SignedIn>, clock: Clock): SessionHolder {
  let live: SapSession | undefined;
  let doubt = false;
  const signIn = singleFlight(async () => {
    const { dialect, timeoutMs, cookies } = await login();
    live = { dialect, timeoutMs, cookies, lastUsed: clock.now(), afterDoubt: doubt };
    doubt = false;
    return live;
  });
  const forget = (refused: SapSession, doubted: boolean) => {
    if (live !== refused) return;
    live = undefined;
    doubt = doubted;
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
    take() {
      const taken = live;
      live = undefined;
      return taken;
    },
  };
}

function isIdle(session: SapSession, clock: Clock): boolean {
  const slack = Math.min(SLACK_MS, session.timeoutMs / 2);
  return clock.now() >= after(session.lastUsed, session.timeoutMs - slack);
}

export function sessionHeaders(session: SapSession): Record<string, string> {
  return { cookie: cookieHeader(session.cookies) };
}

/** Slides the idle time-out and follows a changed node. */
export function touchSession(session: SapSession, setCookies: readonly string[], now: Date): void {
  session.lastUsed = now;
  const route = readCookie(setCookies, 'ROUTEID');
  if (route !== undefined) session.cookies = { ...session.cookies, route };
}
