import { randomUUID } from 'node:crypto';
import type { StoredErpAccess } from '../app/ports/erp-access.ts';
import type { Clock } from '../kernel/clock.ts';
import { RateLimitedError } from '../kernel/errors.ts';
import type { Random } from '../kernel/random.ts';
import { createCircuit, type Outcome } from '../net/circuit.ts';
import { DeadlineError, startDeadline } from '../net/deadline.ts';
import { createGovernor, type Governor } from '../net/governor.ts';
import { createRetryBudget, type RetryBudget } from '../net/retry.ts';
import type { Sleep } from '../net/sleep.ts';
import type { Elapsed, StartTimer } from '../net/timer.ts';
import { parseAddress } from './address.ts';
import type { OnFilledSlot, Resolve } from './connector.ts';
import { dialectsFor } from './dialect.ts';
import { readRefusal } from './errors.ts';
import {
  createTransport,
  type HttpAnswer,
  type HttpRequest,
  NoAnswerError,
  TooLateError,
  type Transport,
} from './exchange.ts';
import { type ConnectionMemory, createMemory } from './memory.ts';
import { createSessionHolder, type SessionHolder, type SessionWatch } from './session.ts';
import { type SignedIn, signIn } from './sign-in.ts';
import type { SlotLimiter } from './slots.ts';
import type { SapNetwork } from './special-ranges.ts';
import { certificateFault } from './trust.ts';
import { wireOptions } from './wire-options.ts';

/** What the whole client shares. */
export interface SapWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: SapNetwork;
  readonly resolve: Resolve;
  readonly sleep: Sleep;
  readonly elapsed: Elapsed;
  readonly startTimer: StartTimer;
  /** Certificates of public authorities; only tests bring their own. */
  readonly authorities: readonly string[] | undefined;
  /** Ports that the operator opens beside the usual ones. */
  readonly extraPorts: readonly number[];
}

/** Lives as long as one access setting: sockets, session, limits, and what was learned about the server. */
export interface LiveConnection {
  readonly sessions: SessionHolder;
  readonly limiter: SlotLimiter;
  readonly governor: Governor;
  readonly budget: RetryBudget;
  readonly memory: ConnectionMemory;
  /** One exchange, if the circuit lets it through. @throws {NoAnswerError} @throws {RateLimitedError} */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  /** One exchange of which the circuit learns nothing. @throws {NoAnswerError} */
  look(request: HttpRequest): Promise<HttpAnswer>;
  /** Fingerprint of the certificate because of which a handshake failed last. */
  refusedCertificate(): string | undefined;
  destroy(): Promise<void>;
}

/** What a new connection may repeat before anything went well. */
const REPEATS_TO_START = 2;
const REQUEST_ID = 'x-request-id';
/** Two dialects may be tried, with half a minute each. */
const SIGN_IN_LIMIT_MS = 60_000;

export interface ConnectionHooks extends SessionWatch {
  /** What is done about a sign-in: counting refusals is the caller's business. */
  readonly aroundSignIn: (attempt: () => Promise<SignedIn>) => Promise<SignedIn>;
  /** Keeps a certificate of which only the fingerprint was known. */
  readonly onFilledSlot: OnFilledSlot;
}

/** @param limiter outlives the connection: the server stays the same when its access changes */
export function openConnection(
  world: SapWorld,
  access: StoredErpAccess,
  limiter: SlotLimiter,
  hooks: ConnectionHooks,
): LiveConnection {
  const address = parseAddress(access.address, world);
  let refused: string | undefined;
  const transport = createTransport(address, {
    ...wireOptions(world, access),
    elapsed: world.elapsed,
    onRefusedCertificate: (fingerprint) => {
      refused = fingerprint;
    },
    onFilledSlot: hooks.onFilledSlot,
  });
  const circuit = createCircuit(world);
  const reference = createReferences();

  const exchange = async (request: HttpRequest): Promise<HttpAnswer> => {
    const retryAt = circuit.admit();
    if (retryAt) throw new RateLimitedError('SAP has not answered for a while. It is asked again shortly.', retryAt);
    try {
      const answer = await exchangeNamed(transport, request, reference());
      circuit.settle(isDown(answer) ? 'failed' : 'reached');
      return answer;
    } catch (error) {
      circuit.settle(outcomeOf(error, request.signal));
      throw error;
    }
  };

  // The sign-in belongs to nobody: whoever waits for it may leave without ending it for the others.
  const login = async () => {
    const deadline = startDeadline(SIGN_IN_LIMIT_MS);
    try {
      return await signIn(exchange, dialectsFor(address.path), access, deadline.signal, world.clock.now());
    } finally {
      deadline.clear();
    }
  };

  return {
    sessions: createSessionHolder(() => hooks.aroundSignIn(login), world.clock, hooks),
    limiter,
    governor: createGovernor(world.elapsed),
    budget: createRetryBudget(REPEATS_TO_START),
    memory: createMemory(world.clock, access.capabilities),
    exchange,
    look: (request) => transport.exchange(request),
    refusedCertificate: () => refused,
    destroy: () => transport.destroy(),
  };
}

/** Names each request, so that it can be found in the logs of whatever stands before SAP. */
function createReferences(): () => string {
  const process = randomUUID().slice(0, 8);
  let requests = 0;
  return () => {
    requests += 1;
    return `orderline-${process}-${requests}`;
  };
}

/** An answer that brings no number of its own has the request's. */
async function exchangeNamed(transport: Transport, request: HttpRequest, name: string): Promise<HttpAnswer> {
  const answer = await transport.exchange({ ...request, headers: { ...request.headers, [REQUEST_ID]: name } });
  return { ...answer, header: (wanted) => answer.header(wanted) ?? (wanted === REQUEST_ID ? name : undefined) };
}

/** A proxy's page or an empty body: whatever stands behind it is not well. SAP's own refusals are signs of life. */
function isDown(answer: HttpAnswer): boolean {
  return answer.status >= 500 && readRefusal(answer.body) === undefined;
}

function outcomeOf(error: unknown, asked: AbortSignal): Outcome {
  if (!(error instanceof NoAnswerError)) return 'ignored';
  const { cause } = error;
  if (certificateFault(cause) || cause instanceof TooLateError) return 'ignored';
  // The one who asked has left, for whatever reason: only a time limit says something about the server.
  if (asked.aborted && cause === asked.reason) return isTimeLimit(cause) ? 'failed' : 'ignored';
  return 'failed';
}

function isTimeLimit(reason: unknown): boolean {
  return reason instanceof DeadlineError || (reason instanceof DOMException && reason.name === 'TimeoutError');
}
