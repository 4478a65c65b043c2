import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, UnavailableError } from '../../../server/kernel/errors.ts';
import { ADMIN, type Bench, CALLBACK, codeFor, startBench, tokenRequests } from './bench.ts';

describe("Pipedrive's OAuth", () => {
  let bench: Bench;
  const signal = () => AbortSignal.timeout(10_000);
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.close());

  const exchange = (code: string) => bench.oauth.exchangeCode(code, CALLBACK, signal());

  it('exchanges a code with HTTP Basic and a form, and tells whose company it is', async () => {
    const tokens = await exchange(codeFor(bench.practice, ADMIN));
    expect(tokens.apiDomain).toBe(bench.company.apiDomain);
    expect(tokens.scopes).toContain('deals:full');
    expect(tokens.expiresAt).toEqual(new Date(bench.clock.now() + 3_599_000));

    const [request] = bench.practice.log.all();
    expect(request?.headers['authorization']).toMatch(/^Basic /);
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(request?.body).not.toContain('client_secret');

    await expect(bench.oauth.identify(tokens.apiDomain, tokens.accessToken, signal())).resolves.toEqual({
      userId: ADMIN,
      userName: 'Ada Admin',
      isAdmin: true,
      companyId: '501',
      companyName: 'Acme GmbH',
      companyDomain: 'acme',
      language: 'en',
    });
  });

  it('says what to do about a code that was used, and about one that never was', async () => {
    const code = codeFor(bench.practice, ADMIN);
    await exchange(code);
    await expect(exchange(code)).rejects.toBeInstanceOf(InvalidInputError);
    await expect(exchange('x'.repeat(10_000))).rejects.toBeInstanceOf(InvalidInputError);
  });

  it('does not blame the person for a wrong client secret', async () => {
    bench.practice.app.clientSecret = 'another';
    await expect(exchange(codeFor(bench.practice, ADMIN))).rejects.toBeInstanceOf(UnavailableError);
  });

  it.each([
    ['an error page', { kind: 'html_403' }],
    ['a server error', { kind: 'status', status: 500, body: 'oops' }],
    ['half an answer', { kind: 'truncated_json' }],
    ['no answer', { kind: 'drop_after_commit' }],
    ['an answer without a refresh token', { kind: 'status', status: 200, body: { access_token: 'a', expires_in: 9 } }],
    ['JSON of another kind', { kind: 'status', status: 200, body: ['token'] }],
  ] as const)('cannot use %s of the token endpoint', async (_name, fault) => {
    bench.practice.faults.add({ match: { path: /oauth/ }, fault });
    await expect(exchange(codeFor(bench.practice, ADMIN))).rejects.toBeInstanceOf(UnavailableError);
    expect(tokenRequests(bench.practice)).toBe(1);
    // Some of these answers are wrong on purpose.
    bench.practice.log.clear();
  });

  it('ends the grant when the vendor revokes the refresh token', async () => {
    const { refreshToken } = await exchange(codeFor(bench.practice, ADMIN));
    await bench.oauth.revoke(refreshToken, signal());
    expect(bench.practice.grants.of(501, ADMIN)).toBeUndefined();
  });
});
