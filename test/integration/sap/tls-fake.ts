import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { generate } from 'selfsigned';

export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly fingerprint: string;
}

export interface IdentityOptions {
  readonly commonName?: string;
  readonly names?: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
  readonly authority?: boolean;
  readonly signedBy?: Identity;
}

/** A certificate with its key, made for one test. */
export async function makeIdentity(options: IdentityOptions = {}): Promise<Identity> {
  const { commonName = 'sap.example.com', names = ['sap.example.com'], from, to, signedBy, authority } = options;
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...(from ? { notBeforeDate: from } : {}),
    ...(to ? { notAfterDate: to } : {}),
    ...(signedBy ? { ca: { key: signedBy.key, cert: signedBy.cert } } : {}),
    extensions: [
      ...(authority ? [{ name: 'basicConstraints' as const, cA: true, critical: true }] : []),
      {
        name: 'subjectAltName',
        altNames: [...names.map((value) => ({ type: 2 as const, value })), { type: 7, ip: '127.0.0.1' }],
      },
    ],
  });
  return { cert: made.cert, key: made.private, fingerprint: new X509Certificate(made.cert).fingerprint256 };
}

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (heard: Heard, response: ServerResponse) => void;

/** A server on loopback that answers as a test says and remembers all it heard. */
export async function startTlsFake(identity: Identity, answer: Answer, tls: TlsOptions = {}) {
  const heard: Heard[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let resumed = 0;
  const server = createServer({ key: identity.key, cert: identity.cert, ...tls }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const entry = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      heard.push(entry);
      answer(entry, response);
    });
  });
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('secureConnection', (socket) => {
    if (socket.isSessionReused()) resumed += 1;
  });
  server.on('tlsClientError', () => undefined);
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    heard,
    connections: () => connections,
    /** Handshakes that took up an earlier session. */
    resumed: () => resumed,
    open: () => sockets.size,
    onConnection: (act: () => void) => server.prependListener('connection', act),
    /** From the next connection on. */
    show: ({ cert, key }: Identity) => server.setSecureContext({ cert, key }),
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** What a Service Layer says to a good sign-in. */
export function welcome(
  response: ServerResponse,
  cookies: readonly string[] = ['B1SESSION=s1;HttpOnly;', 'ROUTEID=.node1; path=/b1s'],
): void {
  response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': [...cookies] });
  response.end(JSON.stringify({ SessionId: 's1', Version: '1000330', SessionTimeout: 30 }));
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
