import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/kernel/errors.ts';
import { isHtml, jsonOf, refusalOf } from '../../../server/pipedrive/answers.ts';
import { errorOfAnswer, errorOfSilence, errorOfSuccess } from '../../../server/pipedrive/errors.ts';
import { readTokenAnswer } from '../../../server/pipedrive/token-answer.ts';
import { NoAnswerError } from '../../../server/pipedrive/transport.ts';
import { Amount, ComputedAmount, Id, instantOf, wholeSeconds } from '../../../server/pipedrive/values.ts';

const NOW = new Date('2026-03-02T09:00:00Z');
const json = (status: number, body: unknown) => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  text: JSON.stringify(body),
});

describe('refusals of Pipedrive', () => {
  it.each([
    [
      { success: false, error: 'short', error_info: 'see', code: 'feature_capping_deals_limit' },
      'feature_capping_deals_limit',
      'short',
    ],
    [{ success: false, error: 'unauthorized access', errorCode: 401 }, '401', 'unauthorized access'],
    [
      { status: 'error', success: false, errors: { subscription_url: ['not reachable'] } },
      '400',
      'subscription_url: not reachable',
    ],
    [{ success: false, message: 'no right' }, '400', 'no right'],
    [{ error: 'invalid_grant', error_description: 'gone' }, '400', 'gone'],
    [{ error: null, message: ['a', 'b'] }, '400', 'a, b'],
    [[], '400', ''],
    ['text', '400', ''],
    [null, '400', ''],
  ])('reads %j', (body, code, words) => {
    expect(refusalOf(json(400, body))).toEqual({ code, words });
  });

  it('shortens words and takes control characters out of them', () => {
    const { words } = refusalOf(json(400, { error: `a\u0000b\n${'x'.repeat(1_000)}` }));
    expect(words).toMatch(/^a b x+…$/);
    expect(words.length).toBeLessThan(310);
    let deep: unknown = 'x';
    for (let level = 0; level < 1_000; level += 1) deep = [deep];
    expect(refusalOf(json(400, { errors: deep })).words).toContain('…');
  });

  it('reads JSON only where JSON is announced', () => {
    expect(jsonOf(json(200, { a: 1 }))).toEqual({ a: 1 });
    expect(jsonOf({ status: 200, headers: { 'content-type': 'text/html' }, text: '{}' })).toBeUndefined();
    expect(jsonOf({ status: 200, headers: {}, text: '{}' })).toBeUndefined();
    expect(isHtml({ status: 403, headers: {}, text: '\n<!DOCTYPE html>' })).toBe(true);
    expect(isHtml(json(403, { error: '<html>' }))).toBe(false);
  });

  it.each([
    ['GET', 400, 'rejected'],
    ['GET', 401, 'reauth_required'],
    ['GET', 402, 'rate_limited'],
    ['GET', 403, 'forbidden'],
    ['GET', 404, 'not_found'],
    ['GET', 405, 'rejected'],
    ['GET', 408, 'unavailable'],
    ['GET', 409, 'conflict'],
    ['GET', 410, 'not_found'],
    ['POST', 422, 'rejected'],
    ['GET', 429, 'rate_limited'],
    ['GET', 500, 'unavailable'],
    ['POST', 500, 'outcome_unknown'],
    ['PATCH', 502, 'unavailable'],
    ['POST', 503, 'outcome_unknown'],
    ['POST', 501, 'rejected'],
    ['GET', 302, 'unavailable'],
  ] as const)('%s answered with %i is %s', (method, status, kind) => {
    const error = errorOfAnswer(method, json(status, { success: false, error: 'words' }), NOW);
    expect(error).toBeInstanceOf(AppError);
    expect(error.kind).toBe(kind);
  });

  it.each([
    ['GET', { success: false, error: 'words' }, 'rejected'],
    ['PATCH', { success: false, error: 'words' }, 'rejected'],
    ['POST', { success: false, error: 'words' }, 'outcome_unknown'],
    // The body proves it: a status of 4xx, by Pipedrive's own account.
    ['POST', { success: false, error: 'words', errorCode: 400 }, 'rejected'],
    ['POST', { success: false, error: 'words', errorCode: 500 }, 'outcome_unknown'],
  ] as const)('5.7 no. 4: %s answered with 200 and %j is %s, in the words of Pipedrive', (method, body, kind) => {
    const answer = { ...json(200, body), headers: { ...json(200, body).headers, 'x-correlation-id': 'corr-1' } };
    const error = errorOfSuccess(method, answer, jsonOf(answer));
    expect(error).toMatchObject({ kind, requestId: 'corr-1', message: expect.stringContaining('words') });
  });

  it.each([
    ['GET', 'unavailable'],
    ['POST', 'outcome_unknown'],
  ] as const)('%s answered with 200 and a page is %s, and can be found by its number', (method, kind) => {
    const answer = { status: 200, headers: { 'x-correlation-id': 'corr-1' }, text: '<html>' };
    expect(errorOfSuccess(method, answer, jsonOf(answer))).toMatchObject({ kind, requestId: 'corr-1' });
    expect(errorOfSuccess(method, json(200, {}), {})).toBeUndefined();
  });

  it.each([401, 402, 403, 404, 409, 415, 422, 429, 302, 500])('a %i keeps the number of the request', (status) => {
    const answer = { ...json(status, {}), headers: { 'x-correlation-id': 'corr-1' } };
    for (const method of ['GET', 'POST'] as const) {
      expect(errorOfAnswer(method, answer, NOW)).toMatchObject({ requestId: 'corr-1' });
    }
    const guard = { status: 403, headers: { 'x-correlation-id': 'corr-1', 'content-type': 'text/html' }, text: '' };
    expect(errorOfAnswer('GET', guard, NOW)).toMatchObject({ kind: 'rate_limited', requestId: 'corr-1' });
  });

  it.each([
    ['POST', true, 'outcome_unknown'],
    ['POST', false, 'unavailable'],
    ['PATCH', true, 'unavailable'],
    ['GET', true, 'unavailable'],
  ] as const)('%s without an answer, possibly arrived: %s, is %s', (method, mayHaveArrived, kind) => {
    expect(errorOfSilence(method, new NoAnswerError({ mayHaveArrived, timedOut: false })).kind).toBe(kind);
  });
});

describe('token answers', () => {
  const trusted = { domain: 'pipedrive.com', localHosts: new Set(['127.0.0.1:4000']) };
  const good = {
    access_token: 'a',
    refresh_token: 'r',
    expires_in: 3600,
    scope: 'base,deals:full contacts:full',
    api_domain: 'https://acme-gmbh.pipedrive.com',
  };

  it('takes what Pipedrive gives', () => {
    expect(readTokenAnswer(good, NOW, trusted)).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      expiresAt: new Date('2026-03-02T10:00:00Z'),
      scopes: ['base', 'deals:full', 'contacts:full'],
      apiDomain: 'https://acme-gmbh.pipedrive.com',
    });
  });

  it.each(['https://a.pipedrive.com', 'https://0.pipedrive.com', 'http://127.0.0.1:4000'])(
    'accepts %s',
    (api_domain) => {
      expect(readTokenAnswer({ ...good, api_domain }, NOW, trusted)).toMatchObject({ apiDomain: api_domain });
    },
  );

  it.each([0, -1, 'abc', null, undefined])('5.2.15 takes the usual hour for a life time of %s', (expires_in) => {
    const expiresAt = new Date(NOW.getTime() + 3_599_000);
    expect(readTokenAnswer({ ...good, expires_in }, NOW, trusted)).toMatchObject({ expiresAt });
  });

  it('5.2.15 believes in no token that lives longer than a day, or so short that every call would refresh it', () => {
    const long = readTokenAnswer({ ...good, expires_in: 10 ** 12 }, NOW, trusted);
    expect(long).toMatchObject({ expiresAt: new Date('2026-03-03T09:00:00Z') });
    const short = readTokenAnswer({ ...good, expires_in: 0.5 }, NOW, trusted);
    expect(short).toMatchObject({ expiresAt: new Date('2026-03-02T09:05:00Z') });
  });

  it.each(['access_token', 'refresh_token', 'api_domain'])('is nothing without %s', (name) => {
    expect(readTokenAnswer({ ...good, [name]: undefined }, NOW, trusted)).toBe('incomplete');
    expect(readTokenAnswer({ ...good, [name]: '' }, NOW, trusted)).toBeTypeOf('string');
  });
});

describe('values of Pipedrive', () => {
  it.each([
    [0.1, '0.1'],
    [1e-7, '0.0000001'],
    ['12.50', '12.5'],
    [null, '0'],
    [undefined, '0'],
  ])('reads the amount %s as %s', (value, text) => {
    expect(Amount.parse(value)).toBe(text);
  });

  it.each([0.1 + 0.2, 1e21, '1,000.00', 'x', Number.NaN])('refuses the amount %s', (value) => {
    expect(Amount.safeParse(value).success).toBe(false);
  });

  it('forgives the noise of doubles in what Pipedrive has worked out, and nothing else', () => {
    expect(ComputedAmount.parse(0.1 + 0.2)).toBe('0.3');
    expect(ComputedAmount.parse(1079.8920000000001)).toBe('1079.892');
    expect(ComputedAmount.parse(null)).toBe('0');
    expect(ComputedAmount.safeParse(1e21).success).toBe(false);
    expect(ComputedAmount.safeParse('x').success).toBe(false);
  });

  it.each([2 ** 53, '7', 1.5, 0, -1, null])('refuses the id %s', (value) => {
    expect(Id.safeParse(value).success).toBe(false);
  });

  it('reads both forms of a time as UTC, and writes whole seconds', () => {
    const instant = new Date('2026-11-23T09:15:01Z');
    expect(instantOf('2026-11-23T09:15:01Z')).toEqual(instant);
    expect(instantOf('2026-11-23 09:15:01')).toEqual(instant);
    expect(instantOf('')).toBeUndefined();
    expect(instantOf('yesterday')).toBeUndefined();
    expect(instantOf('02.03.2026 09:00')).toBeUndefined();
    expect(wholeSeconds(new Date('2026-11-23T09:15:01.999Z'))).toBe('2026-11-23T09:15:01Z');
  });
});
