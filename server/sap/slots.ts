import { randomUUID } from 'node:crypto';
import type { ErpSlots, SlotLease } from '../app/ports/erp-slots.ts';
import { compareLanes, type SlotLane, type SlotWish } from '../domain/slot-share.ts';
import { UnavailableError } from '../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../kernel/ids.ts';
import { createGate, createLimiter, type Lane, type Limiter, type Running } from '../net/limiter.ts';
import type { CallOff, Elapsed, StartTimer } from '../net/timer.ts';

/** At most so many requests at once to one customer's server, over all processes. */
const ORDINARY = 3;
const AT_ONCE = ORDINARY + 1;
/** How often one who waits asks again. */
const ASK_AGAIN_MS = 80;
/** Slots in use are renewed, and others who wait are heard of, so often. */
const RENEW_MS = 1_000;
/** Idle slots are kept so long: a page is seldom one request. */
const IDLE_MS = 300;
/** Held so long, a slot is due to somebody who has none. */
const FAIR_SHARE_MS = 1_000;
/** Who waits longer than this for the books is sent away: the database does not answer. */
const LONGEST_ASKING_MS = 10_000;

/** The requests of one connection, as many as its share of the slots allows. */
export interface SlotLimiter extends Limiter {
  /** Asked directly before a request leaves: false once the lease ran out, as after a long standstill. */
  mayLeave(): boolean;
  /** Gives all back. */
  close(): Promise<void>;
}

/** Without processes to share with: the same limits in this one. */
export function createOwnSlots(): SlotLimiter {
  const limiter = createLimiter({ max: AT_ONCE, kept: AT_ONCE - ORDINARY });
  return { run: limiter.run, mayLeave: () => true, close: async () => undefined };
}

export interface SlotDeps {
  readonly slots: ErpSlots;
  readonly installationId: InstallationId;
  readonly connectionId: ConnectionId;
  readonly elapsed: Elapsed;
  readonly startTimer: StartTimer;
}

const NOTHING: SlotLease = { ordinary: 0, lookup: false, leaseMs: 0, others: null };

/**
 * Leases slots from the database for as long as there is work, so that a request seldom waits for more than a free slot of
 * this process. What other processes wait for is heard with every renewal: the more urgent goes first, then whoever has less.
 */
export function createSharedSlots(deps: SlotDeps): SlotLimiter {
  const { elapsed, startTimer } = deps;
  const holder = randomUUID();
  let lease = NOTHING;
  let validUntil = Number.NEGATIVE_INFINITY;
  let heldSince = 0;
  let asking: Promise<void> | undefined;
  let askAgain = false;
  let closed = false;
  let lastUsed = Number.NEGATIVE_INFINITY;
  let timer: { readonly at: number; readonly callOff: CallOff } | undefined;

  const isValid = () => elapsed() < validUntil;
  const held = () => (isValid() ? lease : NOTHING);

  const gate = createGate({
    hasRoom(lane, { ordinary, lookups }) {
      const own = held();
      if (ordinary + lookups >= own.ordinary + (own.lookup ? 1 : 0)) return false;
      return lane === 'lookup' || (ordinary < own.ordinary && !isDueToOthers(lane));
    },
    onQueued: ask,
    onEnded() {
      lastUsed = elapsed();
      if (lease.others) ask();
      else if (isIdle()) after(IDLE_MS);
    },
  });

  return {
    run: gate.run,
    mayLeave: isValid,
    async close() {
      closed = true;
      stopTimer();
      gate.refuse(notConnected());
      await asking;
      const none = { ordinary: 0, lookup: false };
      if (held() !== NOTHING) await deps.slots.share(...place(), { holder, keep: none, want: none, waiting: null });
      lease = NOTHING;
    },
  };

  function isIdle(): boolean {
    const { ordinary, lookups } = gate.running();
    return ordinary + lookups === 0;
  }

  function isDueToOthers(lane: Lane): boolean {
    const { others, ordinary } = lease;
    if (!others) return false;
    const order = compareLanes(others.lane, lane);
    if (order !== 0) return order < 0;
    return ordinary > others.held + 1 || (others.held === 0 && elapsed() - heldSince >= FAIR_SHARE_MS);
  }

  /** One question at a time; whatever changes meanwhile is part of the next. */
  function ask(): void {
    if (closed) {
      gate.refuse(notConnected());
      return;
    }
    askAgain = asking !== undefined;
    if (asking) return;
    stopTimer();
    const giveUp = every(LONGEST_ASKING_MS, () => gate.refuse(notReached()));
    // Whoever asks in the same breath is asked for together.
    asking = Promise.resolve()
      .then(share)
      .catch((error: unknown) => {
        if (!isValid()) gate.refuse(error);
      })
      .then(() => {
        giveUp();
        asking = undefined;
        next();
      });
  }

  async function share(): Promise<void> {
    const askedAt = elapsed();
    const before = held();
    const answer = await deps.slots.share(...place(), wish());
    lease = answer;
    validUntil = askedAt + answer.leaseMs;
    if (before.ordinary < answer.ordinary) heldSince = elapsed();
    gate.admit();
  }

  function next(): void {
    if (askAgain) ask();
    else if (mostUrgentWaiting()) after(ASK_AGAIN_MS);
    else if (!isIdle()) after(RENEW_MS);
    else if (held().ordinary > 0 || held().lookup) after(IDLE_MS);
  }

  /** A question that is due earlier stays. */
  function after(milliseconds: number): void {
    const at = elapsed() + milliseconds;
    if (closed || (timer && timer.at <= at)) return;
    stopTimer();
    timer = { at, callOff: startTimer(milliseconds, ask) };
  }

  /** Those too who come while the books say nothing. */
  function every(milliseconds: number, run: () => void): CallOff {
    const again = () => {
      run();
      callOff = startTimer(milliseconds, again);
    };
    let callOff = startTimer(milliseconds, again);
    return () => callOff();
  }

  function stopTimer(): void {
    timer?.callOff();
    timer = undefined;
  }

  function place(): [InstallationId, ConnectionId] {
    return [deps.installationId, deps.connectionId];
  }

  function wish(): SlotWish {
    const running = gate.running();
    const waiting = gate.waiting();
    const own = held();
    // Between two requests of one piece of work a slot stays, unless somebody else waits.
    const isWarm = !lease.others && elapsed() - lastUsed < IDLE_MS;
    const keepsLookup = own.lookup && (running.lookups > 0 || isWarm);
    const inUse = ordinaryInUse(running, own.lookup);
    const beside = Math.max(0, waiting.lookup - (running.lookups === 0 ? 1 : 0));
    const useful = Math.min(ORDINARY, inUse + waiting.person + waiting.background + beside);
    const lane = mostUrgentWaiting();
    const mayKeep = isWarm || (lane !== null && !isDueToOthers(lane));
    const keep = mayKeep ? Math.max(inUse, Math.min(own.ordinary, isWarm ? ORDINARY : useful)) : inUse;
    return {
      holder,
      keep: { ordinary: keep, lookup: keepsLookup },
      want: { ordinary: Math.max(keep, useful), lookup: keepsLookup || waiting.lookup > 0 },
      waiting: lane,
    };
  }

  function mostUrgentWaiting(): SlotLane | null {
    const waiting = gate.waiting();
    return (['lookup', 'person', 'background'] as const).find((lane) => waiting[lane] > 0) ?? null;
  }
}

/** A look-up beside the first one runs in an ordinary slot. */
function ordinaryInUse({ ordinary, lookups }: Running, hasLookupSlot: boolean): number {
  return ordinary + Math.max(0, lookups - (hasLookupSlot ? 1 : 0));
}

function notConnected(): UnavailableError {
  return new UnavailableError('This connection to SAP has just been closed.');
}

function notReached(): UnavailableError {
  return new UnavailableError('The database does not answer, so nothing can be asked of SAP at the moment.');
}
