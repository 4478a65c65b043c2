import type { Request, RequestHandler } from 'express';
import { after, type Clock } from '../../kernel/clock.ts';
import { RateLimitedError } from '../../kernel/errors.ts';

export interface RateLimit {
  /** Calls at once. */
  readonly burst: number;
  /** Calls that come back in a minute. */
  readonly perMinute: number;
}

/** Keys remembered at most; the one that was idle longest is forgotten first. */
const MAX_KEYS = 10_000;
const MINUTE_MS = 60_000;

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/**
 * A token bucket for each key, in this process alone: it keeps one caller from crowding out the others.
 * @throws {RateLimitedError} through the error handler, with the time of the next free call
 */
export function rateLimit(limit: RateLimit, clock: Clock, keyOf: (req: Request) => string): RequestHandler {
  const buckets = new Map<string, Bucket>();
  return (req, _res, next) => {
    const key = keyOf(req);
    const now = clock.now();
    const tokens = refilled(buckets.get(key), limit, now.getTime());
    if (tokens < 1) {
      const waitMs = ((1 - tokens) / limit.perMinute) * MINUTE_MS;
      throw new RateLimitedError('Too many requests in a short time. Wait a moment and try again.', after(now, waitMs));
    }
    buckets.delete(key);
    buckets.set(key, { tokens: tokens - 1, at: now.getTime() });
    const oldest = buckets.keys().next().value;
    if (buckets.size > MAX_KEYS && oldest !== undefined) buckets.delete(oldest);
    next();
  };
}

function refilled(bucket: Bucket | undefined, limit: RateLimit, now: number): number {
  if (!bucket) return limit.burst;
  const gained = (Math.max(0, now - bucket.at) / MINUTE_MS) * limit.perMinute;
  return Math.min(limit.burst, bucket.tokens + gained);
}

/** The caller's address: the socket's, or what `TRUST_PROXY` hops of our own said. */
export function byAddress(req: Request): string {
  return req.ip ?? 'unknown';
}
