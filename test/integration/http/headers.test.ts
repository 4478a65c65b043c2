import { Registry } from 'prom-client';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { createOperationsApp } from '../../../server/http/create-app.ts';
import type { RouteInfo } from '../../../server/http/route-table.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { fakeUseCases } from './fake-use-cases.ts';
import { CLIENT_ID, CLIENT_SECRET, NOW, type StartedHttp, signedToken, startHttp } from './start-http.ts';

const ROUTES = (): readonly RouteInfo[] => startHttp().routes;
const nameOf = ({ method, path }: RouteInfo): string => `${method} ${path}`;

/** Every route once: as somebody who may, so that the headers of the real answer are looked at. */
async function callAll(http: StartedHttp) {
  const bearer = `Bearer ${await signedToken()}`;
  const basic = `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`;
  const answers = [];
  for (const route of http.routes) {
    const address = route.path.replace(':file', 'panel-1a2b.js').replaceAll(/:\w+/g, '7');
    const call = request(http.app)
      [route.method](address)
      .set('Authorization', route.path.startsWith('/oauth') ? basic : bearer);
    answers.push({ route, answer: route.method === 'get' ? await call : await call.send({}) });
  }
  return answers;
}

/** The directives of a policy by name. */
function policy(header: unknown): Record<string, string> {
  const directives = String(header).split(/;\s*/);
  return Object.fromEntries(directives.map((text) => [text.split(' ')[0], text.split(' ').slice(1).join(' ')]));
}

describe('the headers of every route', () => {
  it('SE-25 SE-26 knows all routes of the product', () => {
    expect(ROUTES().map(nameOf)).toEqual(
      expect.arrayContaining([
        'get /oauth/install',
        'get /oauth/callback',
        'delete /oauth/callback',
        'post /oauth/callback',
        'post /webhooks/pipedrive/:secret',
        'get /panel',
        'get /settings',
        'get /api/openapi.json',
        'get /api/panel/deals/:dealId',
        'get /healthz',
        'get /readyz',
        'get /metrics',
      ]),
    );
    expect(new Set(ROUTES().map(nameOf)).size).toBe(ROUTES().length);
  });

  it('SE-26 lets nothing run, be sniffed, be kept or be passed on', async () => {
    for (const { route, answer } of await callAll(startHttp())) {
      const what = nameOf(route);
      const csp = policy(answer.headers['content-security-policy']);
      expect(csp, what).toMatchObject({ 'default-src': "'none'", 'object-src': "'none'", 'base-uri': "'none'" });
      expect(String(answer.headers['content-security-policy']), what).not.toMatch(/unsafe|\*|strict-dynamic|blob:/);
      expect(answer.headers['x-content-type-options'], what).toBe('nosniff');
      expect(answer.headers['referrer-policy'], what).toBe('no-referrer');
      expect(answer.headers['strict-transport-security'], what).toBe('max-age=31536000; includeSubDomains');
      expect(answer.headers['x-powered-by'], what).toBeUndefined();
      expect(answer.headers['etag'], what).toBeUndefined();
      expect(answer.headers['access-control-allow-origin'], what).toBeUndefined();
      const kept = route.path === '/message.css' || route.path === '/assets/:file';
      expect(answer.headers['cache-control'], what).toMatch(kept ? /^public, max-age=\d+/ : /^no-store$/);
    }
  });

  it('SE-25 lets nobody frame a page but the two that live in Pipedrive', async () => {
    for (const { route, answer } of await callAll(startHttp())) {
      const what = nameOf(route);
      const { 'frame-ancestors': ancestors } = policy(answer.headers['content-security-policy']);
      if (route.kind === 'framed') {
        expect(ancestors, what).toBe('https://app.pipedrive.com');
        expect(answer.headers['x-frame-options'], what).toBeUndefined();
      } else {
        expect(ancestors, what).toBe("'none'");
        expect(answer.headers['x-frame-options'], what).toBe('DENY');
      }
    }
  });

  it('SE-25 SE-26 gives errors the same headers', async () => {
    const { app } = startHttp();
    for (const path of [
      '/nowhere',
      '/api/settings',
      '/api/panel/deals/x',
      '/assets/missing.js',
      '/assets/..%2fpanel.html',
      '/%zz',
    ]) {
      const answer = await request(app).get(path);
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(answer.type, path).toBe('application/problem+json');
      expect(answer.headers['cache-control'], path).toBe('no-store');
      expect(policy(answer.headers['content-security-policy']), path).toMatchObject({ 'frame-ancestors': "'none'" });
    }
  });

  it('sends no HSTS over plain http', async () => {
    const { app } = startHttp({ settings: { publicUrl: 'http://localhost:3000' } });
    const answer = await request(app).get('/healthz').expect(200);
    expect(answer.headers['strict-transport-security']).toBeUndefined();
  });
});

describe('a process that only works through jobs', () => {
  it('serves health, readiness and metrics, and nothing else', async () => {
    const { app, routes } = createOperationsApp({
      useCases: fakeUseCases().useCases,
      clock: { now: () => NOW },
      logger: silentLogger,
      registry: new Registry(),
      settings: { publicUrl: 'https://app.example.com', trustProxy: 0, metricsToken: createSecret('metrics') },
    });
    expect(routes.map(nameOf)).toEqual(['get /healthz', 'get /readyz', 'get /metrics']);
    await request(app).get('/readyz').expect(200);
    await request(app).get('/oauth/install').expect(404);
    await request(app).post('/webhooks/pipedrive/x').expect(404);
    await request(app).get('/api/settings').expect(404);
  });
});
