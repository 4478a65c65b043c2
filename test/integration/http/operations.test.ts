import { connect } from 'node:net';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { serve } from '../../../server/http/serve.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { startHttp } from './start-http.ts';

describe('what operators look at', () => {
  it('OP-08 is alive, whatever the database does', async () => {
    const { app, fakes } = startHttp();
    fakes.ready = { database: false, migrations: false };
    await request(app).get('/healthz').expect(200, { status: 'ok' });
  });

  it.each([
    [{ database: true, migrations: true }, 200],
    [{ database: false, migrations: false }, 503],
    [{ database: true, migrations: false }, 503],
  ])('OP-08 is ready only with a database that is up to date: %j', async (ready, status) => {
    const { app, fakes } = startHttp();
    fakes.ready = ready;
    const answer = await request(app).get('/readyz').expect(status);
    expect(answer.body).toMatchObject(ready);
  });

  it('OP-01 wants no new work once it was told to stop', async () => {
    const { app } = startHttp({ isStopping: () => true });
    await request(app).get('/readyz').expect(503);
    await request(app).get('/healthz').expect(200);
  });

  it('counts requests by pattern and status', async () => {
    const { app } = startHttp();
    await request(app).get('/api/panel/deals/7');
    await request(app).get('/no/such/place-canary');
    const { text } = await request(app).get('/metrics').expect(200);
    expect(text).toContain(
      'orderline_http_requests_total{method="GET",route="/api/panel/deals/:dealId",status="401"} 1',
    );
    expect(text).toContain('orderline_http_requests_total{method="GET",route="unmatched",status="404"} 1');
    expect(text).not.toContain('canary');
  });

  it('shows the metrics to whoever has the token', async () => {
    const { app } = startHttp({ settings: { metricsToken: createSecret('metrics-token') } });
    await request(app).get('/metrics').expect(401);
    await request(app).get('/metrics').set('Authorization', 'Bearer metrics-toke').expect(401);
    await request(app).get('/metrics?token=metrics-token').expect(401);
    await request(app).get('/metrics').set('Authorization', 'Bearer metrics-token').expect(200);
  });
});

describe('the server', () => {
  it('OP-01 lets a request under way finish, then closes although the connection is kept alive', async () => {
    const http = startHttp();
    let answerNow: () => void = () => undefined;
    const useCases = http.fakes.useCases;
    const waiting = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    const arrived = new Promise<void>((resolve) => {
      Object.assign(useCases, {
        async readiness() {
          resolve();
          await waiting;
          return { database: true, migrations: true };
        },
      });
    });
    const served = await serve(http.app, { host: '127.0.0.1', port: 0 });
    const answer = rawGet(served.port, '/readyz');
    await arrived;
    const closed = served.close(20_000);
    answerNow();
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
    await closed;
  });

  it('OP-01 cuts what does not end in its time', async () => {
    const http = startHttp();
    const arrived = new Promise<void>((resolve) => {
      Object.assign(http.fakes.useCases, {
        readiness() {
          resolve();
          return new Promise(() => undefined);
        },
      });
    });
    const served = await serve(http.app, { host: '127.0.0.1', port: 0 });
    const answer = rawGet(served.port, '/readyz');
    await arrived;
    await served.close(1);
    expect(await answer).toBe('');
  });
});

function rawGet(port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.once('error', () => undefined);
    socket.once('close', () => resolve(answer));
  });
}
