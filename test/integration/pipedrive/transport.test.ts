import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createTransport, NoAnswerError, type TransportLimits } from '../../../server/pipedrive/transport.ts';

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

describe('AP-08: limits on everything that goes out to Pipedrive', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function exchange(answering: Answering, limits: Partial<TransportLimits> = {}) {
    const server = createServer(answering);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(
      () =>
        new Promise((resolve) => {
          server.close(resolve);
          server.closeAllConnections();
        }),
    );
    const address = server.address();
    return ask(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`, limits);
  }

  async function ask(url: string, limits: Partial<TransportLimits>) {
    const transport = createTransport(limits);
    closing.push(() => transport.close());
    const signal = new AbortController().signal;
    return transport.exchange({ method: 'GET', url, headers: {}, signal }).catch((error: unknown) => error);
  }

  const silence: Answering = () => undefined;
  const drip: Answering = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  };
  const endless: Answering = (_request, response) => {
    const chunk = Buffer.alloc(256 * 1024, ' ');
    const more = () => {
      while (!response.destroyed) if (!response.write(chunk)) return void response.once('drain', more);
    };
    more();
  };
  const wideHeader: Answering = (_request, response) => {
    response.writeHead(200, { 'x-wide': 'x'.repeat(70_000) }).end('{}');
  };
  const announced50Mb: Answering = (_request, response) => {
    response.writeHead(200, { 'content-length': String(50 * 1024 * 1024) });
    response.write('{');
  };

  it.each<[string, Answering, Partial<TransportLimits>, boolean]>([
    ['5.7 no. 19: a body that drips for ever is cut off in the total time', drip, { totalMs: 300 }, true],
    ['silence is cut off in the total time', silence, { totalMs: 300 }, true],
    ['silence is cut off at the limit for the first byte', silence, { firstByteMs: 300 }, true],
    ['5.7 no. 19: an endless body is cut off at 10 MB', endless, {}, false],
    ['5.7 no. 19: a body announced as 50 MB is not read', announced50Mb, { totalMs: 2_000 }, false],
    ['headers of more than 64 kB are refused', wideHeader, {}, false],
  ])('%s', async (_name, answering, limits, timedOut) => {
    const failure = await exchange(answering, limits);
    expect(failure).toBeInstanceOf(NoAnswerError);
    expect(failure).toMatchObject({ mayHaveArrived: true, timedOut });
  });

  it('5.7 no. 19: a bomb stays packed: nothing is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    const answer = await exchange((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
    });
    expect(answer).toMatchObject({ status: 200 });
    expect(JSON.stringify(answer).length).toBeLessThan(1024 * 1024);
  });

  it('5.7 no. 20: a redirect is an answer and is not followed', async () => {
    const seen: (string | undefined)[] = [];
    const answer = await exchange((request, response) => {
      seen.push(request.url);
      response.writeHead(301, { location: 'https://moved.pipedrive.com/' }).end();
    });
    expect(answer).toMatchObject({ status: 301 });
    expect(seen).toEqual(['/']);
  });

  it('a connection that is taken and never greeted is given up at the limit for connecting, and was sent nothing', async () => {
    const server = createTcpServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => void server.close());
    const address = server.address();
    const url = `https://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;
    // Within the limit and one second (AP-08): by the total limit it would have been as if it might have arrived.
    const failure = await ask(url, { connectMs: 300, totalMs: 10_000 });
    expect(failure).toBeInstanceOf(NoAnswerError);
    expect(failure).toMatchObject({ mayHaveArrived: false, timedOut: false });
  });

  it('who cannot be connected to was sent nothing', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    await expect(ask(`http://127.0.0.1:${port}/`, {})).resolves.toMatchObject({ mayHaveArrived: false });
  });
});
