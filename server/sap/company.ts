import type { ErpCaller } from '../app/ports/erp.ts';
import type { StoredErpAccess } from '../app/ports/erp-access.ts';
import { RejectedError, UnavailableError } from '../kernel/errors.ts';
import { startDeadline, waitUnlessAborted } from '../net/deadline.ts';
import type { Lane } from '../net/limiter.ts';
import { retry } from '../net/retry.ts';
import type { Dialect } from './dialect.ts';
import { failureOf, falseSuccess, NotBegunError, namesTheSession, SessionLostError, TemporaryError } from './errors.ts';
import { type HttpAnswer, type HttpRequest, NoAnswerError } from './exchange.ts';
import type { LiveConnection, SapWorld } from './live-connection.ts';
import type { ConnectionMemory } from './memory.ts';
import { noAnswer, type OnRefusedCertificate } from './refusals.ts';
import { followRoute, type SapSession, sessionHeaders } from './session.ts';
import { codeOf } from './trust.ts';

/** One request as a resource describes it. */
export interface SapRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the service root. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Build = (dialect: Dialect) => SapRequest;
type Parse<T> = (answer: HttpAnswer) => T;

/** One SAP company as the resources see it, for the length of one call. */
export interface SapCompany {
  readonly world: SapWorld;
  readonly access: StoredErpAccess;
  readonly memory: ConnectionMemory;
  /** Repeats what fails for a moment. `parse` throws TemporaryError for what it cannot read. */
  read<T>(build: Build, parse: Parse<T>, lane?: Lane): Promise<T>;
  /**
   * Sent once, whatever happens; only what SAP is known to refuse before it begins (305, 299) is sent once more.
   * @param options.limitMs for all of it, waiting included; 60 s unless given. Whoever holds a lease for a write keeps to that
   * @throws {OutcomeUnknownError} {RejectedError} {UnavailableError}
   */
  write(request: SapRequest | Build, options?: { readonly limitMs?: number }): Promise<HttpAnswer>;
  /**
   * A look at what lies beside the Service Layer on its host, without a session.
   * @param path from the root, e.g. `/ping/`
   * @throws {UnavailableError} {ReauthRequiredError} the certificate
   */
  look(path: string): Promise<HttpAnswer>;
}

const READ_LIMIT_MS = 30_000;
const WRITE_LIMIT_MS = 60_000;
const LOOK_LIMIT_MS = 5_000;
const READ_ATTEMPTS = 3;
/** A server that asks for more is asked again by whoever comes later. */
const LONGEST_WAIT_MS = 10_000;

interface Call {
  readonly world: SapWorld;
  readonly live: LiveConnection;
  readonly signal: AbortSignal;
  readonly writeBefore: Date | undefined;
}

/** @param certificateRefused books that the server shows a certificate that cannot be accepted */
export function companyFor(
  world: SapWorld,
  live: LiveConnection,
  access: StoredErpAccess,
  caller: ErpCaller,
  certificateRefused: OnRefusedCertificate,
): SapCompany {
  const { signal, priority, writeBefore } = caller;
  const call: Call = { world, live, signal, writeBefore };
  const { random, sleep } = world;
  const repeats = { attempts: READ_ATTEMPTS, random, sleep, budget: live.budget, again: isWorthRepeating };

  // A slot is held for the length of one request: what waits for its next try leaves it to others.
  async function inTurn<T>(lane: Lane, within: AbortSignal, work: () => Promise<T>): Promise<T> {
    const pause = lane === 'background' ? live.governor.turn() : 0;
    if (pause > 0) await sleep(pause, within);
    return live.limiter.run(lane, within, work);
  }

  return {
    world,
    access,
    memory: live.memory,
    async read(build, parse, lane = priority) {
      try {
        return await retry(() => inTurn(lane, signal, () => readOnce(call, build, parse)), { ...repeats, signal });
      } catch (error) {
        throw await noAnswer(error, 'read', certificateRefused);
      }
    },
    async write(request, { limitMs = WRITE_LIMIT_MS } = {}) {
      // One limit for queue, sign-in and write together: whoever holds a lease for it knows when it is over.
      const deadline = startDeadline(limitMs, signal);
      const within = { ...call, signal: deadline.signal };
      try {
        return await retry(() => live.limiter.run(priority, within.signal, () => writeOnce(within, request, limitMs)), {
          ...repeats,
          signal: within.signal,
          again: (error, attempt) => wasNotBegun(error) && attempt === 1,
        });
      } catch (error) {
        throw await noAnswer(error, 'write', certificateRefused);
      } finally {
        deadline.clear();
      }
    },
    async look(path) {
      try {
        const request = { method: 'GET', path, headers: {}, limitMs: LOOK_LIMIT_MS, signal } as const;
        return await live.limiter.run(priority, signal, () => live.look(request));
      } catch (error) {
        throw await noAnswer(error, 'read', certificateRefused);
      }
    },
  };
}

async function readOnce<T>(call: Call, build: Build, parse: Parse<T>): Promise<T> {
  const { live, signal } = call;
  const ask = async (session: SapSession): Promise<T> =>
    parse(await send(call, session, build(session.dialect), 'read', READ_LIMIT_MS));
  const first = await waitUnlessAborted(live.sessions.current(), signal);
  try {
    return await ask(first);
  } catch (error) {
    const doubted = isDoubt(error, first);
    if (!(error instanceof SessionLostError) && !doubted) throw error;
    const second = await waitUnlessAborted(live.sessions.replace(first, doubted), signal);
    return ask(second).catch((again: unknown) => {
      if (again instanceof SessionLostError) live.sessions.drop(second);
      throw again;
    });
  }
}

/** Nothing is repeated here: a session that is gone means "not done", and the caller looks before it comes again. */
async function writeOnce(call: Call, described: SapRequest | Build, limitMs: number): Promise<HttpAnswer> {
  const { live, signal } = call;
  const session = await waitUnlessAborted(live.sessions.current(), signal);
  try {
    const request = typeof described === 'function' ? described(session.dialect) : described;
    return await send(call, session, request, 'write', limitMs);
  } catch (error) {
    const doubted = isDoubt(error, session);
    if (!(error instanceof SessionLostError) && !doubted) throw error;
    live.sessions.drop(session, doubted);
    throw new UnavailableError('The SAP session had ended. It will be tried again with a new one.', { cause: error });
  }
}

async function send(
  { world, live, signal, writeBefore }: Call,
  session: SapSession,
  request: SapRequest,
  kind: 'read' | 'write',
  limitMs: number,
): Promise<HttpAnswer> {
  const { clock } = world;
  const mayLeave = () => live.limiter.mayLeave() && (kind === 'read' || !writeBefore || clock.now() < writeBefore);
  const answer = await live.exchange({ ...toHttp(session, request), limitMs, signal, mayLeave });
  if (kind === 'read' && answer.waitedMs !== undefined) live.governor.observe(kindOf(request), answer.waitedMs);
  const failure = isSuccess(answer) ? falseSuccess(answer, kind) : failureOf(answer, kind, clock.now());
  if (!(failure instanceof SessionLostError)) followRoute(session, answer.setCookies);
  // Whatever SAP itself answered counts as use; a proxy's page does not.
  if (!failure || failure instanceof RejectedError) session.lastUsed = clock.now();
  if (failure) throw failure;
  live.sessions.prove(session);
  return answer;
}

function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status <= 299;
}

/** What was asked, without for whom: `GET Orders` for a page, `GET Orders(` for one. */
function kindOf({ method, target }: SapRequest): string {
  return `${method} ${/^[^?(]*\(?/.exec(target)?.[0] ?? ''}`;
}

/** The request as it goes onto the wire in this session. */
export function toHttp(
  session: SapSession,
  request: SapRequest,
): Pick<HttpRequest, 'method' | 'path' | 'headers' | 'body'> {
  const { method, target, body, headers } = request;
  return {
    method,
    path: `${session.dialect.path}/${target}`,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      ...sessionHeaders(session),
    },
    ...(body === undefined ? {} : { body }),
  };
}

/**
 * -5002 is about the session only where SAP's text names it, and only once in a row. (A session idle for longer than its
 * time-out is never used: it is replaced before the request.)
 */
function isDoubt(error: unknown, session: SapSession): boolean {
  return error instanceof RejectedError && namesTheSession(error) && !session.afterDoubt;
}

const FOR_A_MOMENT: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
]);

function isWorthRepeating(error: unknown, attempt: number): boolean | number {
  if (wasNotBegun(error)) return attempt === 1;
  if (error instanceof TemporaryError) {
    const { waitMs } = error;
    return waitMs === undefined || (waitMs <= LONGEST_WAIT_MS && waitMs);
  }
  // A time limit is not repeated: the next attempt would take as long, and somebody waits.
  return error instanceof NoAnswerError && FOR_A_MOMENT.has(codeOf(error.cause) ?? '');
}

function wasNotBegun(error: unknown): boolean {
  return error instanceof NotBegunError;
}
