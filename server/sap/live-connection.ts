import type { StoredErpAccess } from '../app/ports/erp-access.ts';
import type { Clock } from '../kernel/clock.ts';
import { RateLimitedError } from '../kernel/errors.ts';
import type { Random } from '../kernel/random.ts';
import { createCircuit, type Outcome } from '../net/circuit.ts';
import { DeadlineError } from '../net/deadline.ts';
import { createLimiter, type Limiter } from '../net/limiter.ts';
import { createRetryBudget, type RetryBudget } from '../net/retry.ts';
import type { Sleep } from '../net/sleep.ts';
import { parseAddress } from './address.ts';
import type { Resolve } from './connector.ts';
import { dialectsFor } from './dialect.ts';
import { readRefusal } from './errors.ts';
import { createTransport, type HttpAnswer, type HttpRequest, NoAnswerError, TooLateError } from './exchange.ts';
import { type ConnectionMemory, createMemory } from './memory.ts';
import { createSessionHolder, type SessionHolder } from './session.ts';
import { type SignedIn, signIn } from './sign-in.ts';
import type { SapNetwork } from './special-ranges.ts';
import { certificateFault, verificationFor } from './trust.ts';

/** What the whole client shares. */
export interface SapWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: SapNetwork;
  readonly resolve: Resolve;
  readonly sleep: Sleep;
  /** Certificates of public authorities; only tests bring their own. */
  readonly authorities: readonly string[] | undefined;
}

/** Lives as long as one access setting: sockets, session, limits, and what was learned about the server. */
export interface LiveConnection {
  readonly sessions: SessionHolder;
  readonly limiter: Limiter;
  readonly budget: RetryBudget;
  readonly memory: ConnectionMemory;
  /** One exchange, if the circuit lets it through. @throws {NoAnswerError} @throws {RateLimitedError} */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  /** Fingerprint of the certificate because of which a handshake failed last. */
  refusedCertificate(): string | undefined;
  destroy(): Promise<void>;
}

/** At most so many requests at once to one customer's server, of which one slot is kept for look-ups. */
const MOST_AT_ONCE = 4;
const KEPT_FOR_LOOKUPS = 1;

export type OnSignIn = (attempt: () => Promise<SignedIn>) => Promise<SignedIn>;

/** @param around what is done about the outcome of a sign-in: counting refusals is the caller's business */
export function openConnection(world: SapWorld, access: StoredErpAccess, around: OnSignIn): LiveConnection {
  const address = parseAddress(access.address, world.network);
  let refused: string | undefined;
  const transport = createTransport(address.origin, {
    network: world.network,
    resolve: world.resolve,
    verification: verificationFor(access.trust, world.authorities),
    onRefusedCertificate: (fingerprint) => {
      refused = fingerprint;
    },
  });
  const circuit = createCircuit(world);

  const exchange = async (request: HttpRequest): Promise<HttpAnswer> => {
    const retryAt = circuit.admit();
    if (retryAt) throw new RateLimitedError('SAP has not answered for a while. It is asked again shortly.', retryAt);
    try {
      const answer = await transport.exchange(request);
      circuit.settle(isDown(answer) ? 'failed' : 'reached');
      return answer;
    } catch (error) {
      circuit.settle(outcomeOf(error));
      throw error;
    }
  };

  // The sign-in belongs to nobody: whoever waits for it may leave without ending it for the others.
  const unbound = new AbortController().signal;
  const login = () => signIn(exchange, dialectsFor(address.path), access, unbound, world.clock.now());

  return {
    sessions: createSessionHolder(() => around(login), world.clock),
    limiter: createLimiter({ max: MOST_AT_ONCE, kept: KEPT_FOR_LOOKUPS }),
    budget: createRetryBudget(),
    memory: createMemory(world.clock),
    exchange,
    refusedCertificate: () => refused,
    destroy: () => transport.destroy(),
  };
}

/** A proxy's page or an empty body: whatever stands behind it is not well. SAP's own refusals are signs of life. */
function isDown(answer: HttpAnswer): boolean {
  return answer.status >= 500 && readRefusal(answer.body) === undefined;
}

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof NoAnswerError)) return 'ignored';
  const { cause } = error;
  if (certificateFault(cause) || cause instanceof TooLateError) return 'ignored';
  if (cause instanceof DeadlineError) return 'failed';
  // The one who asked has left: only a time limit says something about the server.
  if (cause instanceof DOMException) return cause.name === 'TimeoutError' ? 'failed' : 'ignored';
  return 'failed';
}
