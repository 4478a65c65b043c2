import { Agent, buildConnector, errors, request } from 'undici';
import { startDeadline } from '../net/deadline.ts';

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
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

/** One request from the first to the last byte, in real milliseconds (AP-08). */
export interface TransportLimits {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

const LIMITS: TransportLimits = { connectMs: 5_000, firstByteMs: 20_000, totalMs: 30_000 };
/** Nothing is unpacked: a compressed body is not asked for, and one that comes all the same cannot be read. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_HEADER_BYTES = 64 * 1024;

class NotConnectedError extends Error {}

export function createTransport(limits: Partial<TransportLimits> = {}): Transport {
  const { totalMs, ...opening } = { ...LIMITS, ...limits };
  const agent = createAgent(opening);
  return {
    async exchange({ method, url, headers, body, signal }) {
      const deadline = startDeadline(totalMs, signal);
      try {
        const answer = await request(url, {
          method,
          headers,
          body: body ?? null,
          signal: deadline.signal,
          dispatcher: agent,
        });
        if (Number(answer.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
          answer.body.on('error', () => undefined).destroy();
          throw new Error('a larger body than is read was announced');
        }
        const text = await answer.body.text();
        return { status: answer.statusCode, headers: flatten(answer.headers), text };
      } catch (cause) {
        const neverSent = cause instanceof NotConnectedError || cause instanceof errors.ClientClosedError;
        throw new NoAnswerError(
          {
            mayHaveArrived: !neverSent,
            timedOut: deadline.signal.aborted || cause instanceof errors.HeadersTimeoutError,
          },
          { cause },
        );
      } finally {
        deadline.clear();
      }
    },
    close: () => agent.close(),
  };
}

/** Certificates are verified as Node does by default; bodies and headers have an upper size. */
function createAgent({ connectMs, firstByteMs }: Omit<TransportLimits, 'totalMs'>): Agent {
  const connect = buildConnector({ timeout: connectMs });
  return new Agent({
    maxResponseSize: MAX_BODY_BYTES,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: firstByteMs,
    // The whole has its own limit; undici's starts anew with each byte.
    bodyTimeout: 0,
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
