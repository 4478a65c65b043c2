import type { GateBooks } from '../app/ports/crm-gate.ts';
import {
  countRefusal,
  type Entry,
  enterGate,
  forgetRefusals,
  type GateBook,
  giveBackProbe,
  giveTurns,
  isRefusedTooOften,
  openGate,
  pauseGate,
  type ShutReason,
  shutGate,
  WINDOW_MS,
} from '../domain/crm-gate.ts';
import { after, type Clock } from '../kernel/clock.ts';
import type { RateLimitedError } from '../kernel/errors.ts';
import type { InstallationId } from '../kernel/ids.ts';
import type { Sleep } from '../net/sleep.ts';
import type { Elapsed } from '../net/timer.ts';
import { correlationIdOf } from './answers.ts';
import { accountIsClosed, asksForPause, dayIsSpent, guardIsShut } from './errors.ts';
import type { Limits } from './headers.ts';
import type { HttpAnswer } from './transport.ts';

export interface TurnRequest {
  readonly kind: 'api' | 'search';
  readonly urgent: boolean;
  readonly grant: 'oauth' | 'api_token';
  /** It asks whether a shut gate may be opened: no shut gate stops it. */
  readonly probe: boolean;
}

/** Keeps one company's calls within what Pipedrive takes, together with all other processes. */
export interface CompanyGate {
  /**
   * Passes while nothing is held against the company. When a block has run out it passes one call of all processes as a
   * probe, and keeps the others back until that one is answered.
   * @throws {RateLimitedError} with the time to come back
   */
  enter(): Promise<{ readonly probe: boolean }>;
  /**
   * Resolves when one more request may be sent; `probe` when it has become one. Rejects with the signal's reason.
   * @throws {RateLimitedError} when shut meanwhile, or when calls are refused and others try already
   */
  turn(request: TurnRequest, signal: AbortSignal): Promise<{ readonly probe: boolean }>;
  /** Follows what an answer told of the window. */
  saw(limits: Limits, grant: TurnRequest['grant']): Promise<void>;
  /**
   * Refused for coming too fast: nobody sends for so long.
   * @param sentAt when the refused call had its turn
   */
  refused(sentAt: Date, pauseMs: number): Promise<void>;
  /**
   * Any other answer: the window has room again.
   * @param sentAt when the answered call had its turn
   */
  answered(sentAt: Date): Promise<void>;
  /** Waiting has not helped, so it is the day that is spent and not the window. */
  isRefusedTooOften(): boolean;
  /** Refused altogether: gives the error to throw, with what the answer says. */
  shut(reason: ShutReason, sentAt: Date, answer?: HttpAnswer): Promise<RateLimitedError>;
  /** Why all calls are kept back, and when Pipedrive last said so; for who holds the probe. */
  held(): { readonly reason: ShutReason; readonly since: Date } | undefined;
  /** A probe was answered: nothing is held against the company any more. */
  open(): Promise<void>;
  /** The probe was never sent: the next call may be one. */
  giveBackProbe(): Promise<void>;
}

export interface CompanyGateDeps {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly elapsed: Elapsed;
  readonly books: GateBooks;
}

/**
 * The smallest plan's window (reference pipedrive-api.md, section 2.3), until an answer tells another size. The documents
 * count "per user" here and "per token" there: all users of a company share one window of ours, which is safe either way.
 */
const SMALLEST_WINDOW = { oauth: 80, api_token: 20 } as const;
const LARGEST_WINDOW = 480;
/** The same token may be used by others too. */
const SHARE = 0.6;
/** Asked for at once where turns keep for a while: calls seldom come alone. More would keep other processes waiting. */
const AT_ONCE = 4;
/** How often a call asks for a turn while calls are refused. */
const MOST_ASKED = 3;

/** Turns that are this process's own, to be taken between these times. */
interface Stock {
  left: number;
  readonly from: number;
  readonly until: number;
}

export function createCompanyGate(id: InstallationId, deps: CompanyGateDeps): CompanyGate {
  const { clock, books, elapsed } = deps;
  const windows: Record<TurnRequest['grant'], number> = { ...SMALLEST_WINDOW };
  const stocks = new Map<string, readonly Stock[]>();
  /** As last read or written; other processes may have written since. */
  let known: Pick<GateBook, 'rounds' | 'shut'> = { rounds: 0, shut: null };
  let refusedTooOften = false;

  async function change(step: (book: GateBook, now: number) => GateBook): Promise<void> {
    await books.change(id, (before, now) => {
      const after = step(before, now);
      known = after;
      return after;
    });
  }

  async function ask(request: TurnRequest): Promise<{ wait: number; turns: number; probe: boolean }> {
    const { kind, urgent, grant, probe } = request;
    const name = `${kind} ${urgent} ${grant}`;
    const askedAt = elapsed();
    const stock = unused(name, askedAt).at(0);
    if (stock) {
      stock.left -= 1;
      return { wait: Math.max(0, stock.from - askedAt), turns: 1, probe };
    }
    const { holdMs } = books;
    const capacity = Math.max(1, Math.floor(windows[grant] * SHARE));
    const wish = { kind, urgent, turns: holdMs > 0 && !probe ? AT_ONCE : 1, capacity, holdMs };
    let given = { wait: 0, turns: 0 };
    let entry: Entry = { kind: 'open' };
    await change((book, now) => {
      // Asked in the same breath: another process may have shut it a moment ago, or its time may just have run out.
      const entered = probe ? { book, entry } : enterGate(book, clock.now().getTime());
      entry = entered.entry;
      if (entry.kind === 'shut') return book;
      const answer = giveTurns(entered.book, wish, now);
      given = { wait: answer.at - now, turns: answer.turns };
      return answer.book;
    });
    throwIfShut(entry);
    if (given.turns > 1) {
      const rest = { left: given.turns - 1, from: elapsed() + given.wait, until: askedAt + given.wait + holdMs };
      stocks.set(name, [...unused(name, askedAt), rest]);
    }
    return { ...given, probe: probe || isProbe(entry) };
  }

  function unused(name: string, at: number): readonly Stock[] {
    return (stocks.get(name) ?? []).filter(({ left, until }) => left > 0 && at < until);
  }

  return {
    async enter() {
      if (!known.shut) return { probe: false };
      let entry: Entry = { kind: 'open' };
      await change((book) => {
        const entered = enterGate(book, clock.now().getTime());
        entry = entered.entry;
        return entered.book;
      });
      throwIfShut(entry);
      return { probe: isProbe(entry) };
    },

    async turn(request, signal) {
      for (let asked = 1; ; asked += 1) {
        signal.throwIfAborted();
        const { wait, turns, probe } = await ask(request);
        if (turns === 0 && asked === MOST_ASKED) throw asksForPause(after(clock.now(), wait));
        if (wait > 0) await deps.sleep(wait, signal);
        if (turns === 0) continue;
        const { shut } = known;
        if (!probe && shut && shut.until > clock.now().getTime()) throw errorOf(shut.reason, new Date(shut.until));
        return { probe };
      }
    },

    async saw({ burst }, grant) {
      if (!burst) return;
      windows[grant] = Math.min(burst.limit, LARGEST_WINDOW);
      if (burst.remaining === 0) await change((book, now) => pauseGate(book, WINDOW_MS, now));
    },

    async refused(sentAt, pauseMs) {
      stocks.clear();
      await change((book, now) => {
        const counted = countRefusal(book, sentAt.getTime(), clock.now().getTime());
        refusedTooOften = isRefusedTooOften(counted);
        return pauseGate(counted, pauseMs, now);
      });
    },

    async answered(sentAt) {
      if (known.rounds > 0) await change((book) => forgetRefusals(book, sentAt.getTime()));
      refusedTooOften = isRefusedTooOften(known);
    },

    isRefusedTooOften: () => refusedTooOften,

    async shut(reason, sentAt, answer) {
      await change((book) => shutGate(book, { reason, sentAt: sentAt.getTime() }, clock.now().getTime()));
      return errorOf(reason, new Date(known.shut?.until ?? clock.now().getTime()), answer);
    },

    held() {
      const { shut } = known;
      return shut ? { reason: shut.reason, since: new Date(shut.since) } : undefined;
    },

    open: () => change(openGate),

    giveBackProbe: () => change((book) => giveBackProbe(book, clock.now().getTime())),
  };
}

const isProbe = (entry: Entry): boolean => entry.kind === 'probe';

function throwIfShut(entry: Entry): void {
  if (entry.kind === 'shut') throw errorOf(entry.reason, new Date(entry.until));
}

function errorOf(reason: ShutReason, until: Date, answer?: HttpAnswer): RateLimitedError {
  if (reason === 'account') return accountIsClosed(until, answer);
  const requestId = answer && correlationIdOf(answer);
  return reason === 'day' ? dayIsSpent(until, requestId) : guardIsShut(until, requestId);
}
