import type { ErpCaller } from '../app/ports/erp.ts';
import type { StoredErpAccess } from '../app/ports/erp-access.ts';
import { RejectedError, UnavailableError } from '../kernel/errors.ts';
import { startDeadline, waitUnlessAborted } from '../net/deadline.ts';
import type { Lane } from '../net/limiter.ts';
import { retry } from '../net/retry.ts';
import type { Dialect } from './dialect.ts';
import { failureOf, namesTheSession, SessionLostError, TemporaryError } from './errors.ts';
import { type HttpAnswer, type HttpRequest, NoAnswerError } from './exchange.ts';
import type { LiveConnection, SapWorld } from './live-connection.ts';
import type { ConnectionMemory } from './memory.ts';
import { noAnswer, type OnRefusedCertificate } from './refusals.ts';
import { type SapSession, sessionHeaders, touchSession } from './session.ts';
import { codeOf } from './trust.ts';

/** One request as a resource describes it. */
export interface SapRequest {
  readonly method: 'GET' | 'POST';
  /** Below the service root. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Build = (dialect: Dialect) => SapRequest;
type Parse<T> = (answer: HttpAnswer) => T;

/** One SAP company as the resources see it, for the length of one call. */
export interface SapCompany {
  readonly world: SapWorld;
  readonly access: StoredErpAccess;
  readonly memory: ConnectionMemory;
  /** Repeats what fails for a moment. `parse` throws TemporaryError for what it cannot read. */
  read<T>(build: Build, parse: Parse<T>, lane?: Lane): Promise<T>;
  /** Sent once, whatever happens. @throws {OutcomeUnknownError} */
  write(request: SapRequest): Promise<HttpAnswer>;
}

const READ_LIMIT_MS = 30_000;
const WRITE_LIMIT_MS = 60_000;
const READ_ATTEMPTS = 3;

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
  const repeats = { attempts: READ_ATTEMPTS, random, sleep, signal, budget: live.budget, again: isWorthRepeating };

  return {
    world,
    access,
    memory: live.memory,
    async read(build, parse, lane = priority) {
      try {
        return await live.limiter.run(lane, signal, () => retry(() => readOnce(call, build, parse), repeats));
      } catch (error) {
        throw await noAnswer(error, 'read', certificateRefused);
      }
    },
    async write(request) {
      // One limit for queue, sign-in and write together: whoever holds a lease for it knows when it is over.
      const deadline = startDeadline(WRITE_LIMIT_MS, signal);
      const { signal: within } = deadline;
      try {
        return await live.limiter.run(priority, within, () => writeOnce({ ...call, signal: within }, request));
      } catch (error) {
        throw await noAnswer(error, 'write', certificateRefused);
      } finally {
        deadline.clear();
      }
    },
  };
}

async function readOnce<T>(call: Call, build: Build, parse: Parse<T>): Promise<T> {
  const { live, signal } = call;
  const first = await waitUnlessAborted(live.sessions.current(), signal);
  try {
    return parse(await send(call, first, build(first.dialect), 'read'));
  } catch (error) {
    const doubted = isDoubt(error, first);
    if (!(error instanceof SessionLostError) && !doubted) throw error;
    const second = await waitUnlessAborted(live.sessions.replace(first, doubted), signal);
    return parse(await send(call, second, build(second.dialect), 'read'));
  }
}

/** Nothing is repeated here: a session that is gone means "not done", and the caller looks before it comes again. */
async function writeOnce(call: Call, request: SapRequest): Promise<HttpAnswer> {
  const { live, signal } = call;
  const session = await waitUnlessAborted(live.sessions.current(), signal);
  try {
    return await send(call, session, request, 'write');
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
): Promise<HttpAnswer> {
  const limitMs = kind === 'read' ? READ_LIMIT_MS : WRITE_LIMIT_MS;
  const mayLeave = () => kind === 'read' || !writeBefore || world.clock.now() < writeBefore;
  const answer = await live.exchange({ ...toHttp(session, request), limitMs, signal, mayLeave });
  if (answer.status < 200 || answer.status > 299) throw failureOf(answer, kind, world.clock.now());
  touchSession(session, answer.setCookies, world.clock.now());
  return answer;
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

function isWorthRepeating(error: unknown): boolean | number {
  if (error instanceof TemporaryError) return error.waitMs ?? true;
  // A time limit is not repeated: the next attempt would take as long, and somebody waits.
  return error instanceof NoAnswerError && FOR_A_MOMENT.has(codeOf(error.cause) ?? '');
}
