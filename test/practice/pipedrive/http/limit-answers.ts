import type { CompanyState } from '../company/state.ts';
import type { BurstVerdict } from '../limits/burst.ts';
import { html, json, type PlainAnswer } from './plain.ts';

/** Headers of the two limits; the daily ones may be missing. */
export function limitHeaders(company: CompanyState, burst: BurstVerdict | undefined): Record<string, string> {
  return {
    'x-correlation-id': company.ids.uuid(),
    ...(burst
      ? {
          'x-ratelimit-limit': String(burst.limit),
          'x-ratelimit-remaining': String(burst.remaining),
          'x-ratelimit-reset': String(burst.resetSeconds),
        }
      : {}),
    ...(company.switches.dailyHeaders
      ? {
          'x-daily-ratelimit-token-limit': String(company.budget.limit()),
          'x-daily-ratelimit-token-remaining': String(company.budget.remaining()),
        }
      : {}),
  };
}

export function overLimit(headers: Record<string, string>): PlainAnswer {
  return json(429, { success: false, error: 'Request over limit', errorCode: 429 }, headers);
}

/** On daily exhaustion third parties saw a very long Retry-After. */
export function overDailyLimit(company: CompanyState, headers: Record<string, string>): PlainAnswer {
  const dayMs = 86_400_000;
  const untilMidnight = Math.ceil((dayMs - (company.clock.now() % dayMs)) / 1000);
  return overLimit({ ...headers, 'x-daily-ratelimit-token-remaining': '0', 'retry-after': String(untilMidnight) });
}

/** What Cloudflare puts in the way of clients that go on after 429. */
export function cloudflareBlock(): PlainAnswer {
  return html(
    403,
    '<!DOCTYPE html><html lang="en-US"><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1><p>You are unable to access pipedrive.com</p></body></html>',
    { server: 'cloudflare' },
  );
}
