import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { listen, signedToken, startHttp } from './start-http.ts';

const PATH = '/api/settings/export';
const bearer = async (): Promise<string> => `Bearer ${await signedToken()}`;

describe('GET /api/settings/export', () => {
  it('SE-38 is for admins as of now, and for nobody without a token', async () => {
    const { app, fakes } = startHttp();
    await request(app).get(PATH).expect(401);
    fakes.adminNow = false;
    await request(app)
      .get(PATH)
      .set('Authorization', await bearer())
      .expect(403);
    expect(fakes.exported).toEqual([]);
  });

  it('is a JSON file with a dated name, kept by nobody on the way', async () => {
    const { app, fakes } = startHttp();
    const answer = await request(app)
      .get(PATH)
      .set('Authorization', await bearer())
      .expect(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': 'attachment; filename="orderline-4711-2026-11-24.json"',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.body).toEqual({ complete: true });
    expect(fakes.exported).toMatchObject([{ companyId: '4711', userId: 12 }]);
  });

  it('cuts the connection when it breaks off, so that half of it is never taken for the whole', async () => {
    const http = startHttp();
    http.fakes.exportPieces = breaksOff();
    const { url } = await listen(http);
    const answer = await fetch(url + PATH, { headers: { authorization: await bearer() } });
    await expect(answer.text()).rejects.toThrow();
  });

  it('SE-36 is told to wait after five in a row', async () => {
    const { app, clock } = startHttp();
    const authorization = await bearer();
    const download = () => request(app).get(PATH).set('Authorization', authorization);
    for (let times = 0; times < 5; times += 1) await download();
    const answer = await download().expect(429);
    expect(Number(answer.headers['retry-after'])).toBe(120);
    clock.advance(120_000);
    await download().expect(200);
  });
});

async function* breaksOff(): AsyncGenerator<string> {
  yield '{"half":';
  throw new Error('The database has gone.');
}
