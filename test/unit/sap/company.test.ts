import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ErpCaller } from '../../../server/app/ports/erp.ts';
import { connectionId, installationId } from '../../../server/kernel/ids.ts';
import { createGovernor } from '../../../server/net/governor.ts';
import { createRetryBudget } from '../../../server/net/retry.ts';
import { realTimer } from '../../../server/net/timer.ts';
import { companyFor } from '../../../server/sap/company.ts';
import { V2 } from '../../../server/sap/dialect.ts';
import type { HttpAnswer, HttpRequest } from '../../../server/sap/exchange.ts';
import type { LiveConnection, SapWorld } from '../../../server/sap/live-connection.ts';
import { createMemory } from '../../../server/sap/memory.ts';
import { pingServer } from '../../../server/sap/ping.ts';
import { createSessionHolder } from '../../../server/sap/session.ts';
import { createOwnSlots } from '../../../server/sap/slots.ts';
import { createSecret } from '../../../server/secrets/secret.ts';
import { movableClock } from '../../support/movable-clock.ts';

/** A company behind a wire that answers as a test says. */
function bench(answer: (request: HttpRequest) => Partial<HttpAnswer>, priority: ErpCaller['priority'] = 'person') {
  const clock = movableClock();
  const sent: HttpRequest[] = [];
  const slept: number[] = [];
  let now = 0;
  const world: SapWorld = {
    clock,
    random: () => 0.5,
    network: 'loopback',
    resolve: async () => [],
    sleep: async (milliseconds) => void slept.push(milliseconds),
    elapsed: () => now,
    startTimer: realTimer,
    authorities: undefined,
    extraPorts: [],
  };
  const exchange = async (request: HttpRequest): Promise<HttpAnswer> => {
    sent.push(request);
    return { status: 200, header: () => undefined, setCookies: [], body: '{}', waitedMs: 10, ...answer(request) };
  };
  const signedIn = { dialect: V2, timeoutMs: 60_000, version: '1', cookies: { session: 's', route: undefined } };
  const live: LiveConnection = {
    sessions: createSessionHolder(async () => signedIn, clock, {
      onFruitless: () => undefined,
      onProved: () => undefined,
    }),
    limiter: createOwnSlots(),
    governor: createGovernor(world.elapsed),
    budget: createRetryBudget(),
    memory: createMemory(clock),
    exchange,
    look: exchange,
    refusedCertificate: () => undefined,
    destroy: async () => undefined,
  };
  const access = {
    address: 'https://sap.example:50000/b1s/v2',
    companyDb: 'DESK',
    userName: 'orderline',
    password: createSecret('a password'),
    trust: { kind: 'public' },
    proxy: null,
    localCurrency: 'EUR',
    timeZone: 'Europe/Berlin',
    version: '1',
    refusedPasswords: 0,
  } as const;
  const caller: ErpCaller = {
    installationId: installationId(randomUUID()),
    connectionId: connectionId(randomUUID()),
    priority,
    signal: new AbortController().signal,
  };
  const company = companyFor(world, live, access, caller, async () => undefined);
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  return { company, sent, slept, clock, pass };
}

const page = () => ({ method: 'GET', target: 'Items?$top=20' }) as const;

describe('reads of a server that becomes slow', () => {
  const slowing = () => {
    let answers = 0;
    return () => {
      answers += 1;
      return { waitedMs: answers <= 10 ? 100 : 2_000 };
    };
  };

  it('are spaced out in the background', async () => {
    const { company, slept } = bench(slowing(), 'background');
    for (let read = 0; read < 10; read += 1) await company.read(page, () => undefined);
    expect(slept).toEqual([]);
    for (let read = 0; read < 10; read += 1) await company.read(page, () => undefined);
    expect(slept.length).toBeGreaterThan(5);
  });

  it('are not held up for people, nor for look-ups', async () => {
    const { company, slept } = bench(slowing());
    for (let read = 0; read < 30; read += 1) await company.read(page, () => undefined);
    await company.read(page, () => undefined, 'lookup');
    expect(slept).toEqual([]);
  });
});

describe('a write', () => {
  it('has 60 s, unless a longer piece of work says so', async () => {
    const { company, sent } = bench(() => ({}));
    const request = { method: 'PATCH', target: "Items('a')", headers: { 'if-match': 'W/"x"' }, body: '{}' } as const;
    await company.write(request);
    await company.write(() => request, { limitMs: 300_000 });
    expect(sent.map(({ limitMs }) => limitMs)).toEqual([60_000, 300_000]);
    expect(sent[0]).toMatchObject({ method: 'PATCH', headers: { 'if-match': 'W/"x"', cookie: 'B1SESSION=s' } });
  });
});

describe('a ping', () => {
  it('tells how far the server’s clock is from ours, and needs no session', async () => {
    const { company, sent, clock } = bench(() => ({
      body: JSON.stringify({ message: 'pong', sender: 'load balancer', timestamp: '1772442007.250' }),
      waitedMs: 12,
    }));
    clock.set(new Date(1_772_442_000_000));
    expect(await pingServer(company)).toEqual({ answered: true, skewMs: 7_250, roundTripMs: 12 });
    expect(sent).toMatchObject([{ path: '/ping/', headers: {} }]);
  });

  it.each([
    [404, '<html></html>'],
    [200, '<html>Welcome</html>'],
    [200, '{"message":"hello"}'],
    [503, ''],
  ])('hidden behind a proxy is no fault: %i %s', async (status, body) => {
    const { company } = bench(() => ({ status, body }));
    expect(await pingServer(company)).toEqual({ answered: false, skewMs: null, roundTripMs: null });
  });

  it('that tells no time is an answer all the same', async () => {
    const { company } = bench(() => ({ body: '{"message":"pong","timestamp":"soon"}', waitedMs: 3 }));
    expect(await pingServer(company)).toEqual({ answered: true, skewMs: null, roundTripMs: 3 });
  });
});
