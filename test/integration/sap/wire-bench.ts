import { createServer, type Socket } from 'node:net';
import type { ErpProxy, Trust } from '../../../server/app/ports/installation-store.ts';
import { createTransport, type HttpRequest, type TransportOptions } from '../../../server/sap/exchange.ts';
import { wireOptions } from '../../../server/sap/wire-options.ts';

export interface WireTo {
  readonly port: number;
  readonly host?: string;
  readonly prefix?: string;
  readonly trust: Trust;
  readonly proxy?: ErpProxy | null;
  readonly options?: Partial<TransportOptions>;
}

/** One transport on loopback, without sessions or anything else above it. */
export function wire({ port, host = '127.0.0.1', prefix = '', trust, proxy = null, options = {} }: WireTo) {
  const world = { network: 'loopback', resolve: async () => ['127.0.0.1'], authorities: undefined } as const;
  const transport = createTransport(
    { origin: `https://${host}:${port}`, prefix },
    { ...wireOptions(world, { trust, proxy }), ...options },
  );
  return {
    ask: (changes: Partial<HttpRequest> = {}) =>
      transport.exchange({
        method: 'GET',
        path: '/b1s/v2/Orders',
        headers: { accept: 'application/json' },
        limitMs: 20_000,
        signal: new AbortController().signal,
        ...changes,
      }),
    close: () => transport.destroy(),
  };
}

/** A server that speaks no TLS: it gets the first bytes, and answers what it is told. */
export async function startPlainServer(onFirstBytes: (socket: Socket, bytes: Buffer) => void) {
  const sockets = new Set<Socket>();
  let closed = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      closed += 1;
      sockets.delete(socket);
    });
    socket.once('data', (bytes) => onFirstBytes(socket, bytes));
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  return {
    port,
    closed: () => closed,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What a TLS client offers in its first message (RFC 8446, 4.1.2). */
export function readClientHello(bytes: Buffer): { suites: number[]; extensions: Map<number, Buffer> } {
  let at = 5 + 4 + 2 + 32;
  at += 1 + bytes.readUInt8(at);
  const suitesLength = bytes.readUInt16BE(at);
  const suites = Array.from({ length: suitesLength / 2 }, (_none, index) => bytes.readUInt16BE(at + 2 + index * 2));
  at += 2 + suitesLength;
  at += 1 + bytes.readUInt8(at);
  const end = at + 2 + bytes.readUInt16BE(at);
  at += 2;
  const extensions = new Map<number, Buffer>();
  while (at < end) {
    const length = bytes.readUInt16BE(at + 2);
    extensions.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return { suites, extensions };
}
