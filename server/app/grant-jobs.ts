import { after } from '../kernel/clock.ts';
import type { GrantFacts } from './ports/installation-store.ts';
import type { Job } from './ports/job-queue.ts';
import type { Tx } from './ports/unit-of-work.ts';

const DAY_MS = 24 * 60 * 60_000;
/**
 * A refresh token dies after 60 days without use (reference pipedrive-api.md, section 1.2). This leaves six weeks for an
 * outage, and never asks more than once a week.
 */
const IDLE_MS = 14 * DAY_MS;

/** Whether somebody has to use this grant so that it lives on, or so that it is known whether it does. */
export function wantsKeeping({ status, kind, refreshedAt, provenAt, doubts }: GrantFacts, now: Date): boolean {
  if (status !== 'active') return false;
  if (doubts > 0) return true;
  const seenAt = kind === 'oauth' ? refreshedAt : (provenAt ?? refreshedAt);
  return after(seenAt, IDLE_MS) <= now;
}

/** At once, whatever else is kept: whether this user still has access. */
export function proveGrantJob(tx: Tx, userId: number): Job<'grants.keep'> {
  const serialKey = `grants:${tx.installationId}`;
  const foldKey = `${serialKey}:${userId}`;
  return { task: 'grants.keep', payload: { leaving: userId }, serialKey, foldKey, priority: 'person' };
}

/** One at a time for an installation; a waiting one is not joined by a second. */
export function keepGrantsJob(tx: Tx): Job<'grants.keep'> {
  const key = `grants:${tx.installationId}`;
  return { task: 'grants.keep', payload: {}, serialKey: key, foldKey: key, priority: 'background' };
}
