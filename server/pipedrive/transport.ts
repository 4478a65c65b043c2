import { Agent, buildConnector, errors, request } from 'undici';
import { startDeadline } from '../net/deadline.ts';

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; of a repeated header the last value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** No answer came. Its message names no address, header or body. */
export class NoAnswerError extends Error {
  /** False when no connection came about, so that nothing of the request can have arrived. */
  readonly mayHaveArrived: boolean;
  /** A deadline of ours, or the caller's, rather than a broken connection. */
  readonly timedOut: boolean;

  constructor(facts: { mayHaveArrived: boolean; timedOut: boolean }, options?: ErrorOptions) {
    super(facts.timedOut ? 'no answer in time' : 'no answer', options);
    this.mayHaveArrived = facts.mayHaveArrived;
    this.timedOut = facts.timedOut;
  }
}

export interface Transport {
  /** One request, one answer of any status; redirects are answers too. @throws {NoAnswerError} */
  exchange(outgoing: OutgoingRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const CONNECT_MS = 5_000;
const TOTAL_MS = 30_000;
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_HEADER_BYTES = 64 * 1024;

class NotConnectedError extends Error {}

export function createTransport(options: { totalMs?: number } = {}): Transport {
  const agent = createAgent();
  return {
    async exchange({ method, url, headers, body, signal }) {
      const deadline = startDeadline(options.totalMs ?? TOTAL_MS, signal);
      try {
        const answer = await request(url, {
          method,
          headers,
          body: body ?? null,
          signal: deadline.signal,
          dispatcher: agent,
        });
        const text = await answer.body.text();
        return { status: answer.statusCode, headers: flatten(answer.headers), text };
      } catch (cause) {
        const neverSent = cause instanceof NotConnectedError || cause instanceof errors.ClientClosedError;
        throw new NoAnswerError({ mayHaveArrived: !neverSent, timedOut: deadline.signal.aborted }, { cause });
      } finally {
        deadline.clear();
      }
    },
    close: () => agent.close(),
  };
}

/** Certificates are verified as Node does by default; bodies and headers have an upper size. */
function createAgent(): Agent {
  const connect = buildConnector({ timeout: CONNECT_MS });
  return new Agent({
    maxResponseSize: MAX_BODY_BYTES,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: TOTAL_MS,
    bodyTimeout: TOTAL_MS,
    connections: 16,
    connect: (options, callback) =>
      connect(options, (...result) => {
        const [error, socket] = result;
        if (error) callback(new NotConnectedError('not connected', { cause: error }), null);
        else callback(null, socket);
      }),
  });
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) flat[name] = last;
  }
  return flat;
}
