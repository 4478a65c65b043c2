import { connect } from 'node:net';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { CLIENT_ID, CLIENT_SECRET, listen, startHttp } from './start-http.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const OURS = basic(`${CLIENT_ID}:${CLIENT_SECRET}`);
/** 10,000 in the long run (`npm run test:soak`). */
const FORGED = process.env['ORDERLINE_SEEDS'] === undefined ? 500 : 10_000;
const NOTICE = { client_id: CLIENT_ID, company_id: 4711, user_id: 12, timestamp: '2026-11-24T10:11:12.000Z' };

describe('DELETE /oauth/callback', () => {
  it('WH-12 passes on who has uninstalled', async () => {
    const { app, fakes, log } = startHttp();
    await request(app).delete('/oauth/callback').set('Authorization', OURS).send(NOTICE).expect(204);
    expect(log.at(-1)?.fields).not.toHaveProperty('reason');
    expect(fakes.uninstalled).toEqual([{ companyId: '4711', userId: 12, at: new Date('2026-11-24T10:11:12.000Z') }]);
  });

  it.each([
    ['5.3.6 ids as text', { company_id: '4711', user_id: '12' }, { companyId: '4711', userId: 12 }],
    ['5.3.18 user null', { user_id: null }, { companyId: '4711', userId: null }],
    ['a time in another form', { timestamp: 1_795_000_000_000 }, { at: new Date(1_795_000_000_000) }],
    ['a time that cannot be read', { timestamp: 'yesterday' }, { at: null }],
    ['no client id', { client_id: undefined }, { companyId: '4711' }],
    ['more than is documented', { reason: 'x' }, { companyId: '4711' }],
  ])('WH-12 understands: %s', async (_what, change, expected) => {
    const { app, fakes } = startHttp();
    await request(app)
      .delete('/oauth/callback')
      .set('Authorization', OURS)
      .send({ ...NOTICE, ...change })
      .expect(204);
    expect(fakes.uninstalled[0]).toMatchObject(expected);
  });

  it('WH-12 5.3.13 takes a time without a zone for UTC, wherever this server stands', async () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Asia/Tokyo';
    try {
      const { app, fakes } = startHttp();
      for (const timestamp of ['2026-11-24 10:11:12', '2026-11-24T10:11:12', '2026-11-24T19:11:12+09:00'])
        await request(app)
          .delete('/oauth/callback')
          .set('Authorization', OURS)
          .send({ ...NOTICE, timestamp })
          .expect(204);
      expect(fakes.uninstalled.map(({ at }) => at?.toISOString())).toEqual(Array(3).fill('2026-11-24T10:11:12.000Z'));
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it.each([
    ['5.3.1 no credentials', undefined],
    ['5.3.2 a wrong secret', basic(`${CLIENT_ID}:wrong`)],
    ['the beginning of the secret', basic(`${CLIENT_ID}:${CLIENT_SECRET.slice(0, -1)}`)],
    ['the secret and more', basic(`${CLIENT_ID}:${CLIENT_SECRET}x`)],
    ['no colon', basic(CLIENT_ID + CLIENT_SECRET)],
    ['5.3.15 the secret before it was changed', basic(`${CLIENT_ID}:${'0'.repeat(40)}`)],
    ['another app', basic(`client-2:${CLIENT_SECRET}`)],
    ['the secret alone', basic(CLIENT_SECRET)],
    ['bearer', `Bearer ${CLIENT_SECRET}`],
    ['no base64', `Basic ${CLIENT_ID}:${CLIENT_SECRET}`],
    ['nothing after the scheme', 'Basic '],
  ])('WH-12 refuses a forged one: %s', async (_what, authorization) => {
    const { app, fakes, log } = startHttp();
    const call = request(app).delete('/oauth/callback');
    if (authorization !== undefined) call.set('Authorization', authorization);
    await call.send(NOTICE).expect(401);
    expect(fakes.uninstalled).toEqual([]);
    expect(log.at(-1)).toMatchObject({ message: 'request', fields: { status: 401, reason: 'forged_notice' } });
  });

  it('WH-12 5.3.4 refuses one for another app of the same vendor', async () => {
    const { app, fakes, log } = startHttp();
    const other = { ...NOTICE, client_id: 'client-2' };
    await request(app).delete('/oauth/callback').set('Authorization', OURS).send(other).expect(401);
    expect(fakes.uninstalled).toEqual([]);
    expect(log.at(-1)?.fields?.reason).toBe('notice_of_another_app');
  });

  it.each([
    ['5.3.5 no body', ''],
    ['no JSON', '{"company_id":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no company', '{"client_id":"client-1"}'],
    ['a company that is no id', '{"company_id":"4711 or 1=1"}'],
    ['a company past 2^53', '{"company_id":9007199254740993}'],
    ['a company past 2^53 as text', '{"company_id":"9007199254740993"}'],
    ['a negative company', '{"company_id":-1}'],
    ['a company as list', '{"company_id":[4711]}'],
  ])('WH-12 has no effect: %s', async (_what, body) => {
    const { app, fakes, log } = startHttp();
    const answer = await request(app)
      .delete('/oauth/callback')
      .set('Authorization', OURS)
      .set('Content-Type', 'application/json')
      .send(body);
    expect(answer.status).toBe(400);
    expect(fakes.uninstalled).toEqual([]);
    expect(log.at(-1)?.fields?.reason).toBe('notice_unreadable');
  });

  it('WH-12 5.3.17 refuses 5 MB', async () => {
    const { app, fakes, log } = startHttp();
    const large = JSON.stringify({ ...NOTICE, padding: 'x'.repeat(5_000_000) });
    await request(app).delete('/oauth/callback').set('Authorization', OURS).type('json').send(large).expect(413);
    expect(fakes.uninstalled).toEqual([]);
    expect(log.at(-1)?.fields?.reason).toBe('notice_unreadable');
  });

  it('WH-12 5.3.7 5.3.8 is not reached by another method', async () => {
    const { app, fakes } = startHttp();
    await request(app)
      .post('/oauth/callback')
      .set('Authorization', OURS)
      .set('X-HTTP-Method-Override', 'DELETE')
      .send(NOTICE)
      .expect(204);
    await request(app).get('/oauth/callback').set('Authorization', OURS).expect(302);
    await request(app).post('/oauth/callback?_method=DELETE').set('Authorization', OURS).send(NOTICE).expect(204);
    await request(app).put('/oauth/callback').set('Authorization', OURS).send(NOTICE).expect(404);
    expect(fakes.uninstalled).toEqual([]);
  });
});

describe('forged notices', () => {
  it('WH-12 5.3.16 a flood of them has no effect, is soon told to wait, and holds up no real one', async () => {
    const http = startHttp();
    const { fakes, log } = http;
    const url = `${(await listen(http)).url}/oauth/callback`;
    const statuses = new Map<number, number>();
    for (let sent = 0; sent < FORGED; sent += 100) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, at) =>
          fetch(url, { method: 'DELETE', headers: { authorization: basic(`${CLIENT_ID}:${sent + at}`) } }),
        ),
      );
      for (const answer of answers) {
        await answer.arrayBuffer();
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      }
    }
    expect(Object.fromEntries(statuses)).toEqual({ 401: 60, 429: FORGED - 60 });
    expect(fakes.uninstalled).toEqual([]);
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);

    const headers = { authorization: OURS, 'content-type': 'application/json' };
    const real = await fetch(url, { method: 'DELETE', headers, body: JSON.stringify(NOTICE) });
    expect(real.status).toBe(204);
    expect(fakes.uninstalled).toHaveLength(1);
  }, 60_000);

  it('WH-12 5.3.17 a forged one is answered before its body, which is never read', async () => {
    const { port } = await listen(startHttp());
    const socket = connect(port, '127.0.0.1');
    const answer = new Promise<string>((resolve, reject) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      socket.once('close', () => resolve(text));
      socket.once('error', reject);
    });
    // Nothing of the announced body is ever sent: whoever waited for it would wait for ever.
    socket.write('DELETE /oauth/callback HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    const text = await answer;
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
    expect(text).toMatch(/^connection: close\r$/im);
  });
});

describe('POST /oauth/callback', () => {
  it('takes the sharing notice of Pipedrive and of nobody else', async () => {
    const { app, log } = startHttp();
    const notice = { company_id: 4711, user_id: 12, isShared: true };
    await request(app).post('/oauth/callback').send(notice).expect(401);
    await request(app).post('/oauth/callback').set('Authorization', OURS).send(notice).expect(204);
    expect(log.filter((entry) => entry.message === 'app sharing notice')).toHaveLength(1);
  });
});
