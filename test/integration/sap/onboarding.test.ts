import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpAccess } from '../../../server/app/ports/erp-onboarding.ts';
import { InvalidInputError, UnavailableError } from '../../../server/kernel/errors.ts';
import { pinnedTo } from '../../support/trust.ts';
import { COMPANY, connectErp, connectTo, type Sap, startSap } from './sap-bench.ts';
import { type Answer, type Identity, makeIdentity, sendJson, startTlsFake, welcome } from './tls-fake.ts';

const signal = new AbortController().signal;

describe('tryAccess', () => {
  let bench: Sap;
  let access: ErpAccess;
  beforeAll(async () => {
    bench = await startSap();
    access = {
      address: `${bench.sap.url}/b1s/v2`,
      companyDb: COMPANY,
      userName: 'manager',
      password: 'manager',
      trust: pinnedTo(bench.sap.certificatePem),
      proxy: null,
    };
  });
  afterAll(() => bench.close());
  beforeEach(() => bench.sap.log.clear());
  const attempt = (changes: Partial<ErpAccess>) => connectErp(bench).erp.tryAccess({ ...access, ...changes }, signal);

  it('tells what the connection needs to know, and leaves no session behind', async () => {
    await expect(attempt({})).resolves.toEqual({
      companyName: 'Nordlicht Büromöbel GmbH',
      localCurrency: 'EUR',
      timeZone: 'Europe/Berlin',
      version: '1000330',
    });
    expect(bench.sap.sessions.count()).toBe(0);
  });

  it('says different things about a wrong company and a wrong password, once each', async () => {
    const company = await attempt({ companyDb: 'NOWHERE' }).catch((error: unknown) => error);
    const password = await attempt({ password: 'wrong' }).catch((error: unknown) => error);
    expect(company).toMatchObject({ kind: 'invalid_input', problems: [{ code: 'sign_in_company', at: 'companyDb' }] });
    expect(password).toMatchObject({ kind: 'invalid_input', problems: [{ code: 'sign_in_password', at: 'password' }] });
    expect(bench.sap.log.all()).toHaveLength(2);
  });

  it('SE-08: sends no password to a certificate that is not the confirmed one', async () => {
    const stranger = await makeIdentity();
    const error = await attempt({ trust: pinnedTo(stranger.cert) }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ problems: [{ code: 'certificate_not_trusted' }] });
    expect(bench.sap.log.all()).toEqual([]);
  });

  it('speaks v1 to a server that has only that', async () => {
    const old = await startSap({ version: 'v1' });
    const trial = {
      ...access,
      address: `${old.sap.url}/b1s/v2`,
      trust: pinnedTo(old.sap.certificatePem),
    };
    await expect(connectErp(old).erp.tryAccess(trial, signal)).resolves.toMatchObject({ localCurrency: 'EUR' });
    await old.close();
  });

  it.each(['lead\tin', '  blank ', 'quote"s\\', 'ümläut😀', 'x'.repeat(300), 'zero\u0000byte'])(
    'sends the password %j unchanged',
    async (password) => {
      const identity = await makeIdentity();
      const server = await startTlsFake(identity, (_heard, response) =>
        sendJson(response, 401, { error: { code: -304, message: { value: 'no' } } }),
      );
      const { erp } = connectTo({ url: server.url, certificatePem: identity.cert });
      await erp
        .tryAccess(
          {
            ...access,
            address: `${server.url}/b1s/v2`,
            password,
            trust: pinnedTo(identity.cert),
          },
          signal,
        )
        .catch(() => undefined);
      expect(JSON.parse(server.heard[0]?.body ?? '{}')).toMatchObject({ Password: password, Language: '3' });
      await server.close();
    },
  );
});

describe('a server that is none, or means ill (5.6)', () => {
  let identity: Identity;
  beforeAll(async () => {
    identity = await makeIdentity();
  });

  async function against(
    answer: Answer,
    work: (client: ReturnType<typeof connectTo>, heard: () => string[]) => Promise<void>,
  ) {
    const server = await startTlsFake(identity, answer);
    try {
      await work(connectTo({ url: server.url, certificatePem: identity.cert }), () =>
        server.heard.map(({ method, path }) => `${method} ${path}`),
      );
    } finally {
      await server.close();
    }
  }
  const afterLogin =
    (answer: Answer): Answer =>
    (heard, response) =>
      heard.path.endsWith('/Login') ? welcome(response) : answer(heard, response);

  it('SE-04: follows no redirect, neither of a read nor of a sign-in', async () => {
    const redirect: Answer = (_heard, response) => {
      response.writeHead(302, { location: '/b1s/v2/elsewhere' });
      response.end();
    };
    await against(afterLogin(redirect), async ({ erp, caller }, heard) => {
      await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(UnavailableError);
      expect(heard()).toEqual(['POST /b1s/v2/Login', 'GET /b1s/v2/BusinessPartners/$count']);
    });
    await against(redirect, async ({ erp, caller }, heard) => {
      await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(UnavailableError);
      expect(heard()).toEqual(['POST /b1s/v2/Login']);
    });
  });

  it.each([
    ['without ROUTEID', ['B1SESSION=s1;HttpOnly;']],
    ['with rubbish among the cookies', ['=x', 'B1SESSION=s1;HttpOnly;', 'B1SESSIONX=other']],
  ])('signs in %s', async (_title, cookies) => {
    const server: Answer = (heard, response) =>
      heard.path.endsWith('/Login') ? welcome(response, cookies) : void response.end('7');
    await against(server, async ({ erp, caller }) => {
      await expect(erp.countPartners(caller)).resolves.toBe(7);
    });
  });

  it.each([
    ['without any cookie', []],
    ['with a cookie for another domain', ['B1SESSION=s1; Domain=evil.example; Path=/']],
  ])('has no session %s', async (_title, cookies) => {
    await against(
      (_heard, response) => welcome(response, cookies),
      async ({ erp, caller }) => {
        await expect(erp.countPartners(caller)).rejects.toThrow(/session cookie/);
      },
    );
  });

  it('says that something else answers', async () => {
    for (const answer of [
      (_heard: unknown, response: Parameters<Answer>[1]) => void response.writeHead(404).end('<html>not here</html>'),
      (_heard: unknown, response: Parameters<Answer>[1]) => void response.end('<html>hello</html>'),
    ]) {
      await against(answer, async ({ erp, books, caller }) => {
        const trial = { ...books.access, password: 'x' };
        const error = await erp.tryAccess(trial, caller.signal).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(InvalidInputError);
        expect(error).toMatchObject({ problems: [{ code: 'not_sap' }] });
      });
    }
  });

  it('AP-08: reads no more than 10 MB', async () => {
    const flood: Answer = (_heard, response) => {
      response.on('error', () => undefined);
      const more = () => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    };
    await against(afterLogin(flood), async ({ erp, caller }, heard) => {
      await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(UnavailableError);
      expect(heard()).toHaveLength(2);
    });
  });

  it('AP-08: waits no longer than it is given, though bytes keep dripping', async () => {
    const timers: NodeJS.Timeout[] = [];
    const drip: Answer = (_heard, response) => {
      response.on('error', () => undefined);
      timers.push(setInterval(() => response.write(' '), 20));
    };
    await against(afterLogin(drip), async ({ erp, caller }) => {
      await expect(erp.countPartners({ ...caller, signal: AbortSignal.timeout(300) })).rejects.toBeInstanceOf(
        UnavailableError,
      );
    });
    for (const timer of timers) clearInterval(timer);
  });

  it('leaves no session behind at SAP when whoever tries it out leaves in the middle', async () => {
    const leaving = new AbortController();
    const hanging: Answer = (heard, response) =>
      heard.path.endsWith('/Logout') ? void response.writeHead(204).end() : leaving.abort();
    await against(afterLogin(hanging), async ({ erp, books }, heard) => {
      const access: ErpAccess = { ...books.access, password: 'manager' };
      await expect(erp.tryAccess(access, leaving.signal)).rejects.toBeInstanceOf(UnavailableError);
      expect(heard().at(-1)).toBe('POST /b1s/v2/Logout');
    });
  });

  it('follows no link to a next page', async () => {
    const lying: Answer = (_heard, response) =>
      sendJson(response, 200, { value: [{ CardCode: 'C1' }], '@odata.nextLink': 'https://169.254.169.254/latest' });
    await against(afterLogin(lying), async ({ erp, caller }, heard) => {
      const { rows, done } = await erp.listPartnersByKey(caller, null, 50);
      expect({ count: rows.length, done }).toEqual({ count: 1, done: false });
      expect(heard()).toHaveLength(2);
    });
  });

  it.each([
    ['HTML', 200, '<html></html>'],
    ['cut off', 200, '{"value":[{"CardCode":"C1"'],
    ['of another shape', 200, '{"value":[{"CardCode":["C1"]}]}'],
    ['empty', 200, ''],
    ['an empty 500', 500, ''],
    ['a page of a proxy', 503, '<html>503</html>'],
  ])('an answer that is %s is no defect', async (_title, status, body) => {
    await against(
      afterLogin((_heard, response) => void response.writeHead(status).end(body)),
      async ({ erp, caller }) => {
        await expect(erp.listPartnersByKey(caller, null, 5)).rejects.toBeInstanceOf(UnavailableError);
      },
    );
  });

  it('tells secrets to nobody: errors hold neither password nor session', async () => {
    await against(
      (_heard, response) => sendJson(response, 401, { error: { code: '-304', message: 'wrong: manager' } }),
      async ({ erp, caller }) => {
        const error = await erp.countPartners(caller).catch((thrown: unknown) => thrown);
        expect(String(error)).not.toMatch(/wrong: manager|B1SESSION/);
      },
    );
  });
});

describe('addresses (SE-01, SE-02, SE-03)', () => {
  it('refuses a name when one of its addresses is bad, and opens no socket', async () => {
    const identity = await makeIdentity();
    const sink = await startTlsFake(identity, (_heard, response) => response.end());
    const server = { url: `https://sap.example.com:${sink.port}`, certificatePem: identity.cert };
    const { erp, caller } = connectTo(server, {}, { resolve: async () => ['127.0.0.1', '10.0.0.1'] });
    await expect(erp.checkAddress(server.url)).rejects.toMatchObject({ problems: [{ code: 'address_name' }] });
    await expect(erp.countPartners(caller)).rejects.toBeInstanceOf(UnavailableError);
    expect(sink.connections()).toBe(0);
    await sink.close();
  });

  it('SE-03: a name that flips between the check and the connection leads nowhere', async () => {
    const identity = await makeIdentity();
    const sink = await startTlsFake(identity, (_heard, response) => response.end());
    const server = { url: `https://sap.example.com:${sink.port}`, certificatePem: identity.cert };
    let calls = 0;
    const resolve = async () => {
      calls += 1;
      return calls === 1 ? ['93.184.216.34'] : ['127.0.0.1'];
    };
    const { erp, caller } = connectTo(server, {}, { resolve, network: 'public' });
    await expect(erp.checkAddress('sap.example.com:50000')).resolves.toBe('https://sap.example.com:50000/b1s/v2');
    const atSink = connectTo(
      server,
      { address: 'https://sap.example.com:50000/b1s/v2' },
      { resolve, network: 'public' },
    );
    for (let round = 0; round < 50; round += 1) {
      await expect(atSink.erp.lookAtCertificate(atSink.books.access, caller.signal)).rejects.toBeInstanceOf(
        UnavailableError,
      );
    }
    await expect(atSink.erp.countPartners(atSink.caller)).rejects.toBeInstanceOf(UnavailableError);
    expect(calls).toBeGreaterThanOrEqual(52);
    expect(sink.connections()).toBe(0);
    await sink.close();
  });

  it('says that nobody knows the name', async () => {
    const { erp } = connectTo(
      { url: 'https://127.0.0.1:1024', certificatePem: (await makeIdentity()).cert },
      {},
      {
        resolve: () => Promise.reject(Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' })),
      },
    );
    await expect(erp.checkAddress('sap.nowhere.example')).rejects.toMatchObject({
      problems: [{ code: 'address_name' }],
    });
  });
});
