import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpCaller } from '../../../server/app/ports/erp.ts';
import { NotFoundError, OutcomeUnknownError, UnavailableError } from '../../../server/kernel/errors.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { createRandom } from '../../practice/kernel/random.ts';
import { movableClock } from '../../support/movable-clock.ts';
import { pinnedTo } from '../../support/trust.ts';
import { connectErp, connectTo, type Sap, startSap } from './sap-bench.ts';
import { type Answer, type Identity, makeIdentity, sendJson, startTlsFake, welcome } from './tls-fake.ts';

const apart = (caller: ErpCaller): ErpCaller => ({ ...caller, signal: new AbortController().signal });
const MINUTE_MS = 60_000;

describe('sessions at the practice SAP', () => {
  let bench: Sap;
  beforeAll(async () => {
    bench = await startSap();
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    bench.sap.faults.clear();
    bench.sap.sessions.dropAll();
    bench.sap.log.clear();
  });
  const asked = (path: RegExp) => bench.sap.log.all().filter((entry) => path.test(entry.path)).length;

  it('AP-09: 1,000 requests over a day need no more sign-ins than there were idle gaps, and one', async () => {
    const { erp, caller } = connectErp(bench);
    const random = createRandom(11);
    const gaps = Array.from({ length: 1_000 }, () => -Math.log(1 - random.next()) * 86.4e3);
    let longGaps = 0;
    for (const [request, gap] of gaps.entries()) {
      // A quiet night and a lunch break, beside what chance brings.
      const wait = gap + (request === 300 ? 7 * 60 * MINUTE_MS : request === 650 ? 45 * MINUTE_MS : 0);
      bench.clock.advance(Math.round(wait));
      if (wait >= 29.5 * MINUTE_MS) longGaps += 1;
      await erp.listPriceLists(caller);
    }
    expect(longGaps).toBeGreaterThanOrEqual(2);
    expect(asked(/Login$/)).toBeLessThanOrEqual(longGaps + 1);
    expect(bench.sap.log.all().filter(({ status }) => status === 401)).toEqual([]);
  });

  it('sends a write once more after 305, which comes before execution, and no more often', async () => {
    const { erp, caller } = connectErp(bench);
    bench.sap.faults.add({ method: 'POST', path: /^UserFieldsMD/, kind: 'switch_company_305' });
    await erp.createKeyField(caller);
    expect(asked(/UserFieldsMD/)).toBe(2);
    bench.sap.faults.add({ method: 'POST', path: /^UserFieldsMD/, kind: 'switch_company_305', times: 9 });
    bench.sap.log.clear();
    await expect(erp.createKeyField(caller)).rejects.toBeInstanceOf(UnavailableError);
    expect(asked(/UserFieldsMD/)).toBe(2);
  });

  it('sends a read once more after 305, and no more often', async () => {
    const { erp, caller } = connectErp(bench);
    bench.sap.faults.add({ method: 'GET', kind: 'switch_company_305', times: 9 });
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(UnavailableError);
    expect(asked(/count/)).toBe(2);
  });

  it('signs in once more after 299', async () => {
    const { erp, caller } = connectErp(bench);
    bench.sap.faults.add({ path: /^Login/, kind: 'reject', status: 500, code: 299, message: 'Login failed' });
    await expect(erp.countPartners(caller)).resolves.toBe(40);
    expect(asked(/Login$/)).toBe(2);
  });

  it('does not send a write again whose session had ended: not done, and the caller looks first (F16)', async () => {
    const { erp, caller } = connectErp(bench);
    bench.sap.faults.add({ method: 'POST', path: /^UserFieldsMD/, kind: 'session_lost' });
    await expect(erp.createKeyField(caller)).rejects.toBeInstanceOf(UnavailableError);
    expect(asked(/UserFieldsMD/)).toBe(1);
    await erp.createKeyField(caller);
  });

  it('ends the old session when user or password changed, over the new sockets', async () => {
    const { erp, caller, books } = connectErp(bench);
    await erp.countPartners(caller);
    books.access = { ...books.access, version: '2' };
    await erp.countPartners(caller);
    await expect.poll(() => bench.sap.sessions.count()).toBe(1);
    expect(asked(/Logout$/)).toBe(1);
  });

  it('ends the old session when the server changed', async () => {
    const other = await startSap();
    const { erp, caller, books } = connectErp(bench);
    await erp.countPartners(caller);
    books.access = {
      ...books.access,
      address: `${other.sap.url}/b1s/v2`,
      trust: pinnedTo(other.sap.certificatePem),
      version: '2',
    };
    await erp.countPartners(caller);
    await expect.poll(() => bench.sap.sessions.count()).toBe(0);
    await erp.closeAll();
    expect(other.sap.sessions.count()).toBe(0);
    await other.close();
  });

  it('ends its session once another process has disconnected', async () => {
    const { erp, caller, books } = connectErp(bench);
    await erp.countPartners(caller);
    books.gone = true;
    await expect(erp.countPartners({ ...caller })).rejects.toBeInstanceOf(NotFoundError);
    expect(bench.sap.sessions.count()).toBe(0);
  });
});

describe('answers to a sign-in and within a session', () => {
  let identity: Identity;
  beforeAll(async () => {
    identity = await makeIdentity();
  });

  async function serving(answer: Answer) {
    const server = await startTlsFake(identity, answer);
    const clock = movableClock();
    const connected = connectTo({ url: server.url, certificatePem: identity.cert }, {}, { clock });
    const heard = (path: RegExp) => server.heard.filter((entry) => path.test(entry.path)).length;
    return { ...connected, clock, server, heard };
  }

  it.each([
    ['no cookie', []],
    ['another cookie', ['SESSION=a']],
    ['a cookie for another domain', ['B1SESSION=a; Domain=evil.example; HttpOnly']],
  ])('5.6 #16: a sign-in that brings %s is none', async (_name, cookies) => {
    const { erp, caller, server, heard } = await serving((_heard, response) => welcome(response, cookies));
    await expect(erp.countPartners(caller)).rejects.toThrow('B1SESSION');
    expect(heard(/count/)).toBe(0);
    await server.close();
  });

  it('5.6 #16: a session cookie without a path is enough, with no ROUTEID beside it', async () => {
    const { erp, caller, server } = await serving((heard, response) =>
      heard.path.endsWith('/Login') ? welcome(response, ['B1SESSION=x;HttpOnly;']) : void response.end('7'),
    );
    await expect(erp.countPartners(caller)).resolves.toBe(7);
    expect(server.heard.at(-1)?.headers.cookie).toBe('B1SESSION=x');
    await server.close();
  });

  it('follows the load balancer to another node, told with a refusal too', async () => {
    let answers = 0;
    const { erp, caller, server } = await serving((heard, response) => {
      if (heard.path.endsWith('/Login')) return welcome(response);
      answers += 1;
      if (answers > 1) return void response.end('7');
      response.setHeader('set-cookie', 'ROUTEID=.node2; path=/b1s');
      sendJson(response, 400, { error: { code: '-10', message: 'no' } });
    });
    await expect(erp.countPartners(caller)).rejects.toMatchObject({ kind: 'rejected' });
    await erp.countPartners(caller);
    expect(server.heard.at(-1)?.headers.cookie).toBe('B1SESSION=s1; ROUTEID=.node2');
    await server.close();
  });

  it('uses the idle time-out that the sign-in names', async () => {
    const { erp, caller, server, clock, heard } = await serving((asked, response) => {
      if (!asked.path.endsWith('/Login')) return void response.end('7');
      response.setHeader('set-cookie', 'B1SESSION=s1;HttpOnly;');
      sendJson(response, 200, { SessionId: 's1', SessionTimeout: 5, Version: '1' });
    });
    await erp.countPartners(caller);
    clock.advance(4 * MINUTE_MS);
    await erp.countPartners(caller);
    expect(heard(/Login/)).toBe(1);
    clock.advance(5 * MINUTE_MS);
    await erp.countPartners(caller);
    expect(heard(/Login/)).toBe(2);
    await server.close();
  });

  it('a session that SAP gives and never knows: unavailable, few sign-ins, a person is told, and it heals', async () => {
    let broken = true;
    const { erp, caller, server, clock, heard, books } = await serving((asked, response) => {
      if (asked.path.endsWith('/Login')) return welcome(response);
      if (!broken) return void response.end('7');
      sendJson(response, 401, { error: { code: 301, message: 'Invalid session or session already timeout.' } });
    });
    for (let call = 0; call < 30; call += 1)
      await expect(erp.countPartners(apart(caller))).rejects.toBeInstanceOf(UnavailableError);
    expect(heard(/Login/)).toBeLessThanOrEqual(3);
    for (let hour = 0; hour < 60; hour += 1) {
      clock.advance(MINUTE_MS);
      await erp.countPartners(apart(caller)).catch(() => undefined);
    }
    expect(heard(/Login/)).toBeLessThanOrEqual(14);
    expect(books.sessionsRefused).toBeGreaterThan(0);
    expect(books.refusals).toBe(0);
    broken = false;
    clock.advance(11 * MINUTE_MS);
    await expect(erp.countPartners(apart(caller))).resolves.toBe(7);
    expect(books.sessionsAccepted).toBe(1);
    await server.close();
  });

  it('AP-09: sessions that one node knows and the next does not: few sign-ins, a person is told, and it heals', async () => {
    let broken = true;
    let asked = 0;
    const { erp, caller, server, clock, heard, books } = await serving(({ path }, response) => {
      if (path.endsWith('/Login')) return welcome(response, ['B1SESSION=x;HttpOnly;']);
      asked += 1;
      if (!broken || asked % 2 === 1) return void response.end('7');
      sendJson(response, 401, { error: { code: 301, message: 'Invalid session or session already timeout.' } });
    });
    for (let call = 0; call < 200; call += 1) {
      clock.advance(3_000);
      await erp.countPartners(apart(caller)).catch((error: unknown) => expect(error).toBeInstanceOf(UnavailableError));
    }
    expect(heard(/Login/)).toBeLessThanOrEqual(20 + 10);
    expect([books.sessionsRefused, books.refusals]).toEqual([1, 0]);
    broken = false;
    for (let minute = 0; minute < 15; minute += 1) {
      clock.advance(MINUTE_MS);
      await expect(erp.countPartners(apart(caller))).resolves.toBe(7);
    }
    // The first session of all was of use, and so is this one.
    expect(books.sessionsAccepted).toBe(2);
    await server.close();
  });

  it.each([
    ['an error object', '{"error":{"code":"-10","message":"no"}}', 'rejected'],
    ['an error object of OData v3', '{"odata.error":{"code":"-10","message":{"value":"no"}}}', 'rejected'],
    ['a page of a proxy', '<html><body>Please sign in</body></html>', 'unavailable'],
  ])('5.8 #2, #5: HTTP 200 with %s is no success', async (_name, body, read) => {
    const { erp, caller, server, heard } = await serving((asked, response) => {
      if (asked.path.endsWith('/Login')) return welcome(response);
      // Asked after a write of which nobody knows: the field is not there.
      if (asked.path.includes('/Orders?')) return sendJson(response, 400, { error: { code: '201', message: 'no' } });
      response.end(body);
    });
    await expect(erp.countPartners(caller)).rejects.toMatchObject({ kind: read });
    await expect(erp.createKeyField(caller)).rejects.toBeInstanceOf(OutcomeUnknownError);
    expect(heard(/UserFieldsMD/)).toBe(1);
    await server.close();
  });

  it.each([
    ['request-id', 'abc-1', 'abc-1'],
    ['x-request-id', 'abc-2', 'abc-2'],
    ['x-correlation-id', 'abc-3', 'abc-3'],
    ['date', 'today', /^orderline-[0-9a-f]{8}-\d+$/],
  ])('keeps the number under which the other side knows the request: %s', async (header, value, expected) => {
    const { erp, caller, server } = await serving((asked, response) => {
      if (asked.path.endsWith('/Login')) return welcome(response);
      response.setHeader(header, value);
      sendJson(response, 400, { error: { code: '-10', message: 'no' } });
    });
    await expect(erp.countPartners(caller)).rejects.toMatchObject({
      requestId: expect.stringMatching(expected),
      who: 'back_office',
    });
    expect(server.heard.at(-1)?.headers['x-request-id']).toMatch(/^orderline-[0-9a-f]{8}-\d+$/);
    await server.close();
  });

  it('does not wait minutes for a server that asks for it', async () => {
    const { erp, caller, server, heard } = await serving((asked, response) => {
      if (asked.path.endsWith('/Login')) return welcome(response);
      response.writeHead(503, { 'retry-after': '120' }).end();
    });
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(UnavailableError);
    expect(heard(/count/)).toBe(1);
    await server.close();
  });

  it('AP-09, SE-09: a call that outlives a change of the access signs in no more with what was before', async () => {
    let refuse: () => void = () => undefined;
    const { erp, caller, server, heard, books } = await serving((asked, response) => {
      if (!asked.path.endsWith('/Login')) refuse = () => void response.writeHead(401).end();
      else if (heard(/Login/) === 1) welcome(response);
      else sendJson(response, 401, { error: { code: '-304', message: 'Fail to NONE-SSO login from SLD.' } });
    });
    const reading = erp.countPartners(caller);
    reading.catch(() => undefined);
    await expect.poll(() => heard(/count/)).toBe(1);
    books.access = { ...books.access, password: createSecret('the next'), version: '2' };
    refuse();
    await expect(reading).rejects.toBeInstanceOf(UnavailableError);
    expect([heard(/Login/), books.refusals]).toEqual([1, 0]);
    await server.close();
  });

  it('a wrong password is not tried by another session of the same process either', async () => {
    const { erp, caller, server, heard } = await serving((_asked, response) =>
      sendJson(response, 401, { error: { code: '-304', message: 'Fail to NONE-SSO login from SLD.' } }),
    );
    for (let call = 0; call < 5; call += 1) await erp.countPartners(apart(caller)).catch(() => undefined);
    expect(heard(/Login/)).toBe(2);
    await server.close();
  });
});
