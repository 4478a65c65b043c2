import { randomUUID } from 'node:crypto';
import type { PracticeClock } from '../kernel/clock.ts';
import type { Fields } from '../kernel/json.ts';
import { textOf } from '../kernel/json.ts';
import { SapError } from './errors.ts';

export interface PracticeUser {
  readonly name: string;
  readonly password: string;
  /** A user that no licence was given to cannot sign in. */
  readonly licensed?: boolean;
}

export interface SapSession {
  readonly id: string;
  readonly company: string;
  readonly user: string;
}

export interface Sessions {
  /**
   * @throws SapError 401 with -304 (user, password, locked) or -306 (company), both in the same words; 400 with 100000085
   * for a user without a licence; 401 with -118 where all sessions are taken.
   */
  login(sent: Fields): SapSession;
  logout(id: string): void;
  /** The session, its idle time starting anew; undefined once it is gone. */
  use(id: string): SapSession | undefined;
  /** The same without counting as use. */
  peek(id: string): SapSession | undefined;
  /** As after a restart of the service. */
  dropAll(): void;
  /** Ends the sessions of one company only. */
  dropCompany(company: string): void;
  count(): number;
  /** True once too many wrong passwords locked that user; SAP does not tell the client. */
  isLocked(user: string): boolean;
  unlock(user: string): void;
  changePassword(user: string, password: string): void;
}

export interface SessionRules {
  readonly clock: PracticeClock;
  readonly users: readonly PracticeUser[];
  /** Idle, not absolute. */
  readonly timeoutMinutes: number;
  /** Wrong passwords in a row until the user is locked. */
  readonly attempts: number;
  /** What the licence server grants at once. */
  readonly maxSessions?: number;
  readonly hasCompany: (name: string) => boolean;
}

const ONE_FOR_ALL = 'Fail to NONE-SSO login from SLD.';

export function createSessions({
  clock,
  users,
  timeoutMinutes,
  attempts,
  maxSessions = Number.POSITIVE_INFINITY,
  hasCompany,
}: SessionRules): Sessions {
  const sessions = new Map<string, { session: SapSession; lastUsed: number }>();
  const passwords = new Map(users.map(({ name, password }) => [name, password]));
  const failures = new Map<string, number>();
  const unlicensed = new Set(users.filter(({ licensed }) => licensed === false).map(({ name }) => name));
  const isIdle = (lastUsed: number) => clock.now() - lastUsed > timeoutMinutes * 60_000;
  const isLocked = (user: string) => (failures.get(user) ?? 0) >= attempts;

  function login(sent: Fields): SapSession {
    const company = textOf(sent, 'CompanyDB');
    const user = textOf(sent, 'UserName');
    if (!hasCompany(company)) throw new SapError(401, -306, ONE_FOR_ALL);
    if (isLocked(user) || passwords.get(user) !== textOf(sent, 'Password')) {
      failures.set(user, (failures.get(user) ?? 0) + 1);
      throw new SapError(401, -304, ONE_FOR_ALL);
    }
    failures.delete(user);
    if (unlicensed.has(user)) throw new SapError(400, 100000085, 'No license is assigned to this user');
    for (const [id, { lastUsed }] of sessions) if (isIdle(lastUsed)) sessions.delete(id);
    if (sessions.size >= maxSessions)
      throw new SapError(401, -118, 'You have exceeded the number of max concurrent users');
    const session = { id: randomUUID(), company, user };
    sessions.set(session.id, { session, lastUsed: clock.now() });
    return session;
  }

  function use(id: string): SapSession | undefined {
    const entry = sessions.get(id);
    if (entry === undefined) return undefined;
    if (isIdle(entry.lastUsed)) {
      sessions.delete(id);
      return undefined;
    }
    entry.lastUsed = clock.now();
    return entry.session;
  }

  return {
    login,
    use,
    peek: (id) => sessions.get(id)?.session,
    logout: (id) => {
      sessions.delete(id);
    },
    dropAll: () => sessions.clear(),
    dropCompany(company) {
      for (const [id, { session }] of sessions) if (session.company === company) sessions.delete(id);
    },
    count: () => sessions.size,
    isLocked,
    unlock: (user) => {
      failures.delete(user);
    },
    changePassword(user, password) {
      passwords.set(user, password);
      for (const [id, { session }] of sessions) if (session.user === user) sessions.delete(id);
    },
  };
}
