import type { ServerResponse } from 'node:http';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Trust } from '../../../server/app/ports/installation-store.ts';
import { pinnedTo } from '../../support/trust.ts';
import { type Answer, type Identity, makeIdentity, startTlsFake } from './tls-fake.ts';
import { startPlainServer, wire } from './wire-bench.ts';

let identity: Identity;
let trust: Trust;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  identity = await makeIdentity();
  trust = pinnedTo(identity.cert);
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function serve(answer: Answer) {
  const server = await startTlsFake(identity, answer);
  closing.push(server.close);
  return server;
}

async function wireTo(answer: Answer) {
  const server = await serve(answer);
  const line = wire({ port: server.port, trust });
  closing.push(line.close);
  return { server, ...line };
}

const send = (response: ServerResponse, encoding: string, body: Buffer) =>
  response.writeHead(200, { 'content-encoding': encoding }).end(body);

describe('packed answers (AP-08)', () => {
  const JSON_TEXT = JSON.stringify({ value: Array.from({ length: 500 }, (_none, id) => ({ CardCode: `C${id}` })) });

  it('are asked for as gzip, and unpacked', async () => {
    const { server, ask } = await wireTo((_heard, response) => send(response, 'gzip', gzipSync(JSON_TEXT)));
    await expect(ask()).resolves.toMatchObject({ status: 200, body: JSON_TEXT });
    expect(server.heard[0]?.headers['accept-encoding']).toBe('gzip');
  });

  it('may be plain all the same, or empty', async () => {
    const { ask } = await wireTo(({ path }, response) => {
      if (path.endsWith('plain')) response.end(JSON_TEXT);
      else if (path.endsWith('identity')) send(response, 'identity', Buffer.from('1'));
      else response.writeHead(204, { 'content-encoding': 'gzip' }).end();
    });
    await expect(ask({ path: '/plain' })).resolves.toMatchObject({ body: JSON_TEXT });
    await expect(ask({ path: '/identity' })).resolves.toMatchObject({ body: '1' });
    await expect(ask({ path: '/empty' })).resolves.toMatchObject({ status: 204, body: '' });
  });

  it.each([
    ['deflate', deflateSync(JSON_TEXT)],
    ['br', Buffer.from(JSON_TEXT)],
    ['gzip, gzip', gzipSync(gzipSync(JSON_TEXT))],
    ['gzip', gzipSync(JSON_TEXT).subarray(0, 40)],
    ['gzip', Buffer.from(JSON_TEXT)],
  ])('as %s that cannot be read are no answer, and the request has left', async (encoding, body) => {
    const { ask } = await wireTo((_heard, response) => send(response, encoding, body));
    await expect(ask()).rejects.toMatchObject({ left: true, cause: { code: 'SAP_UNREADABLE_BODY' } });
  });

  it.each([
    ['of 60 MB in 60 kB', gzipSync(Buffer.alloc(60_000_000))],
    ['of 9 MB in 9 kB: less than the limit, but no answer of SAP', gzipSync(Buffer.alloc(9_000_000))],
  ])('a bomb %s is given up', async (_what, bomb) => {
    const { ask } = await wireTo((_heard, response) => send(response, 'gzip', bomb));
    await expect(ask()).rejects.toMatchObject({ left: true, cause: { code: 'SAP_UNREADABLE_BODY' } });
  });

  it('a megabyte of blanks is fine', async () => {
    const { ask } = await wireTo((_heard, response) => send(response, 'gzip', gzipSync(' '.repeat(1_000_000))));
    expect((await ask()).body).toHaveLength(1_000_000);
  });
});

describe('limits (AP-08): the socket is freed each time', () => {
  it('a body without end stops at 10 MB', async () => {
    const { server, ask } = await wireTo((_heard, response) => {
      const more = () => {
        if (!response.destroyed) response.write(Buffer.alloc(64_000), more);
      };
      more();
    });
    await expect(ask()).rejects.toMatchObject({ cause: { code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' } });
    await expect.poll(server.open).toBe(0);
  });

  it('a body of a byte at a time ends with the total limit', async () => {
    const { server, ask } = await wireTo((_heard, response) => {
      const drip = () => {
        if (!response.destroyed) response.write('x', () => setTimeout(drip, 5));
      };
      drip();
    });
    await expect(ask({ limitMs: 100 })).rejects.toMatchObject({ left: true, cause: { name: 'DeadlineError' } });
    await expect.poll(server.open).toBe(0);
  });

  it('headers beyond 64 kB', async () => {
    const { server, ask } = await wireTo((_heard, response) => {
      for (let index = 0; index < 70; index += 1) response.setHeader(`x-${index}`, 'x'.repeat(1_000));
      response.end('7');
    });
    await expect(ask()).rejects.toMatchObject({ cause: { code: 'UND_ERR_HEADERS_OVERFLOW' } });
    await expect.poll(server.open).toBe(0);
  });

  it('no first byte', async () => {
    const { server, ask } = await wireTo(() => undefined);
    await expect(ask({ firstByteMs: 1 })).rejects.toMatchObject({ cause: { code: 'UND_ERR_HEADERS_TIMEOUT' } });
    await expect.poll(server.open).toBe(0);
  });

  it('a handshake that hangs: nothing was sent', async () => {
    const silent = await startPlainServer(() => undefined);
    closing.push(silent.close);
    const { ask, close } = wire({ port: silent.port, trust, options: { connectLimitMs: 50 } });
    await expect(ask()).rejects.toMatchObject({ left: false, cause: { code: 'SAP_CONNECT_TIMEOUT' } });
    await expect.poll(silent.closed).toBe(1);
    await close();
  });

  it('a name server that never answers is within the limit for connecting', async () => {
    const resolve = () => new Promise<never>(() => undefined);
    const { ask, close } = wire({ port: 1, host: 'sap.example.com', trust, options: { connectLimitMs: 50, resolve } });
    await expect(ask()).rejects.toMatchObject({ left: false, cause: { code: 'SAP_CONNECT_TIMEOUT' } });
    await close();
  });

  it('a server that speaks no TLS gets nothing', async () => {
    const plain = await startPlainServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n7'));
    closing.push(plain.close);
    const { ask, close } = wire({ port: plain.port, trust });
    await expect(ask()).rejects.toMatchObject({ left: false });
    await close();
  });

  it('whoever leaves takes the request along', async () => {
    const leaving = new AbortController();
    const { server, ask } = await wireTo(() => leaving.abort());
    await expect(ask({ signal: leaving.signal })).rejects.toMatchObject({ left: true });
    await expect.poll(server.open).toBe(0);
  });
});

describe('what goes onto the wire', () => {
  it.each(['GET', 'POST', 'PATCH', 'DELETE'] as const)('%s, below a proxy’s prefix, without Expect', async (method) => {
    const server = await serve((_heard, response) => response.end('7'));
    const { ask, close } = wire({ port: server.port, prefix: '/erp/sap', trust });
    await ask({ method, ...(method === 'GET' ? {} : { body: '{"a":1}' }) });
    await close();
    expect(server.heard).toMatchObject([{ method, path: '/erp/sap/b1s/v2/Orders' }]);
    expect(Object.keys(server.heard[0]?.headers ?? {})).not.toContain('expect');
  });

  it.each([
    ['GET', 302],
    ['POST', 307],
    ['POST', 308],
    ['GET', 300],
  ] as const)('SE-04: %s answered with %s is an error, and nobody is asked a second time', async (method, status) => {
    const inside = await serve((_heard, response) => response.end('inside'));
    const { server, ask } = await wireTo((_heard, response) =>
      response.writeHead(status, { location: `${inside.url}/b1s/v2/Login` }).end('elsewhere'),
    );
    await expect(ask({ method })).rejects.toMatchObject({ left: true, cause: { code: 'SAP_REDIRECT' } });
    expect(server.heard).toHaveLength(1);
    expect(inside.connections()).toBe(0);
  });

  it('sockets are kept and shared by requests of one transport only', async () => {
    const server = await serve((_heard, response) => response.end('7'));
    const one = wire({ port: server.port, trust });
    const other = wire({ port: server.port, trust });
    for (let round = 0; round < 20; round += 1) await one.ask();
    expect(server.connections()).toBe(1);
    await other.ask();
    expect(server.connections()).toBe(2);
    await one.close();
    await other.close();
  });

  it('a proxy’s header and client certificate go with every request', async () => {
    const own = await makeIdentity({ commonName: 'orderline' });
    const server = await startTlsFake(identity, (_heard, response) => response.end('7'), {
      requestCert: true,
      ca: [own.cert],
    });
    closing.push(server.close);
    const proxy = {
      header: { name: 'Authorization', value: { reveal: () => 'Bearer gateway-canary' } },
      clientCertificate: { pem: own.cert, key: { reveal: () => own.key } },
    };
    const { ask, close } = wire({ port: server.port, trust, proxy });
    await ask();
    await ask({ method: 'POST', path: '/b1s/v2/Login', body: '{}' });
    await close();
    expect(server.heard.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill('Bearer gateway-canary'));

    const without = wire({ port: server.port, trust });
    await expect(without.ask()).rejects.toThrow();
    const impostor = wire({ port: server.port, trust: pinnedTo(own.cert), proxy });
    await expect(impostor.ask()).rejects.toMatchObject({ left: false });
    expect(server.heard).toHaveLength(2);
    await without.close();
    await impostor.close();
  });
});
