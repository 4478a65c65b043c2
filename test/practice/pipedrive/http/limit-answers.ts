import type { CompanyState } from '../company/state.ts';
import type { BurstVerdict } from '../limits/burst.ts';
import { html, json, type PlainAnswer } from './plain.ts';

/** Headers of the two limits; all of them may be missing. */
export function limitHeaders(company: CompanyState, burst: BurstVerdict | undefined): Record<string, string> {
  const { switches, budget } = company;
  return {
    'x-correlation-id': company.ids.uuid(),
    ...(burst && switches.burstHeaders
      ? {
          'x-ratelimit-limit': String(burst.limit),
          'x-ratelimit-remaining': String(burst.remaining),
          'x-ratelimit-reset': String(burst.resetSeconds),
        }
      : {}),
    ...(tellsDay(company)
      ? {
          'x-daily-ratelimit-token-limit': String(budget.limit()),
          'x-daily-ratelimit-token-remaining': String(budget.remaining()),
        }
      : {}),
  };
}

function tellsDay(company: CompanyState): boolean {
  const { dailyHeaders } = company.switches;
  return dailyHeaders === 'some' ? company.nextId('answer') % 2 === 0 : dailyHeaders;
}

export function overLimit(company: CompanyState, headers: Record<string, string>): PlainAnswer {
  const body = company.switches.limitBody;
  if (body === 'empty') return { status: 429, headers, body: '' };
  if (body === 'text')
    return { status: 429, headers: { 'content-type': 'text/plain', ...headers }, body: 'Request over limit' };
  return json(429, { success: false, error: 'Request over limit', errorCode: 429 }, headers);
}

/** On daily exhaustion third parties saw a very long Retry-After. */
export function overDailyLimit(company: CompanyState, headers: Record<string, string>): PlainAnswer {
  const { dailyHeaders, retryAfter } = company.switches;
  return overLimit(company, {
    ...headers,
    ...(dailyHeaders ? { 'x-daily-ratelimit-token-remaining': '0' } : {}),
    ...(retryAfter ? { 'retry-after': String(Math.ceil(company.budget.untilReset() / 1000)) } : {}),
  });
}

/** What Cloudflare puts in the way of clients that go on after 429. */
export function cloudflareBlock(): PlainAnswer {
  return html(
    403,
    '<!DOCTYPE html><html lang="en-US"><head><title>Attention Required! | Cloudflare</title></head><body><h1>Sorry, you have been blocked</h1><p>You are unable to access pipedrive.com</p></body></html>',
    { server: 'cloudflare' },
  );
}
