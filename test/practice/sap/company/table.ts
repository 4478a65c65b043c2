import type { Fields } from '../../kernel/json.ts';

/** One row as it was and as it is now; undefined where it was not there, or is not any more. */
export interface RowChange {
  readonly set: string;
  readonly key: string;
  readonly before: Fields | undefined;
  readonly after: Fields | undefined;
}

/** Remembers how to undo what was done since it was opened. */
export interface Journal {
  note(undo: () => void, change: RowChange): void;
}

/** Rows of one entity set, in the order they were first written. Rows are replaced, never changed. */
export interface Table {
  get(key: string): Fields | undefined;
  has(key: string): boolean;
  put(key: string, row: Fields): void;
  remove(key: string): void;
  all(): Fields[];
  entries(): (readonly [key: string, row: Fields])[];
  count(): number;
  /** Puts all rows back to what they were when `entries` gave them. No transaction can undo it. */
  reset(entries: readonly (readonly [key: string, row: Fields])[]): void;
}

export function createTable(journal: Journal, set: string, rows: Iterable<readonly [string, Fields]>): Table {
  const byKey = new Map<string, Fields>(rows);

  function restore(key: string, row: Fields | undefined): void {
    if (row === undefined) byKey.delete(key);
    else byKey.set(key, row);
  }

  return {
    get: (key) => byKey.get(key),
    has: (key) => byKey.has(key),
    put(key, row) {
      const before = byKey.get(key);
      journal.note(() => restore(key, before), { set, key, before, after: row });
      byKey.set(key, row);
    },
    remove(key) {
      const before = byKey.get(key);
      journal.note(() => restore(key, before), { set, key, before, after: undefined });
      byKey.delete(key);
    },
    all: () => [...byKey.values()],
    entries: () => [...byKey.entries()],
    count: () => byKey.size,
    reset(entries) {
      byKey.clear();
      for (const [key, row] of entries) byKey.set(key, row);
    },
  };
}

/**
 * A journal whose `run` undoes everything that its work did, should the work throw. Runs may nest; once the outermost has
 * succeeded, `committed` is told what changed, one entry a row.
 */
export function createJournal(
  committed: (changes: readonly RowChange[]) => void,
): Journal & { run<T>(work: () => T): T } {
  let steps: { readonly undo: () => void; readonly change: RowChange }[] = [];
  let depth = 0;

  function close(): void {
    const done = steps;
    steps = [];
    if (done.length > 0) committed(folded(done.map(({ change }) => change)));
  }

  function run<T>(work: () => T): T {
    const mark = steps.length;
    depth += 1;
    let result: T;
    try {
      result = work();
    } catch (error) {
      for (const { undo } of steps.splice(mark).reverse()) undo();
      throw error;
    } finally {
      depth -= 1;
    }
    if (depth === 0) close();
    return result;
  }

  return {
    note: (undo, change) => {
      if (depth > 0) steps.push({ undo, change });
    },
    run,
  };
}

/** The first and the last state of each row; rows that came and went are left out. */
function folded(changes: readonly RowChange[]): RowChange[] {
  const byRow = new Map<string, RowChange>();
  for (const change of changes) {
    const id = `${change.set} ${change.key}`;
    byRow.set(id, { ...change, before: byRow.has(id) ? byRow.get(id)?.before : change.before });
  }
  return [...byRow.values()].filter(({ before, after }) => before !== undefined || after !== undefined);
}
