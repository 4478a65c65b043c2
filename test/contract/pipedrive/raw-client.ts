import { z } from 'zod';
import type { GrantKind } from '../../../server/app/ports/installation-store.ts';
import type { Secret } from '../../../server/app/ports/secrets.ts';
import { type AppError, ForbiddenError, RejectedError, UnavailableError } from '../../../server/kernel/errors.ts';
import type { Sleep } from '../../../server/net/sleep.ts';
import { credentialHeader } from '../../../server/pipedrive/credentials.ts';
import { errorOfSilence } from '../../../server/pipedrive/errors.ts';
import type { Method } from '../../../server/pipedrive/operations.ts';
import {
  type HttpAnswer,
  NoAnswerError,
  type OutgoingRequest,
  type Transport,
} from '../../../server/pipedrive/transport.ts';
import { parsedJson, tryAgain } from '../try-again.ts';
import type { Spent } from './spent.ts';

export interface RawAnswer extends HttpAnswer {
  /** Undefined where the body is none. */
  readonly json: unknown;
}

/** Requests as anybody could send them, to see what our client never shows: status, headers, shapes. */
export interface RawClient {
  /** One request, once. @throws {AppError} without an answer. @param target path and query, e.g. `/api/v2/deals?limit=1` */
  once(method: Method, target: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<RawAnswer>;
  /** A read; a full window or a server that is busy for a moment is asked again. */
  read(target: string): Promise<RawAnswer>;
}

export interface RawAccess {
  readonly apiDomain: string;
  readonly kind: GrantKind;
  readonly token: Secret;
}

const BUSY = [429, 500, 502, 503, 504];
/** The window of two seconds, and a little more. */
const WINDOW_MS = 2_500;
/** Longer than the transport's own limit. */
const LIMIT_MS = 60_000;

export function createRawClient(
  { apiDomain, kind, token }: RawAccess,
  { transport, sleep, spent }: { readonly transport: Transport; readonly sleep: Sleep; readonly spent: Spent },
): RawClient {
  const once: RawClient['once'] = async (method, target, body, headers) => {
    spent.request(method, target);
    const outgoing = {
      method,
      url: `${apiDomain}${target}`,
      headers: {
        ...(headers ?? credentialHeader(kind, token.reveal())),
        accept: 'application/json',
        'user-agent': 'contract-suite',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(LIMIT_MS),
    };
    return exchange(transport, outgoing);
  };
  return {
    once,
    read: (target) =>
      tryAgain(() => once('GET', target), {
        forAMoment: BUSY,
        between: (status) => (status === 429 ? sleep(WINDOW_MS, AbortSignal.timeout(LIMIT_MS)) : Promise.resolve()),
      }),
  };
}

/** @throws {UnavailableError} without an answer; {OutcomeUnknownError} where a POST may have arrived */
export async function exchange(transport: Transport, outgoing: OutgoingRequest): Promise<RawAnswer> {
  try {
    const answer = await transport.exchange(outgoing);
    return { ...answer, json: parsedJson(answer.text) };
  } catch (error) {
    throw error instanceof NoAnswerError ? errorOfSilence(outgoing.method, error) : error;
  }
}

const Row = z.record(z.string(), z.unknown());
const List = z.looseObject({ data: z.array(Row).nullable() });
const One = z.looseObject({ data: Row });

/** Rows of a list. @throws {AppError} where the answer is none */
export function rowsOf(answer: RawAnswer): readonly Record<string, unknown>[] {
  const read = List.safeParse(answer.json);
  if (answer.status === 200 && read.success) return read.data.data ?? [];
  throw errorOf(answer);
}

/** The record of an answer. @throws {AppError} where it is a refusal */
export function recordOf(answer: RawAnswer): Record<string, unknown> {
  const read = One.safeParse(answer.json);
  if (answer.status < 300 && read.success) return read.data.data;
  throw errorOf(answer);
}

/** A right or the line may stand in the way; any other refusal is one. */
export function errorOf(answer: RawAnswer): AppError {
  const { status } = answer;
  const words = wordsOf(answer);
  const message = `It is answered ${status} ${words}`.trimEnd();
  if (status === 403) return new ForbiddenError(message);
  if (status === 429 || status >= 500) return new UnavailableError(message);
  return new RejectedError({ system: 'pipedrive', code: String(status), words, message });
}

/** A member of the body's own, below others where a path is given, e.g. `additional_data.next_cursor`. */
export function memberOf(value: unknown, path: string): unknown {
  let found: unknown = value;
  for (const name of path.split('.')) {
    const read = Row.safeParse(found);
    found = read.success ? read.data[name] : undefined;
  }
  return found;
}

/** What a refusal says, shortened; empty for an answer that says nothing. */
export function wordsOf(answer: RawAnswer): string {
  const { error, error_info: info, errors, message } = Row.safeParse(answer.json).data ?? {};
  const words = [error, info, message].find((text) => typeof text === 'string' && text !== '');
  const said = words ?? (errors === undefined ? '' : JSON.stringify(errors));
  return String(said).slice(0, 300);
}
