import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from './sl-client.ts';
import { createSlClient, errorOf, openWorld } from './sl-client.ts';

describe('practice SAP: sessions', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.sap.close());

  it('sets cookies exactly as the platform does: no path on the session, a route on /b1s', async () => {
    const answer = await world.v2.login();
    expect(answer.headers['set-cookie']).toEqual([
      `B1SESSION=${String(answer.body['SessionId'])};HttpOnly;`,
      'ROUTEID=.node1; path=/b1s',
    ]);
    expect(answer.body).toMatchObject({
      SessionTimeout: 30,
      Version: '1000330',
      '@odata.context': `${world.sap.url}/b1s/v2/$metadata#B1Sessions/$entity`,
    });
  });

  it('presents a self-signed certificate for localhost that a pinned client accepts', () => {
    expect(world.sap.certificatePem).toContain('BEGIN CERTIFICATE');
    expect(world.sap.fingerprint256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  it('ends a session that was idle for longer than its time, and each use starts the time anew', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      world.clock.advance(29 * 60_000);
      expect((await world.v2.call('GET', 'Warehouses')).status).toBe(200);
    }
    world.clock.advance(30 * 60_000 + 1);
    const v2 = await world.v2.call('GET', 'Warehouses');
    expect(v2.status).toBe(401);
    expect(errorOf(v2)).toEqual({ code: '301', message: 'Invalid session or session already timeout.' });
    expect(errorOf(await world.v1.call('GET', 'Warehouses'))).toEqual({
      code: 301,
      message: 'Invalid session or session already timeout.',
    });
    await world.v2.login();
    expect((await world.v2.call('GET', 'Warehouses')).status).toBe(200);
  });

  it('shares sessions between both versions and ends them on logout', async () => {
    const login = await world.v2.login();
    const cookie = `B1SESSION=${String(login.body['SessionId'])}`;
    const other = createSlClient(world.sap, '/b1s/v1');
    expect((await other.call('GET', 'Warehouses', { headers: { Cookie: cookie } })).status).toBe(200);
    expect((await world.v2.call('POST', 'Logout')).status).toBe(204);
    expect((await other.call('GET', 'Warehouses', { headers: { Cookie: cookie } })).status).toBe(401);
  });

  it('says the same words for a wrong user, password or company, under two codes', async () => {
    const attempt = (body: object) => world.v2.call('POST', 'Login', { body });
    const right = { CompanyDB: 'TEST', UserName: 'manager', Password: 'manager' };
    for (const [wrong, code] of [
      [{ Password: 'x' }, '-304'],
      [{ UserName: 'x' }, '-304'],
      [{ CompanyDB: 'x' }, '-306'],
    ] as const) {
      const answer = await attempt({ ...right, ...wrong });
      expect(answer.status).toBe(401);
      expect(errorOf(answer)).toEqual({ code, message: 'Fail to NONE-SSO login from SLD.' });
    }
  });

  it('locks a user after five wrong passwords without saying so', async () => {
    for (let turn = 0; turn < 5; turn += 1)
      await world.v2.call('POST', 'Login', { body: { CompanyDB: 'TEST', UserName: 'manager', Password: 'x' } });
    expect(world.sap.sessions.isLocked('manager')).toBe(true);
    expect(errorOf(await world.v2.login()).code).toBe('-304');
    world.sap.sessions.unlock('manager');
    expect((await world.v2.login()).status).toBe(200);
  });

  it('keeps companies apart on one server', async () => {
    const other = world.sap.addCompany('OTHER', undefined, { localCurrency: 'EUR' });
    other.createPartner({ CardCode: 'ONLY-HERE' });
    await world.v2.login('OTHER');
    expect((await world.v2.call('GET', "BusinessPartners('ONLY-HERE')")).status).toBe(200);
    expect((await world.v1.call('GET', "BusinessPartners('ONLY-HERE')")).status).toBe(404);
    world.sap.removeCompany('OTHER');
    expect((await world.v2.call('GET', 'Warehouses')).status).toBe(401);
  });

  it('answers pings without a session, with the time as text', async () => {
    const answer = await world.v2.call('GET', '/ping/');
    expect(answer.body).toEqual({ message: 'pong', sender: 'load balancer', timestamp: '1773140400.000' });
    expect((await world.v2.call('GET', '/ping/node/7')).status).toBe(503);
  });

  it('logs every request with its answer, the password masked', async () => {
    const mark = world.sap.log.all().length;
    await world.v2.login();
    await world.v2.call('GET', "Warehouses('01')", { headers: { 'User-Agent': 'someone/1' } });
    const [login, read] = world.sap.log.since(mark);
    expect(login).toMatchObject({ side: 'sap', method: 'POST', path: '/b1s/v2/Login', status: 200 });
    expect(login?.body).toContain('"Password":"[masked]"');
    expect(read).toMatchObject({ path: "/b1s/v2/Warehouses('01')", client: 'someone/1', status: 200 });
    expect(read?.responseBody).toContain('Hamburg');
  });

  it('answers unknown roots, long lines and expectations as Apache does', async () => {
    expect((await world.v2.call('GET', '/b1s/v3/Orders')).text).toContain('Not Found');
    expect((await world.v2.call('GET', `Orders?$filter=${'x'.repeat(8200)}`)).status).toBe(414);
    const expecting = await world.v2.call('POST', 'Login', { body: {}, headers: { Expect: '100-continue' } });
    expect(expecting).toMatchObject({ status: 500, text: '' });
  });
});
