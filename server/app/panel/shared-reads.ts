import { after, type Clock } from '../../kernel/clock.ts';
import type { CrmCaller } from '../ports/crm.ts';

/** Something that is read in Pipedrive for one person after the other, and kept for five minutes. */
export interface SharedReads<Value> {
  /** Whoever asks while it is being read waits for the same answer. */
  read(wish: Wish, load: () => Promise<Value>): Promise<Value>;
  /** Forgets what is too old to be used; for a process in which nobody asks for anything. */
  forgetOld(): void;
}

export interface Wish {
  readonly caller: CrmCaller;
  /** Within the caller's company. */
  readonly key: string;
  /** What was read of another version is not used. */
  readonly version: string;
  /** By hand: what is known does not count, as long as this person does not ask too often. */
  readonly anew: boolean;
}

const KEPT_MS = 5 * 60_000;
const MOST = 2_000;
/** Within five minutes and for each person; then they get what is known, which is five minutes old at most. */
const MOST_ANEW = 5;

interface Kept<Value> {
  readonly value: Value;
  readonly version: string;
  readonly until: Date;
}

interface UnderWay<Value> {
  readonly value: Promise<Value>;
  readonly version: string;
  /** Of whoever asked first. */
  readonly signal: AbortSignal;
}

export function createSharedReads<Value>(clock: Clock): SharedReads<Value> {
  const kept = new Map<string, Kept<Value>>();
  const underWay = new Map<string, UnderWay<Value>>();
  const askedAnew = new Map<string, readonly Date[]>();

  async function read(wish: Wish, load: () => Promise<Value>): Promise<Value> {
    const name = `${wish.caller.installationId}:${wish.key}`;
    const found = kept.get(name);
    const known = found?.version === wish.version && found.until > clock.now() ? found : undefined;
    if (known && !wish.anew) return known.value;
    const running = underWay.get(name);
    if (running?.version === wish.version) {
      try {
        return await running.value;
      } catch (error) {
        if (!running.signal.aborted) throw error;
        // Whoever asked has gone, and took the question along.
        return read(wish, load);
      }
    }
    if (known && !mayAskAnew(wish.caller)) return known.value;
    return start(name, wish, load);
  }

  async function start(name: string, { version, caller }: Wish, load: () => Promise<Value>): Promise<Value> {
    const askedAt = clock.now();
    forgetOld();
    const value = load().then((loaded) => {
      put(kept, name, { value: loaded, version, until: after(askedAt, KEPT_MS) });
      return loaded;
    });
    const own = { value, version, signal: caller.signal };
    underWay.set(name, own);
    try {
      return await value;
    } finally {
      if (underWay.get(name) === own) underWay.delete(name);
    }
  }

  function mayAskAnew({ installationId, as }: CrmCaller): boolean {
    const person = `${installationId}:${as}`;
    const since = after(clock.now(), -KEPT_MS);
    const lately = (askedAnew.get(person) ?? []).filter((at) => at > since);
    if (lately.length >= MOST_ANEW) return false;
    put(askedAnew, person, [...lately, clock.now()]);
    return true;
  }

  function forgetOld(): void {
    const now = clock.now();
    for (const [name, { until }] of kept) if (until <= now) kept.delete(name);
    for (const [person, times] of askedAnew) {
      if (times.every((at) => at <= after(now, -KEPT_MS))) askedAnew.delete(person);
    }
  }

  return { read, forgetOld };
}

function put<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  if (map.size >= MOST) map.clear();
  map.set(key, value);
}
