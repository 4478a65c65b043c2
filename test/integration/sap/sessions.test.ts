import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpCaller } from '../../../server/app/ports/erp.ts';
import {
  RateLimitedError,
  ReauthRequiredError,
  RejectedError,
  UnavailableError,
} from '../../../server/kernel/errors.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { connectErp, connectTo, type Sap, startSap } from './sap-bench.ts';
import { type Answer, type Identity, makeIdentity, sendJson, startTlsFake, welcome } from './tls-fake.ts';

/** Another person's request on the same connection. */
const apart = (caller: ErpCaller): ErpCaller => ({ ...caller, signal: new AbortController().signal });

describe('sessions', () => {
  let bench: Sap;
  beforeAll(async () => {
    bench = await startSap();
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    bench.sap.faults.clear();
    bench.sap.log.clear();
  });
  const logins = () => bench.sap.log.all().filter(({ path }) => path.endsWith('/Login')).length;

  it('AP-09: a hundred requests refused at once are followed by one sign-in', async () => {
    const { erp, caller } = connectErp(bench);
    await erp.countPartners(caller);
    bench.sap.restart();
    bench.sap.log.clear();
    await Promise.all(Array.from({ length: 100 }, () => erp.countPartners(apart(caller))));
    expect(logins()).toBe(1);
  });

  it('sends both cookies, and no others', async () => {
    const { erp, caller } = connectErp(bench);
    await erp.countPartners(caller);
    const cookie = bench.sap.log.all().at(-1)?.headers['cookie'];
    expect(cookie).toMatch(/^B1SESSION=[\w-]+; ROUTEID=\.node\d$/);
  });

  it('signs in anew before the idle time-out, and not earlier', async () => {
    const { erp, caller } = connectErp(bench);
    await erp.countPartners(caller);
    bench.clock.advance(25 * 60_000);
    await erp.countPartners(caller);
    bench.clock.advance(25 * 60_000);
    await erp.countPartners(caller);
    expect(logins()).toBe(1);
    bench.clock.advance(31 * 60_000);
    await erp.countPartners(caller);
    expect(logins()).toBe(2);
    expect(bench.sap.log.all().filter(({ status }) => status === 401)).toEqual([]);
  });

  it('AP-09: a wrong password is tried twice at most, until a person acts', async () => {
    const { erp, caller, books } = connectErp(bench, { password: createSecret('wrong') });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => erp.countPartners(apart(caller))));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(logins()).toBe(2);
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(ReauthRequiredError);
    expect(logins()).toBe(2);
    books.access = { ...books.access, password: createSecret('manager'), version: '2' };
    books.refusals = 0;
    await expect(erp.countPartners(caller)).resolves.toBe(40);
  });

  it('counts from nothing again once the password was accepted', async () => {
    const { erp, caller, books } = connectErp(bench);
    books.refusals = 1;
    await erp.countPartners(caller);
    expect(books).toMatchObject({ refusals: 0, accepted: 1 });
  });

  it('the first refusal asks for nobody yet', async () => {
    const { erp, caller } = connectErp(bench, { companyDb: 'OTHER' });
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(UnavailableError);
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(ReauthRequiredError);
  });

  it('logs out on close', async () => {
    const { erp, caller } = connectErp(bench);
    await erp.countPartners(caller);
    const before = bench.sap.sessions.count();
    await erp.close(caller.connectionId);
    expect(bench.sap.sessions.count()).toBe(before - 1);
    await expect(erp.countPartners(caller)).resolves.toBe(40);
  });

  it.each(['switch_company_305', 'drop_before', 'html_502_before', 'session_lost'] as const)(
    'repeats a read after %s',
    async (kind) => {
      const { erp, caller } = connectErp(bench);
      bench.sap.faults.add({ method: 'GET', kind });
      await expect(erp.countPartners(caller)).resolves.toBe(40);
    },
  );

  it('gives a read up after three attempts', async () => {
    const { erp, caller } = connectErp(bench);
    bench.sap.faults.add({ method: 'GET', kind: 'html_502_before', times: 9 });
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(UnavailableError);
    expect(bench.sap.log.all().filter(({ method }) => method === 'GET')).toHaveLength(3);
  });

  it('AP-06: asks no more once SAP has failed again and again, and again when the pause is over', async () => {
    const { erp, caller } = connectErp(bench);
    const fault = bench.sap.faults.add({ method: 'GET', kind: 'html_502_before', times: 99 });
    for (let call = 0; call < 4; call += 1) await erp.countPartners(caller).catch(() => undefined);
    const asked = fault.hits();
    const error = await erp.countPartners(caller).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(fault.hits()).toBe(asked);
    fault.remove();
    bench.clock.advance(20_000);
    await expect(erp.countPartners(caller)).resolves.toBe(40);
  });

  it('AP-06: jobs that are called off say nothing about SAP', async () => {
    const { erp, caller } = connectErp(bench);
    await erp.countPartners(caller);
    const fault = bench.sap.faults.add({ method: 'GET', kind: 'hang', times: 99 });
    for (let job = 1; job <= 6; job += 1) {
      const called = new AbortController();
      const reading = erp.countPartners({ ...caller, signal: called.signal });
      reading.catch(() => undefined);
      await expect.poll(() => fault.hits()).toBe(job);
      called.abort(new Error('The job was given to another worker.'));
      await expect(reading).rejects.toBeInstanceOf(UnavailableError);
    }
    fault.remove();
    await expect(erp.countPartners(caller)).resolves.toBe(40);
  });

  it('AP-07: never more than four at once, and a look-up does not queue behind them', async () => {
    const { erp, caller } = connectErp(bench);
    await erp.countPartners(caller);
    const held = bench.sap.faults.add({ method: 'GET', path: /count/, kind: 'slow', times: 99 });
    const others = Array.from({ length: 10 }, () => erp.countPartners(apart(caller)));
    await expect.poll(() => held.hits()).toBe(3);
    expect(await erp.findOrdersByKey(caller, 'nobody', 'nobody').catch((error: unknown) => error)).toBeInstanceOf(
      RejectedError,
    );
    held.release();
    await Promise.all(others);
  });
});

describe('-5002 (product rule)', () => {
  let identity: Identity;
  beforeAll(async () => {
    identity = await makeIdentity();
  });

  async function refusing(words: string, times: number) {
    let refusals = 0;
    const answer: Answer = (heard, response) => {
      if (heard.path.endsWith('/Login')) return welcome(response);
      if (refusals >= times) return void response.end('7');
      refusals += 1;
      sendJson(response, 400, { error: { code: '-5002', message: words } });
    };
    const server = await startTlsFake(identity, answer);
    const connected = connectTo({ url: server.url, certificatePem: identity.cert });
    return { ...connected, server, logins: () => server.heard.filter(({ path }) => path.endsWith('/Login')).length };
  }

  it('is a refusal in SAP’s words', async () => {
    const { erp, caller, server, logins } = await refusing('Internal error (-5002) occurred', 9);
    await expect(erp.countPartners(caller)).rejects.toMatchObject({ kind: 'rejected', code: '-5002' });
    expect(logins()).toBe(1);
    await server.close();
  });

  it('is about the session only where its text names it: one new sign-in, one repeat', async () => {
    const { erp, caller, server, logins } = await refusing('Session timeout', 1);
    await expect(erp.countPartners(caller)).resolves.toBe(7);
    expect(logins()).toBe(2);
    await server.close();
  });

  it('is never a loop', async () => {
    const { erp, caller, server, logins } = await refusing('Session timeout', 99);
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(RejectedError);
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(RejectedError);
    expect(logins()).toBe(2);
    await server.close();
  });
});
