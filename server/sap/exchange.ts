import { Agent, type Dispatcher } from 'undici';
import type { IncomingHttpHeaders } from 'undici/types/header.js';
import type { ErpProxy } from '../app/ports/installation-store.ts';
import { startDeadline } from '../net/deadline.ts';
import { type Elapsed, realElapsed } from '../net/timer.ts';
import type { SapAddress } from './address.ts';
import { type Encoding, encodingOf, LARGEST_ANSWER, textOf } from './body.ts';
import { type ConnectorOptions, createConnector } from './connector.ts';
import { ownCookies } from './cookies.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query as they go onto the wire, below a proxy's prefix. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Total limit, connecting included. */
  readonly limitMs: number;
  /** From the request's last byte to the answer's first, to the second; the total limit unless given. */
  readonly firstByteMs?: number;
  readonly signal: AbortSignal;
  /** Asked directly before the first byte is written; false: nothing is sent. */
  readonly mayLeave?: () => boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** Without those that another host's name stands on. */
  readonly setCookies: readonly string[];
  readonly body: string;
  /** Milliseconds from the request's first byte to the answer's; not there for a part of a batch. */
  readonly waitedMs?: number;
}

/** No answer, or none that can be used. `left`: the request, or a part of it, may have reached the server. */
export class NoAnswerError extends Error {
  readonly left: boolean;
  constructor(left: boolean, cause: unknown) {
    super(left ? 'the request was sent, no usable answer came' : 'the request was not sent', { cause });
    this.left = left;
  }
}

/** The request was held back at the last moment. */
export class TooLateError extends Error {
  readonly code = 'SAP_TOO_LATE';
}

/** Service Layer never redirects; whoever does would have us send a session to another place. */
export class RedirectError extends Error {
  readonly code = 'SAP_REDIRECT';
}

/** HTTPS to one server under one trust setting: its own sockets, shared with nobody. */
export interface Transport {
  /** @throws {NoAnswerError} */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  /** Cuts every socket. */
  destroy(): Promise<void>;
}

export interface TransportOptions extends ConnectorOptions {
  /** Sent with every request, for a proxy before SAP. */
  readonly header: ErpProxy['header'];
  /** Measures how long answers take. */
  readonly elapsed?: Elapsed;
}

/** So that whoever reads the server's access log knows who asks. */
const USER_AGENT = 'Orderline/0.1 (Pipedrive for SAP Business One)';
const LARGEST_HEADERS = 64 * 1024;

/** Redirects are not followed, nothing is repeated, `Expect` is never sent (Service Layer answers it with an empty 500). */
export function createTransport(address: Pick<SapAddress, 'origin' | 'prefix'>, options: TransportOptions): Transport {
  const agent = new Agent({
    connect: createConnector(options),
    allowH2: false,
    connections: 5,
    pipelining: 1,
    maxHeaderSize: LARGEST_HEADERS,
    maxResponseSize: LARGEST_ANSWER,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 4_000,
  });
  const { header, elapsed = realElapsed } = options;
  const always = {
    'user-agent': USER_AGENT,
    'accept-encoding': 'gzip',
    ...(header ? { [header.name]: header.value.reveal() } : {}),
  };

  return {
    exchange: (request) =>
      exchange(agent, elapsed, request, {
        origin: address.origin,
        path: `${address.prefix}${request.path}`,
        method: request.method,
        headers: { ...request.headers, ...always },
        body: request.body ?? null,
        headersTimeout: request.firstByteMs ?? request.limitMs,
        bodyTimeout: request.limitMs,
      }),
    destroy: () => agent.destroy(),
  };
}

function exchange(
  agent: Agent,
  elapsed: Elapsed,
  request: HttpRequest,
  options: Dispatcher.DispatchOptions,
): Promise<HttpAnswer> {
  const deadline = startDeadline(request.limitMs, request.signal);
  const { signal } = deadline;
  const { hostname } = new URL(String(options.origin));
  return new Promise<HttpAnswer>((resolve, reject) => {
    let left = false;
    let giveUp: ((reason: Error) => void) | undefined;
    let sentAt = 0;
    let waitedMs = 0;
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let encoding: Encoding = 'identity';
    const chunks: Buffer[] = [];

    const fail = (cause: unknown) => reject(new NoAnswerError(left, cause));
    const onAbort = () => {
      fail(signal.reason);
      giveUp?.(new Error('given up'));
    };
    if (signal.aborted) {
      fail(signal.reason);
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });

    agent.dispatch(options, {
      // Called directly before the first byte is written, and not at all while the socket is still being opened.
      onRequestStart(controller) {
        if (signal.aborted || request.mayLeave?.() === false) {
          controller.abort(signal.aborted ? new Error('given up') : new TooLateError('held back'));
          return;
        }
        left = true;
        sentAt = elapsed();
        giveUp = (reason) => controller.abort(reason);
      },
      onResponseStart(controller, statusCode, answerHeaders) {
        waitedMs = elapsed() - sentAt;
        status = statusCode;
        headers = answerHeaders;
        try {
          if (status >= 300 && status < 400) throw new RedirectError(`redirected with ${status}`);
          encoding = encodingOf(listOf(headers, 'content-encoding').join(','));
        } catch (error) {
          controller.abort(error instanceof Error ? error : new Error('unusable'));
        }
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        signal.removeEventListener('abort', onAbort);
        textOf(encoding, Buffer.concat(chunks)).then((body) => {
          // undici frees the socket one turn later; a caller that asks on at once would have it open a second one.
          setImmediate(() => resolve({ ...toAnswer(status, headers, body, hostname), waitedMs }));
        }, fail);
      },
      onResponseError(_controller, error) {
        signal.removeEventListener('abort', onAbort);
        fail(error);
      },
    });
  }).finally(() => deadline.clear());
}

function listOf(headers: IncomingHttpHeaders, name: string): readonly string[] {
  const value = headers[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function toAnswer(status: number, headers: IncomingHttpHeaders, body: string, host: string): HttpAnswer {
  return {
    status,
    header: (name) => listOf(headers, name)[0],
    setCookies: ownCookies(listOf(headers, 'set-cookie'), host),
    body,
  };
}
