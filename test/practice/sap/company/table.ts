import type { Fields } from '../../kernel/json.ts';

/** Remembers how to undo what was done since it was opened. */
export interface Journal {
  note(undo: () => void): void;
}

/** Rows of one entity set, in the order they were first written. Rows are replaced, never changed. */
export interface Table {
  get(key: string): Fields | undefined;
  has(key: string): boolean;
  put(key: string, row: Fields): void;
  remove(key: string): void;
  all(): Fields[];
  count(): number;
}

export function createTable(journal: Journal, rows: Iterable<readonly [string, Fields]>): Table {
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
      journal.note(() => restore(key, before));
      byKey.set(key, row);
    },
    remove(key) {
      const before = byKey.get(key);
      journal.note(() => restore(key, before));
      byKey.delete(key);
    },
    all: () => [...byKey.values()],
    count: () => byKey.size,
  };
}

/** A journal whose `run` undoes everything that its work did, should the work throw. Runs may nest. */
export function createJournal(): Journal & { run<T>(work: () => T): T } {
  let undos: (() => void)[] = [];
  let depth = 0;

  function run<T>(work: () => T): T {
    const mark = undos.length;
    depth += 1;
    try {
      return work();
    } catch (error) {
      for (const undo of undos.splice(mark).reverse()) undo();
      throw error;
    } finally {
      depth -= 1;
      if (depth === 0) undos = [];
    }
  }

  return {
    note: (undo) => {
      if (depth > 0) undos.push(undo);
    },
    run,
  };
}
