import type { ErpCapabilities } from '../app/ports/erp-capabilities.ts';
import type { Clock } from '../kernel/clock.ts';
import type { EntitySet } from './odata.ts';

/** Lists that change rarely, kept for a connection. */
export interface Remembered {
  readonly groups: ReadonlyMap<number, string>;
  readonly priceLists: ReadonlyMap<number, string>;
  /** Numbers of those with tax. */
  readonly grossPriceLists: ReadonlySet<number>;
  readonly paymentTerms: ReadonlyMap<number, string>;
  readonly warehouses: ReadonlyMap<string, string>;
  /** Codes of those that nothing is sold from: inactive ones, and those where nothing is kept. */
  readonly closedWarehouses: ReadonlySet<string>;
  /** The user was refused the customers' agreements. */
  readonly agreementsRefused: boolean;
  /** Whether the ledger table of hand-offs can be used. */
  readonly ledger: boolean;
  /** It stayed unclear what became of a change set: perhaps something before the server lets no batch through. */
  readonly batchesDoubted: boolean;
}

/** What was learned about one server, for as long as its access stays the same. */
export interface ConnectionMemory {
  /** Undefined when unknown or too old. */
  get<K extends keyof Remembered>(name: K): Remembered[K] | undefined;
  set<K extends keyof Remembered>(name: K, value: Remembered[K]): void;
  /** False once the server refused a collection in `$select`, as some v2 systems do. */
  collectionsSelectable: boolean;
  /** False once the server was found to take no batches. */
  batches: boolean;
  /** Rows a page, where more were too much for one answer. */
  readonly largestPage: Map<EntitySet, number>;
  /** By set and field of the day: whether change stamps carry a time of day, and when that was judged, in milliseconds. */
  readonly stampTimes: Map<string, { unit: 'always' | 'sometimes' | 'never'; judgedAt: number }>;
  /** By CardCode: whose account counts instead of the partner's own, so that both are asked for at once. */
  readonly headOffices: Map<string, string>;
  /** How the server means an item's price with a discount. `wanted`: it matters and nothing has shown it yet. */
  itemPriceReading: 'before_discount' | 'after_discount' | 'wanted' | undefined;
}

const KEPT_MS = 10 * 60_000;

/** @param known what the system was found to be able to do: what it refuses is then not tried out once more */
export function createMemory(clock: Clock, known?: ErpCapabilities): ConnectionMemory {
  const values: Partial<Remembered> = {};
  const since = new Map<keyof Remembered, number>();
  const memory: ConnectionMemory = {
    get(name) {
      const at = since.get(name);
      return at !== undefined && clock.now().getTime() - at < KEPT_MS ? values[name] : undefined;
    },
    set(name, value) {
      values[name] = value;
      since.set(name, clock.now().getTime());
    },
    collectionsSelectable: known?.collectionSelect !== 'no',
    batches: known?.batch !== 'no',
    largestPage: new Map(),
    stampTimes: new Map(),
    headOffices: new Map(),
    itemPriceReading: undefined,
  };
  // Where it is gone meanwhile, the first write finds out; where it is new, the first look does.
  if (known?.ledger === 'yes') memory.set('ledger', true);
  return memory;
}
