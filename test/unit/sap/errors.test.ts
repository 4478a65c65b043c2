import { describe, expect, it } from 'vitest';
import { AppError, RateLimitedError, RejectedError } from '../../../server/kernel/errors.ts';
import { failureOf, readRefusal, SessionLostError, TemporaryError } from '../../../server/sap/errors.ts';
import type { HttpAnswer } from '../../../server/sap/exchange.ts';

const NOW = new Date('2026-03-04T09:00:00Z');
const v1 = (code: number | string, value: string) =>
  JSON.stringify({ error: { code, message: { lang: 'en-us', value } } });
const v2 = (code: number | string, message: string) =>
  JSON.stringify({ error: { code, details: [{ code: '', message: '' }], message } });
const HTML = '<html><body>502 Proxy Error</body></html>';

function answer(status: number, body: string, headers: Record<string, string> = {}): HttpAnswer {
  return { status, body, header: (name) => headers[name], setCookies: [] };
}
function kindOf(status: number, body: string, kind: 'read' | 'write'): string {
  const error = failureOf(answer(status, body), kind, NOW);
  if (error instanceof SessionLostError) return 'session lost';
  if (error instanceof TemporaryError) return 'unavailable, soon';
  return error instanceof AppError ? error.kind : 'defect';
}

describe.each([
  ['v1', v1],
  ['v2', v2],
] as const)('refusals of %s', (_name, body) => {
  it.each([
    // status, code, words, read, write
    [401, 301, 'Invalid session or session already timeout.', 'session lost', 'session lost'],
    [500, 305, 'Switch company error: -1102', 'unavailable, soon', 'unavailable, soon'],
    [500, 299, 'busy', 'unavailable, soon', 'unavailable, soon'],
    [400, -5002, 'Internal error (-5002) occurred', 'rejected', 'rejected'],
    [400, -10, '10001071 - inactive', 'rejected', 'rejected'],
    [400, -1116, '(1) own rule', 'rejected', 'rejected'],
    [400, -1000, "Property 'x' of 'Document' is invalid", 'rejected', 'rejected'],
    [404, -2028, 'No matching records found (ODBC -2028)', 'rejected', 'rejected'],
    [412, -2039, 'Another user modified data', 'rejected', 'rejected'],
    [403, -6006, 'no permission', 'rejected', 'rejected'],
    [500, -1, 'something', 'unavailable, soon', 'outcome_unknown'],
  ])('%i with %i is read as %s', (status, code, words, read, write) => {
    expect(kindOf(status, body(code, words), 'read')).toBe(read);
    expect(kindOf(status, body(code, words), 'write')).toBe(write);
  });

  it('keep code and words', () => {
    expect(readRefusal(body(-10, 'Item code already exists'))).toEqual({
      code: '-10',
      words: 'Item code already exists',
    });
    expect(readRefusal(body('-10', 'x'.repeat(900)))?.words).toHaveLength(300);
  });
});

describe('answers that are not SAP’s', () => {
  it.each([
    [502, HTML, 'unavailable, soon', 'outcome_unknown'],
    [503, HTML, 'unavailable, soon', 'outcome_unknown'],
    [504, HTML, 'unavailable, soon', 'outcome_unknown'],
    [500, '', 'unavailable, soon', 'outcome_unknown'],
    [403, HTML, 'unavailable', 'outcome_unknown'],
    [302, '', 'unavailable', 'outcome_unknown'],
    [400, '{"error":"x"}', 'unavailable', 'outcome_unknown'],
    [401, HTML, 'session lost', 'session lost'],
    [429, HTML, 'rate_limited', 'rate_limited'],
  ])('%i %s', (status, body, read, write) => {
    expect(kindOf(status, body, 'read')).toBe(read);
    expect(kindOf(status, body, 'write')).toBe(write);
  });

  it('are no refusals', () => {
    for (const body of ['', HTML, '{', 'null', '{"error":{}}', '[]']) expect(readRefusal(body)).toBeUndefined();
  });

  it('an error of the other dialect’s style is read too', () => {
    expect(readRefusal(v1('301', 'Invalid session'))?.code).toBe('301');
  });

  it('Retry-After is kept, clamped', () => {
    const limited = failureOf(answer(429, '', { 'retry-after': '99999999' }), 'read', NOW);
    expect(limited).toBeInstanceOf(RateLimitedError);
    expect(limited).toMatchObject({ retryAt: new Date('2026-03-04T09:05:00Z') });
    expect(failureOf(answer(503, '', { 'retry-after': '3' }), 'read', NOW)).toMatchObject({ waitMs: 3000 });
  });
});

it('says frequent refusals in plain words, with SAP’s beside them', () => {
  const error = failureOf(answer(400, v2(-10, '10001071 - Customer C1 is inactive')), 'write', NOW);
  expect(error).toBeInstanceOf(RejectedError);
  expect(error.message).toBe('The customer is deactivated in SAP. SAP says: 10001071 - Customer C1 is inactive');
});
