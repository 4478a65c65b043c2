import { Agent } from 'undici';
import type { IncomingHttpHeaders } from 'undici/types/header.js';
import { startDeadline } from '../net/deadline.ts';
import { type ConnectorOptions, createConnector } from './connector.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query as they go onto the wire. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Total limit; the first byte has the same one. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Asked directly before the first byte is written; false: nothing is sent. */
  readonly mayLeave?: () => boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly setCookies: readonly string[];
  readonly body: string;
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

/** HTTPS to one server under one trust setting: its own sockets, shared with nobody. */
export interface Transport {
  /** @throws {NoAnswerError} */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  /** Cuts every socket. */
  destroy(): Promise<void>;
}

/** So that whoever reads the server's access log knows who asks. */
const USER_AGENT = 'Orderline/0.1 (Pipedrive for SAP Business One)';
const LARGEST_ANSWER = 10 * 1024 * 1024;
const LARGEST_HEADERS = 64 * 1024;

/** Redirects are not followed, nothing is repeated, `Expect` is never sent (Service Layer answers it with an empty 500). */
export function createTransport(origin: string, options: ConnectorOptions): Transport {
  const agent = new Agent({
    connect: createConnector(options),
    connections: 5,
    pipelining: 1,
    maxHeaderSize: LARGEST_HEADERS,
    maxResponseSize: LARGEST_ANSWER,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 4_000,
  });

  return {
    exchange: (request) => exchange(agent, origin, request),
    destroy: () => agent.destroy(),
  };
}

function exchange(agent: Agent, origin: string, request: HttpRequest): Promise<HttpAnswer> {
  const deadline = startDeadline(request.limitMs, request.signal);
  const { signal } = deadline;
  return new Promise<HttpAnswer>((resolve, reject) => {
    let left = false;
    let giveUp: ((reason: Error) => void) | undefined;
    let status = 0;
    let headers: IncomingHttpHeaders = {};
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

    agent.dispatch(
      {
        origin,
        path: request.path,
        method: request.method,
        headers: { 'user-agent': USER_AGENT, ...request.headers },
        body: request.body ?? null,
        headersTimeout: request.limitMs,
        bodyTimeout: request.limitMs,
      },
      {
        // Called directly before the first byte is written, and not at all while the socket is still being opened.
        onRequestStart(controller) {
          if (signal.aborted || request.mayLeave?.() === false) {
            controller.abort(signal.aborted ? new Error('given up') : new TooLateError('held back'));
            return;
          }
          left = true;
          giveUp = (reason) => controller.abort(reason);
        },
        onResponseStart(_controller, statusCode, answerHeaders) {
          status = statusCode;
          headers = answerHeaders;
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          signal.removeEventListener('abort', onAbort);
          resolve(toAnswer(status, headers, Buffer.concat(chunks).toString('utf8')));
        },
        onResponseError(_controller, error) {
          signal.removeEventListener('abort', onAbort);
          fail(error);
        },
      },
    );
  }).finally(() => deadline.clear());
}

function toAnswer(status: number, headers: IncomingHttpHeaders, body: string): HttpAnswer {
  const list = (name: string): readonly string[] => {
    const value = headers[name];
    if (value === undefined) return [];
    return typeof value === 'string' ? [value] : value;
  };
  return { status, header: (name) => list(name)[0], setCookies: list('set-cookie'), body };
}
