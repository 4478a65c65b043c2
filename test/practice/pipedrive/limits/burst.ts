import type { PracticeClock } from '../../kernel/clock.ts';
import type { Plan } from '../options.ts';

const WINDOW_MS = 2_000;
const SEARCH_LIMIT = 10;
const OAUTH_LIMIT: Record<Plan, number> = { lite: 80, growth: 160, premium: 400, ultimate: 480 };
/** A personal API token gets a quarter of what an app gets (20, 40, 100, 120). */
const API_TOKEN_SHARE = 4;
/** After this many refusals within ten seconds the gateway stops answering with JSON. */
const HAMMER_LIMIT = 100;
const HAMMER_WINDOW_MS = 10_000;
const BLOCK_MS = 60_000;

export interface BurstVerdict {
  allowed: boolean;
  /** The caller went on after many refusals: Cloudflare answers instead, with HTML. */
  blocked: boolean;
  limit: number;
  remaining: number;
  /** Seconds until the window has room again. */
  resetSeconds: number;
}

export interface BurstLimiter {
  count(token: BurstToken, kind: 'general' | 'search'): BurstVerdict;
  /** A refusal for another reason (the day's budget): going on after many earns the same block. */
  refuse(token: BurstToken): void;
  /** Another plan has another window; a limiter that is off stays off. */
  setPlan(plan: Plan): void;
  setLimit(limit: number | 'off'): void;
}

/** Windows are counted per token: an app's token and a personal one of the same user do not share. */
export interface BurstToken {
  userId: number;
  kind: 'oauth' | 'api_token';
}

export function defaultBurstLimit(plan: Plan): number {
  return OAUTH_LIMIT[plan];
}

/** Rolling two-second window per token; search counts in its own window and in the general one. */
export function createBurstLimiter(clock: PracticeClock, start: number | 'off'): BurstLimiter {
  let general = start;
  const windows = new Map<string, number[]>();
  const refusals = new Map<string, number[]>();
  const blockedUntil = new Map<string, number>();

  const recent = (key: string, now: number) => {
    const kept = (windows.get(key) ?? []).filter((at) => at > now - WINDOW_MS && at <= now);
    windows.set(key, kept);
    return kept;
  };

  const refuse = (key: string, now: number) => {
    const kept = (refusals.get(key) ?? []).filter((at) => at > now - HAMMER_WINDOW_MS && at <= now);
    kept.push(now);
    refusals.set(key, kept);
    if (kept.length > HAMMER_LIMIT) blockedUntil.set(key, now + BLOCK_MS);
  };

  const verdict = (calls: number[], limit: number, now: number): BurstVerdict => {
    const oldest = calls[0] ?? now;
    const resetSeconds = Math.max(1, Math.ceil((oldest + WINDOW_MS - now) / 1000));
    const allowed = calls.length < limit;
    return { allowed, blocked: false, limit, remaining: Math.max(0, limit - calls.length - 1), resetSeconds };
  };

  return {
    count: (token, kind) => {
      const now = clock.now();
      const key = `${token.kind} ${token.userId}`;
      if ((blockedUntil.get(key) ?? 0) > now) {
        return { allowed: false, blocked: true, limit: 0, remaining: 0, resetSeconds: 2 };
      }
      if (general === 'off') return { allowed: true, blocked: false, limit: 480, remaining: 479, resetSeconds: 2 };
      const calls = recent(`general ${key}`, now);
      const searches = recent(`search ${key}`, now);
      const limit = token.kind === 'oauth' ? general : Math.max(1, Math.floor(general / API_TOKEN_SHARE));
      const inGeneral = verdict(calls, limit, now);
      const inSearch = verdict(searches, SEARCH_LIMIT, now);
      const ruling = kind === 'search' && (!inSearch.allowed || inGeneral.allowed) ? inSearch : inGeneral;
      if (ruling.allowed) {
        calls.push(now);
        if (kind === 'search') searches.push(now);
      } else {
        refuse(key, now);
      }
      return ruling;
    },
    refuse: (token) => refuse(`${token.kind} ${token.userId}`, clock.now()),
    setPlan: (plan) => {
      if (general !== 'off') general = defaultBurstLimit(plan);
    },
    setLimit: (limit) => {
      general = limit;
    },
  };
}
