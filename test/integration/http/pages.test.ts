import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { allowFraming } from '../../../server/http/middleware/security-headers.ts';
import { NOW, signedToken, startHttp } from './start-http.ts';

const ancestorsOf = (headers: Record<string, string>): string =>
  /frame-ancestors ([^;]*)/.exec(headers['content-security-policy'] ?? '')?.[1] ?? '';

const EVERYBODY = 'https://app.pipedrive.com';
const OWN = 'https://app.pipedrive.com https://acme.pipedrive.com';

describe.each(['/panel', '/settings'])('GET %s', (path) => {
  it('SE-25 may be framed by exactly the hosts of the company that the token names', async () => {
    const { app } = startHttp();
    const answer = await request(app)
      .get(path)
      .query({ token: await signedToken(), companyId: '4711', userId: '12' });
    expect(answer.status).toBe(200);
    expect(answer.type).toBe('text/html');
    expect(ancestorsOf(answer.headers)).toBe(OWN);
  });

  it('keeps working when a reload in the frame brings a token that has run out', async () => {
    const { app } = startHttp();
    const old = await signedToken({ exp: Math.floor(NOW.getTime() / 1000) - 3_600 });
    const answer = await request(app).get(path).query({ token: old }).expect(200);
    expect(ancestorsOf(answer.headers)).toBe(OWN);
  });

  it.each([
    ['no token', {}],
    ['no token but a list of companies', { companyId: ['4711', '4712'] }],
    ['no token but what is no company', { companyId: '4711 *' }],
    ['rubbish', { token: 'x.y.z' }],
    ['two tokens', { token: ['a', 'b'] }],
    ['hostile parameters', { token: '"><script>', theme: '"><script>alert(1)</script>', id: 'x'.repeat(5_000) }],
  ])('5.4.19 shows its page without a valid token, to no company’s host: %s', async (_what, query) => {
    const { app } = startHttp();
    const answer = await request(app).get(path).query(query).expect(200);
    expect(answer.text).not.toContain('alert(1)');
    expect(ancestorsOf(answer.headers)).toBe(EVERYBODY);
  });

  it.each([
    ['companyId', { companyId: '4712' }],
    ['userId', { userId: '13' }],
    ['companyId twice', { companyId: ['4711', '4712'] }],
  ])('SE-25 5.4.11 believes no token that the address contradicts: %s', async (_what, query) => {
    const { app } = startHttp();
    const answer = await request(app)
      .get(path)
      .query({ token: await signedToken(), ...query })
      .expect(200);
    expect(ancestorsOf(answer.headers)).toBe(EVERYBODY);
  });

  it.each([
    ['no token', {}],
    ['a token that is none of ours', { token: 'x.y.z' }],
  ])('SE-25 goes by the unsigned company where there is %s, for framing alone', async (_what, query) => {
    const { app, fakes } = startHttp();
    const answer = await request(app)
      .get(path)
      .query({ ...query, companyId: '4711' })
      .expect(200);
    expect(ancestorsOf(answer.headers)).toBe(OWN);
    expect(fakes.calls).toEqual([]);
    await request(app).get('/api/settings').query({ companyId: '4711' }).expect(401);
  });

  it('SE-25 believes no token of another secret', async () => {
    const { app } = startHttp();
    const forged = await signedToken({}, 'the-secret-of-our-other-app-0123456789abcd');
    const answer = await request(app).get(path).query({ token: forged }).expect(200);
    expect(ancestorsOf(answer.headers)).toBe(EVERYBODY);
  });

  it('SE-23 leaves the token out of the log', async () => {
    const { app, log } = startHttp();
    const token = await signedToken();
    await request(app).get(path).query({ token, id: 'frame-canary' }).expect(200);
    expect(JSON.stringify(log)).not.toContain(token);
    expect(log[0]?.fields).toMatchObject({ route: path, status: 200 });
  });

  it('says so when the extension has not been built', async () => {
    const { app } = startHttp({ settings: { extensionDir: '/nowhere' } });
    await request(app).get(path).expect(404);
  });
});

describe('the files that the pages load', () => {
  it('come from the build and may be kept for ever', async () => {
    const { app } = startHttp();
    const answer = await request(app).get('/assets/panel-1a2b.js').expect(200);
    expect(answer.headers['content-type']).toMatch(/javascript/);
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it.each([
    '/assets/none.js',
    '/assets/..%2fpanel.html',
    '/assets/%2e%2e%2fpanel.html',
    '/assets/.env',
    '/assets/',
    '/assets/a/b',
  ])('are nothing else: %s', async (path) => {
    const { app } = startHttp();
    await request(app).get(path).expect(404);
  });
});

describe('the list of framing hosts', () => {
  const fakeResponse = () => ({ setHeader: () => undefined, removeHeader: () => undefined }) as never;

  it.each([
    'https://*.pipedrive.com',
    '*',
    'https:',
    "'self'",
    'https://a.pipedrive.com; script-src *',
    'https://a.pipedrive.com https://b.example',
    'https://a.pipedrive.com/',
    'https://a@b.example',
    'javascript:alert(1)',
    '',
  ])('SE-25 never takes what is no plain origin: %s', (origin) => {
    expect(() => allowFraming(fakeResponse(), [origin])).toThrow(/malformed/);
  });

  it('takes hosts of the practice company', () => {
    expect(() =>
      allowFraming(fakeResponse(), ['http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:2']),
    ).not.toThrow();
  });
});
