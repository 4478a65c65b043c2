import { createHash, createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import request from 'supertest';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { serve } from '../../../server/http/serve.ts';
import { UnavailableError } from '../../../server/kernel/errors.ts';
import { type StartedHttp, startHttp } from './start-http.ts';

const PATH = '/webhooks/pipedrive/secret-canary-0123456789';
const BASIC = `Basic ${Buffer.from('hook:password-canary').toString('base64')}`;

const macOf = (body: Buffer | string) => createHmac('sha256', 'secret-canary-0123456789').update(body).digest();
const deliver = ({ app }: StartedHttp, body: Buffer | string, headers: Record<string, string> = {}) =>
  request(app)
    .post(PATH)
    .set({ Authorization: BASIC, 'Content-Type': 'application/json', ...headers })
    .serialize((text: unknown) => text as string)
    .send(body);

describe('POST /webhooks/pipedrive/:secret', () => {
  it('WH-01 hands the bytes over as they came and answers 200', async () => {
    const http = startHttp();
    const body = '{ "meta": {"id":"1"},\r\n "data" : {} }';
    await deliver(http, body).expect(200);
    expect(http.fakes.proofs).toEqual([
      { secret: 'secret-canary-0123456789', authorization: BASIC, from: expect.stringContaining('127.0.0.1') },
    ]);
    expect(http.fakes.deliveries).toEqual([
      {
        headers: expect.objectContaining({ 'content-type': 'application/json' }),
        body: Buffer.from(body),
        size: Buffer.byteLength(body),
        tooLarge: false,
        mac: macOf(body),
      },
    ]);
  });

  it('signs for all that came, also for what is too large to be kept', async () => {
    const http = startHttp();
    const body = Buffer.alloc(1_500_000, 0x21);
    await deliver(http, body).expect(200);
    expect(http.fakes.deliveries).toMatchObject([{ tooLarge: true, size: body.length, mac: macOf(body) }]);
  });

  it('SE-13 keeps Authorization and cookies out of the headers that are stored', async () => {
    const http = startHttp();
    await deliver(http, '{}', { Cookie: 'a=b', 'X-Pipedrive-Signature': 'sha256=00' }).expect(200);
    expect(Object.keys(http.fakes.deliveries[0]?.headers ?? {})).not.toContain('authorization');
    expect(Object.keys(http.fakes.deliveries[0]?.headers ?? {})).not.toContain('cookie');
    expect(http.fakes.deliveries[0]?.headers).toMatchObject({ 'x-pipedrive-signature': 'sha256=00' });
  });

  it('WH-09 notes to which address a delivery was not taken, and no other', async () => {
    const http = startHttp({ webhooks: { pace: { idleMs: 100, wholeMs: 200 } } });
    const { port, close } = await serve(http.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => close(0));
    await deliver(http, '{}').expect(200);
    http.fakes.known = false;
    await deliver(http, '{}').expect(401);
    http.fakes.known = true;
    expect(http.fakes.missed).toEqual([]);
    http.fakes.fail.receive = new Error('away');
    await deliver(http, '{}').expect(503);
    const hash = createHash('sha256')
      .update(PATH.split('/').at(-1) ?? '')
      .digest('hex');
    await vi.waitFor(() => expect(http.fakes.missed).toEqual([hash]));
    // Whoever went, or was sent away, in the middle has not been served either.
    await drip(port, `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`, []);
    await vi.waitFor(() => expect(http.fakes.missed).toEqual([hash, hash]));
  });

  it('answers 200 to one that is there already', async () => {
    const http = startHttp();
    http.fakes.received = 'duplicate';
    await deliver(http, '{}').expect(200);
  });

  it('WH-09 answers 401 to a stranger without reading a byte of the body', async () => {
    const http = startHttp();
    http.fakes.known = false;
    const { port, close } = await serve(http.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => close(0));
    // The body is announced and never comes: whoever waits for it waits for ever.
    const answer = await exchange(port, `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(http.fakes.deliveries).toEqual([]);
  });

  it.each([
    ['nothing of the body comes', []],
    ['it comes a byte at a time', Array.from({ length: 1_000 }, () => 'x')],
  ])('5.1.16 WH-09 ends a sender when %s', async (_what, bytes) => {
    const http = startHttp({ webhooks: { pace: { idleMs: 150, wholeMs: 400 } } });
    const { port, close } = await serve(http.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => close(0));
    const answer = await drip(port, `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`, bytes);
    expect(answer).toBe('');
    expect(http.fakes.deliveries).toEqual([]);
    await deliver(http, '{}').expect(200);
  });

  it('WH-09 tells whoever comes above capacity to come back, at once, and takes the next when there is room', async () => {
    const http = startHttp({ webhooks: { atOnce: 2 } });
    const { port, close } = await serve(http.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => close(0));
    let release = (): void => undefined;
    http.fakes.hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    const post = () => fetch(`http://127.0.0.1:${port}${PATH}`, { method: 'POST', body: '{}' });
    const held = [post(), post()];
    await vi.waitFor(() => expect(http.fakes.proofs).toHaveLength(2));
    const refused = await post();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '3']);
    release();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await post()).status).toBe(200);
    expect(http.fakes.deliveries).toHaveLength(3);
  });

  it('F36 one company leaves places to the others', async () => {
    const http = startHttp({ webhooks: { atOnce: 5, ofOneInstallation: 1 } });
    const { port, close } = await serve(http.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => close(0));
    http.fakes.hold = new Promise(() => undefined);
    const post = () => fetch(`http://127.0.0.1:${port}${PATH}`, { method: 'POST', body: '{}' });
    const held = post();
    held.catch(() => undefined);
    await vi.waitFor(() => expect(http.fakes.proofs).toHaveLength(1));
    expect((await post()).status).toBe(503);
  });

  it('WH-09 keeps no more bytes than there is room for, and gives all of it back', async () => {
    const http = startHttp({ webhooks: { bytes: 100_000 } });
    await deliver(http, Buffer.alloc(100_001, 0x61)).expect(503);
    for (let round = 0; round < 3; round += 1) {
      await deliver(http, Buffer.alloc(100_000, 0x61)).expect(200);
      http.fakes.fail.receive = new Error('x');
      await deliver(http, Buffer.alloc(100_000, 0x61)).expect(503);
      delete http.fakes.fail.receive;
    }
    const http2 = startHttp({ webhooks: { bytes: 1_100_000 } });
    for (let round = 0; round < 3; round += 1) await deliver(http2, Buffer.alloc(3_000_000, 0x61)).expect(200);
    expect(http2.fakes.deliveries).toHaveLength(3);
  });

  it('F4 tells the sender to come back when the database takes too long', async () => {
    const http = startHttp({ webhooks: { answerMs: 50 } });
    http.fakes.hold = new Promise(() => undefined);
    await deliver(http, '{}').expect(503);
  });

  it('F4 gives looking up and storing one time limit together', async () => {
    const http = startHttp({ webhooks: { answerMs: 400 } });
    http.fakes.holdLookUp = pause(300);
    http.fakes.hold = pause(650);
    await deliver(http, '{}').expect(503);
  });

  it('answers 401 to one that is not ours', async () => {
    const http = startHttp();
    http.fakes.received = 'not_ours';
    const answer = await deliver(http, '{}').expect(401);
    expect(answer.text).toBe('');
  });

  it('does not look up a secret that none of ours can be', async () => {
    const http = startHttp();
    await request(http.app)
      .post(`/webhooks/pipedrive/${'x'.repeat(300)}`)
      .send('{}')
      .expect(401);
    await request(http.app).post('/webhooks/pipedrive/').send('{}').expect(404);
    await request(http.app).post('/webhooks/elsewhere/secret').send('{}').expect(404);
    expect(http.fakes.proofs).toEqual([]);
    expect(http.fakes.deliveries).toEqual([]);
  });

  it('OP-08 answers 503 when it could not be stored, so that Pipedrive sends it again', async () => {
    const http = startHttp();
    http.fakes.fail.receive = new UnavailableError('The database did not answer.');
    await deliver(http, '{}').expect(503).expect('Retry-After', '3');
    http.fakes.fail.receive = new Error('Connection terminated unexpectedly');
    const answer = await deliver(http, '{}').expect(503);
    expect(answer.text).not.toContain('terminated');
  });

  const ODD: Readonly<Record<string, Buffer | string>> = {
    empty: '',
    null: 'null',
    list: '[]',
    text: '"x"',
    zero: '0',
    'cut off': '{"meta":{"id":',
    'NUL in a name': '{"data":{"title":"a\\u0000b"}}',
    'lone surrogate': '{"data":{"title":"\\ud800"}}',
    'invalid UTF-8': Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]),
    'UTF-16 with BOM': Buffer.from('\ufeff{"meta":{}}', 'utf16le'),
    'deep nesting': '['.repeat(100_000),
    prototype: '{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}',
    'double keys': '{"status":"open","status":"won"}',
    'id past 2^53': '{"data":{"id":9007199254740993}}',
    '256 kB and 1': Buffer.alloc(262_145, 0x20),
    '1 MB': Buffer.alloc(1_048_576, 0x20),
  };

  it.each(Object.entries(ODD))('WH-08 stores what cannot be read, whole: %s', async (_what, body) => {
    const http = startHttp();
    await deliver(http, body).expect(200);
    const [stored] = http.fakes.deliveries;
    expect(stored).toMatchObject({ size: Buffer.byteLength(body), tooLarge: false });
    expect(Buffer.from(body).equals(stored?.body ?? Buffer.from('nothing'))).toBe(true);
  });

  it.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    ['multipart/form-data; boundary=x', {}],
    ['application/json; charset=utf-7', {}],
    ['nonsense', {}],
    ['application/json', { 'Content-Encoding': 'gzip' }],
    ['application/json', { 'Content-Encoding': 'br' }],
    ['application/json', { 'Content-Encoding': 'x-unknown' }],
  ])('WH-08 does not care about the type %s %j', async (type, headers) => {
    const http = startHttp();
    await deliver(http, '{"a":1}', { 'Content-Type': type, ...headers }).expect(200);
    expect(http.fakes.deliveries[0]?.body).toEqual(Buffer.from('{"a":1}'));
  });

  it('WH-08 never inflates: a gzip bomb stays as small as it came', async () => {
    const http = startHttp();
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await deliver(http, bomb, { 'Content-Encoding': 'gzip' }).expect(200);
    expect(http.fakes.deliveries[0]?.size).toBe(bomb.length);
  });

  it.each([1_048_577, 10_000_000])('WH-08 keeps the first 64 kB of %d bytes and answers 200', async (size) => {
    const http = startHttp();
    const large = Buffer.alloc(size, 0x61);
    large.write('start');
    await deliver(http, large).expect(200);
    expect(http.fakes.deliveries[0]).toMatchObject({ size, tooLarge: true });
    expect(large.subarray(0, 65_536).equals(http.fakes.deliveries[0]?.body ?? Buffer.alloc(0))).toBe(true);
  });

  it('WH-08 answers 200 to whatever bytes come, and hands them over unchanged', async () => {
    const http = startHttp();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (bytes) => {
        http.fakes.deliveries.length = 0;
        const answer = await deliver(http, Buffer.from(bytes));
        return answer.status === 200 && Buffer.from(bytes).equals(http.fakes.deliveries[0]?.body ?? Buffer.alloc(1));
      }),
      { numRuns: 100 },
    );
  });

  it('5.1.13 takes no credentials where there are two Authorization headers', async () => {
    const http = startHttp();
    const { port, close } = await serve(http.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => close(0));
    const head = [
      `POST ${PATH} HTTP/1.1`,
      'Host: x',
      `Authorization: ${BASIC}`,
      'Authorization: Basic eDp5',
      'Content-Length: 2',
      'Connection: close',
    ];
    await exchange(port, `${head.join('\r\n')}\r\n\r\n{}`);
    expect(http.fakes.proofs[0]).toMatchObject({ authorization: undefined });
  });

  it('5.1.16 refuses a message whose length is told in two ways, and goes on', async () => {
    const http = startHttp();
    const { port, close } = await serve(http.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => close(0));
    const head = [`POST ${PATH} HTTP/1.1`, 'Host: x', 'Content-Length: 2', 'Transfer-Encoding: chunked'];
    expect(await exchange(port, `${head.join('\r\n')}\r\n\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(http.fakes.deliveries).toEqual([]);
    await deliver(http, '{}').expect(200);
  });

  it('stores nothing when the sender goes away in the middle', async () => {
    const http = startHttp();
    const { port, close } = await serve(http.app, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => close(0));
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"half`, () => socket.destroy());
      });
      socket.once('close', () => resolve());
    });
    await deliver(http, '{}').expect(200);
    expect(http.fakes.deliveries).toHaveLength(1);
    expect(http.log.filter((entry) => entry.level === 'error')).toEqual([]);
  });

  it('SE-34 keeps the secret of the path and the credentials out of the log', async () => {
    const http = startHttp();
    await deliver(http, '{"a":"body-canary"}');
    http.fakes.fail.receive = new Error('x');
    await deliver(http, '{"a":"body-canary"}');
    const written = JSON.stringify(http.log);
    for (const secret of ['secret-canary', 'password-canary', BASIC, 'body-canary'])
      expect(written).not.toContain(secret);
    expect(http.log[0]?.fields).toMatchObject({ route: '/webhooks/pipedrive/:secret', status: 200 });
  });
});

/** Sends raw bytes and gives back all that is answered. */
function exchange(port: number, message: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(message));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.once('close', () => resolve(answer));
    socket.once('error', reject);
  });
}

/** Sends a head, then a piece every 20 ms until the other side ends it. @returns what was answered */
function drip(port: number, head: string, pieces: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const left = [...pieces];
    const socket = connect(port, '127.0.0.1', () => socket.write(head));
    const timer = setInterval(() => {
      const next = left.shift();
      if (next !== undefined) socket.write(next);
    }, 20);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearInterval(timer);
      resolve(answer);
    });
  });
}
