import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isRecord } from '../json.ts';

/** A request read to its end. */
export interface PlainRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string;
  /** The body as it came. */
  bytes: Buffer;
}

export interface PlainAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Sent instead of `body` where it is no text. */
  bytes?: Buffer;
}

/** 'drop' = the connection is cut without an answer. */
export type Answering = (request: PlainRequest) => Promise<PlainAnswer | 'drop'>;

export interface Listener {
  port: number;
  origin: string;
  close(): Promise<void>;
}

const MAX_BODY = 12_000_000;

/** Listens on the loopback interface only. */
export async function listen(port: number, answering: Answering): Promise<Listener> {
  const server = createServer((request, response) => {
    handle(request, response, answering).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = portOf(server);
  return {
    port: bound,
    origin: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): PlainAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

export function html(status: number, body: string, headers: Record<string, string> = {}): PlainAnswer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body };
}

async function handle(request: IncomingMessage, response: ServerResponse, answering: Answering): Promise<void> {
  const bytes = await readBody(request);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
  const url = new URL(request.url ?? '/', `http://${headers['host'] ?? '127.0.0.1'}`);
  const body = bytes.toString('utf8');
  const answer = await answering({ method: request.method ?? 'GET', url, headers, body, bytes });
  if (answer === 'drop') {
    request.socket.destroy();
    return;
  }
  response.writeHead(answer.status, answer.headers);
  response.end(answer.bytes ?? answer.body);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY) throw new Error('The body is too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function portOf(server: Server): number {
  const address: unknown = server.address();
  if (isRecord(address) && typeof address['port'] === 'number') return address['port'];
  throw new Error('The server does not listen on a port');
}
