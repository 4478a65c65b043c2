import type { Clock } from '../kernel/clock.ts';

/** Lists that change rarely, kept for a connection. */
export interface Remembered {
  readonly groups: ReadonlyMap<number, string>;
  readonly priceLists: ReadonlyMap<number, string>;
  readonly paymentTerms: ReadonlyMap<number, string>;
  readonly warehouses: ReadonlyMap<string, string>;
}

/** What was learned about one server, for as long as its access stays the same. */
export interface ConnectionMemory {
  /** Undefined when unknown or too old. */
  get<K extends keyof Remembered>(name: K): Remembered[K] | undefined;
  set<K extends keyof Remembered>(name: K, value: Remembered[K]): void;
  /** False once the server refused a collection in `$select`, as some v2 systems do. */
  collectionsSelectable: boolean;
}

const KEPT_MS = 10 * 60_000;

export function createMemory(clock: Clock): ConnectionMemory {
  const values: Partial<Remembered> = {};
  const since = new Map<keyof Remembered, number>();
  return {
    get(name) {
      const at = since.get(name);
      return at !== undefined && clock.now().getTime() - at < KEPT_MS ? values[name] : undefined;
    },
    set(name, value) {
      values[name] = value;
      since.set(name, clock.now().getTime());
    },
    collectionsSelectable: true,
  };
}
