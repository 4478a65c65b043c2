import type { HttpAnswer } from './transport.ts';

/** What Pipedrive tells about its limits; each header may be missing (reference pipedrive-api.md, section 2.4). */
export interface Limits {
  /** Requests in the present window, and how many are left of them. */
  readonly burst?: { readonly limit: number; readonly remaining: number };
  /** Milliseconds until the window starts anew. */
  readonly resetMs?: number;
  /** Tokens of the company's day. */
  readonly day?: { readonly limit: number; readonly remaining: number };
}

const SHORTEST_MS = 1_000;
const LONGEST_MS = 10_000;

export function limitsOf({ headers }: HttpAnswer): Limits {
  const burst = pair(headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']);
  const day = pair(headers['x-daily-ratelimit-token-limit'], headers['x-daily-ratelimit-token-remaining']);
  const resetMs = resetOf(headers['x-ratelimit-reset'] ?? headers['retry-after']);
  return { ...(burst && { burst }), ...(day && { day }), ...(resetMs !== undefined && { resetMs }) };
}

/** Nobody waits so long for a window of two seconds. */
const LONG_WAIT_S = 60;

/**
 * For a 429: true when it says that nothing is left of the company's day. Where that header is missing, a wait of minutes
 * and hours says so too, as was seen on a spent day (reference pipedrive-api.md, section 2.4).
 */
export function dayIsOver({ headers }: HttpAnswer): boolean {
  const remaining = count(headers['x-daily-ratelimit-token-remaining']);
  if (remaining !== undefined) return remaining === 0;
  return (count(headers['retry-after']) ?? 0) > LONG_WAIT_S;
}

/** The unit is documented nowhere and seen as seconds; whatever it says is held between 1 and 10 s. */
function resetOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, seconds * 1_000));
}

function pair(limit: string | undefined, remaining: string | undefined) {
  const most = count(limit);
  const left = count(remaining);
  return most === undefined || left === undefined || most === 0 ? undefined : { limit: most, remaining: left };
}

function count(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
  return Number(text);
}
