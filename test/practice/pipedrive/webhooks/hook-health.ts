import type { CompanyState } from '../company/state.ts';
import type { HookRecord } from '../records.ts';
import { v2Time } from '../times.ts';

const FAILURES_UNTIL_BAN = 10;
const BAN_MS = 30 * 60_000;
const DAYS_UNTIL_DELETION_MS = 3 * 24 * 3_600_000;

export function isBanned(company: CompanyState, hook: HookRecord): boolean {
  return hook.bannedUntil !== null && hook.bannedUntil > company.clock.now();
}

export function ban(company: CompanyState, hook: HookRecord): void {
  hook.failedFirstAttempts = 0;
  hook.bannedUntil = company.clock.now() + BAN_MS;
}

/** Notes how an attempt went: the ban counter moves on failed first attempts only and is not reset by success. */
export function recordAttempt(company: CompanyState, hook: HookRecord, attempt: number, status: number | null): void {
  const now = company.clock.now();
  hook.last_delivery_time = v2Time(now).replace('Z', '.000Z');
  hook.last_http_status = status;
  if (isSuccess(status)) {
    hook.failingSince = null;
    return;
  }
  hook.failingSince ??= now;
  if (attempt === 1) hook.failedFirstAttempts += 1;
  if (hook.failedFirstAttempts >= FAILURES_UNTIL_BAN) ban(company, hook);
  removeIfDead(company, hook);
}

/** Three days without any success end a webhook. */
export function removeIfDead(company: CompanyState, hook: HookRecord): void {
  if (hook.failingSince !== null && company.clock.now() - hook.failingSince >= DAYS_UNTIL_DELETION_MS) {
    company.hooks.delete(hook.id);
  }
}

export function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}
