import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { createTokenVerifier } from '../../../server/http/token-verifier.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { JWT_SECRET, NOW, signedToken, startHttp } from './start-http.ts';

const now = Math.floor(NOW.getTime() / 1000);
const good = { userId: 12, companyId: 4711, exp: now + 300 };

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Signed with the right secret unless told otherwise, whatever stands inside. */
function token(header: unknown, payload: unknown, secret: string = JWT_SECRET, hash = 'sha256'): string {
  const content = `${encode(header)}.${encode(payload)}`;
  return `${content}.${createHmac(hash, secret).update(content).digest('base64url')}`;
}
const hs256 = { alg: 'HS256', typ: 'JWT' };
const withClaims = (claims: Record<string, unknown>): string => token(hs256, { ...good, ...claims });
const without = (name: keyof typeof good): string => {
  const { [name]: _left, ...rest } = good;
  return token(hs256, rest);
};
const valid = token(hs256, good);
const [head = '', body = '', signature = ''] = valid.split('.');

function rs256WithSecretAsName(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const content = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(good)}`;
  return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`;
}

const BAD: Readonly<Record<string, string>> = {
  'alg none': `${encode({ alg: 'none' })}.${body}.`,
  'alg None': `${encode({ alg: 'None' })}.${body}.`,
  'alg NONE': `${encode({ alg: 'NONE' })}.${body}.`,
  'alg nOnE': `${encode({ alg: 'nOnE' })}.${body}.`,
  'alg none with a signature': `${encode({ alg: 'none' })}.${body}.${signature}`,
  'alg none with the secret in it': token({ alg: 'none' }, good),
  'no alg': token({ typ: 'JWT' }, good),
  'alg as number': token({ alg: 256 }, good),
  'alg as list': token({ alg: ['HS256'] }, good),
  'alg hs256': token({ alg: 'hs256' }, good),
  HS384: token({ alg: 'HS384' }, good, JWT_SECRET, 'sha384'),
  HS512: token({ alg: 'HS512' }, good, JWT_SECRET, 'sha512'),
  'RS256 of a foreign key': rs256WithSecretAsName(),
  'RS256 made with the secret': token({ alg: 'RS256' }, good),
  'HS512 signature under HS256': token(hs256, good, JWT_SECRET, 'sha512'),
  'jwk in the header': token({ ...hs256, jwk: { kty: 'oct', k: encode('a') } }, good),
  'jku in the header': token({ ...hs256, jku: 'https://evil.example/keys' }, good),
  'x5u in the header': token({ ...hs256, x5u: 'https://evil.example/cert' }, good),
  'x5c in the header': token({ ...hs256, x5c: ['MII'] }, good),
  'kid that leads to a file, key of that file': token({ ...hs256, kid: '../../dev/null' }, good, '\0'),
  'crit in the header': token({ ...hs256, crit: ['exp'] }, good),
  'b64 false': token({ ...hs256, b64: false, crit: ['b64'] }, good),
  'typ of another kind': token({ alg: 'HS256', typ: 'at+jwt' }, good),
  'ran out 1 s ago': withClaims({ exp: now - 1 }),
  'runs out now': withClaims({ exp: now }),
  'ran out 61 s ago': withClaims({ exp: now - 61 }),
  'no exp': without('exp'),
  'exp null': withClaims({ exp: null }),
  'exp as text': withClaims({ exp: String(now + 300) }),
  'exp as float': withClaims({ exp: now + 300.5 }),
  'exp 10^15': withClaims({ exp: 1e15 }),
  'exp beyond every number': token(hs256, `{"userId":12,"companyId":4711,"exp":1e400}`),
  'exp 0': withClaims({ exp: 0 }),
  'exp -1': withClaims({ exp: -1 }),
  'exp as list': withClaims({ exp: [now + 300] }),
  'exp after half an hour and a second': withClaims({ exp: now + 1_801 }),
  'exp after two days': withClaims({ exp: now + 172_800 }),
  'iat 10 min ahead': withClaims({ iat: now + 600 }),
  'iat 61 s ahead': withClaims({ iat: now + 61 }),
  'iat as text': withClaims({ iat: 'now' }),
  'nbf 10 min ahead': withClaims({ nbf: now + 600 }),
  'a sister app’s secret': token(hs256, good, 'the-secret-of-our-other-app-0123456789abcd'),
  'an empty secret': token(hs256, good, ''),
  'companyId missing': without('companyId'),
  'companyId -1': withClaims({ companyId: -1 }),
  'companyId 0': withClaims({ companyId: 0 }),
  'companyId 1.5': withClaims({ companyId: 1.5 }),
  'companyId as list': withClaims({ companyId: [4711] }),
  'companyId as object': withClaims({ companyId: { $gt: 0 } }),
  'companyId as words': withClaims({ companyId: '4711 OR 1=1' }),
  'companyId with zeros in front': withClaims({ companyId: '04711' }),
  'companyId empty': withClaims({ companyId: '' }),
  'companyId null': withClaims({ companyId: null }),
  'companyId past 2^53': token(hs256, `{"userId":12,"companyId":9007199254740993,"exp":${now + 300}}`),
  'userId missing': without('userId'),
  'userId as text': withClaims({ userId: '12' }),
  'userId -1': withClaims({ userId: -1 }),
  'userId true': withClaims({ userId: true }),
  'user_id in place of userId': token(hs256, { user_id: 12, company_id: 4711, exp: now + 300 }),
  'payload is a list': token(hs256, [good]),
  'payload is null': token(hs256, 'null'),
  'payload is no JSON': token(hs256, '{"userId":12'),
  'payload is no UTF-8': `${head}.${Buffer.from([0xff, 0xfe]).toString('base64url')}.${signature}`,
  'header is no JSON': token('{"alg"', good),
  'one part': head,
  'two parts': `${head}.${body}`,
  'four parts': `${valid}.${signature}`,
  'five parts': `${valid}.${signature}.${signature}`,
  'empty parts': '..',
  'signature empty': `${head}.${body}.`,
  'signature cut': valid.slice(0, -1),
  'signature of another token': `${head}.${encode({ ...good, companyId: 1 })}.${signature}`,
  'signature padded': `${valid}=`,
  'blank in the middle': `${head}. ${body}.${signature}`,
  'nothing at all': '',
};

describe('the signed token of the iframes', () => {
  it('has more than 60 bad ones to refuse', () => {
    expect(Object.keys(BAD).length).toBeGreaterThanOrEqual(60);
    expect(new Set(Object.values(BAD)).size).toBe(Object.keys(BAD).length);
  });

  it.each([
    ['alg none with a signature', 'token_algorithm'],
    ['HS512', 'token_algorithm'],
    ['RS256 made with the secret', 'token_algorithm'],
    ['jwk in the header', 'token_header'],
    ['ran out 1 s ago', 'token_expired'],
    ['exp after half an hour and a second', 'token_too_long_lived'],
    ['iat 61 s ahead', 'token_not_yet_good'],
    ['no exp', 'token_claims'],
    ['companyId as object', 'token_claims'],
    ['a sister app’s secret', 'token_signature'],
    ['five parts', 'token_malformed'],
    ['nothing at all', 'token_missing'],
  ])('5.4 keeps the reason where we look, and not in the answer: %s is %s', async (what, reason) => {
    const { app, log } = startHttp();
    const answer = await request(app)
      .get('/api/settings')
      .set('Authorization', `Bearer ${BAD[what] ?? ''}`);
    expect(log.at(-1)).toMatchObject({ message: 'request', fields: { status: 401, reason } });
    expect(answer.text).not.toContain(reason);
  });

  it.each(Object.entries(BAD))('SE-21 5.4.1-10 and 5.4.15 refuses: %s', async (_what, bad) => {
    const { app, fakes, log } = startHttp();
    const answer = await request(app).get('/api/settings').set('Authorization', `Bearer ${bad}`);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ kind: 'unauthenticated', problems: [] });
    expect(fakes.calls).toEqual([]);
    expect(log.at(-1)?.fields?.reason).toMatch(/^token_[a-z_]+$/);
    if (bad.length > 20) expect(JSON.stringify(log)).not.toContain(bad);
  });

  it('SE-21 5.4.15 refuses 100 kB without looking inside', async () => {
    const verifier = createTokenVerifier(createSecret(JWT_SECRET), { now: () => NOW });
    await expect(verifier.verify(withClaims({ padding: 'x'.repeat(100_000) }))).rejects.toThrow(/not valid/);
  });

  it.each([
    ['as documented', {}],
    ['company id as text', { companyId: '4711' }],
    ['iat within the skew', { iat: now + 60 }],
    ['nbf within the skew', { nbf: now + 60 }],
    ['a second before its end', { exp: now + 1 }],
    ['SE-24 half an hour before its end', { exp: now + 1_800 }],
    ['claims that we do not know', { iss: 'pipedrive', aud: 'x' }],
  ])('takes a good one: %s', async (_what, claims) => {
    const { app, fakes } = startHttp();
    const answer = await request(app)
      .get('/api/settings')
      .set('Authorization', `Bearer ${await signedToken(claims)}`);
    expect(answer.status).toBe(200);
    expect(fakes.calls[0]?.principal).toMatchObject({ companyId: '4711', userId: 12 });
  });

  it('SE-21 takes the token from the Authorization header alone', async () => {
    const { app } = startHttp();
    const bearer = await signedToken();
    const elsewhere = [
      request(app).get('/api/settings').query({ token: bearer, access_token: bearer }),
      request(app).get('/api/settings').set('Cookie', `token=${bearer}`),
      request(app).get('/api/settings').set('Authorization', `Basic ${bearer}`),
      request(app).get('/api/settings').set('Authorization', bearer),
    ];
    for (const attempt of elsewhere) expect((await attempt).status).toBe(401);
  });

  it('SE-21 takes ids from the claims, whatever else the request says', async () => {
    const { app, fakes } = startHttp();
    await request(app)
      .get('/api/settings')
      .query({ companyId: '1', userId: '1', installationId: 'x' })
      .set('Authorization', `Bearer ${await signedToken()}`)
      .set('X-Company-Id', '1')
      .expect(200);
    expect(fakes.calls[0]?.principal).toMatchObject({ companyId: '4711', userId: 12 });
  });

  it('SE-21 goes by the token in the header where the address brings another one (5.4.14)', async () => {
    const { app, fakes } = startHttp();
    const other = await signedToken({ companyId: 4712, userId: 99 });
    const answer = request(app).get('/api/settings').query({ token: other, companyId: '4712' });
    await answer.set('Authorization', `Bearer ${await signedToken()}`).expect(200);
    expect(fakes.calls[0]?.principal).toMatchObject({ companyId: '4711', userId: 12 });
  });

  it('SE-21 takes one token from two addresses, since people move between networks (5.4.16)', async () => {
    const { app } = startHttp({ settings: { trustProxy: 1 } });
    const bearer = `Bearer ${await signedToken()}`;
    for (const from of ['203.0.113.7', '198.51.100.9']) {
      await request(app).get('/api/settings').set('X-Forwarded-For', from).set('Authorization', bearer).expect(200);
    }
  });

  it('goes by the clock that was passed in', async () => {
    const { app, clock } = startHttp();
    const bearer = `Bearer ${await signedToken()}`;
    clock.advance(299_000);
    await request(app).get('/api/settings').set('Authorization', bearer).expect(200);
    clock.advance(1_000);
    await request(app).get('/api/settings').set('Authorization', bearer).expect(401);
  });
});
