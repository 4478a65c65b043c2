import type { Knex } from 'knex';

/**
 * Where a process stops: at its so manieth transaction. `killed` before a commit loses the transaction, as a broken
 * connection does; `stalled` (SIGSTOP, a paused machine) goes on later as if nothing had happened.
 */
export interface StopPoint {
  readonly how: 'killed' | 'stalled';
  /** Counted from 1. */
  readonly transaction: number;
  readonly moment: 'before_commit' | 'after_commit';
}

/** A process's way to its database, on which it can be stopped. Everything it does in between is sandwiched by it. */
export interface StoppableDatabase {
  readonly db: Knex;
  /** Resolves when the point is reached; never without a point. */
  readonly stopped: Promise<void>;
  isStopped(): boolean;
  /** Transactions so far. */
  transactions(): number;
  resume(): void;
}

class RolledBack extends Error {}

export function stoppableDatabase(db: Knex, point?: StopPoint): StoppableDatabase {
  let count = 0;
  let isStopped = false;
  const [stopped, reach] = gate();
  const [resumed, resume] = gate();

  async function halt(): Promise<void> {
    isStopped = true;
    reach();
    await resumed;
  }

  async function transaction<T>(work: (queries: Knex.Transaction) => Promise<T>): Promise<T> {
    if (isStopped) await resumed;
    count += 1;
    const here = point !== undefined && count === point.transaction;
    if (here && point.moment === 'before_commit') {
      if (point.how === 'killed') await rollBack(db, work);
      await halt();
    }
    const result = await db.transaction(work);
    if (here && point.moment === 'after_commit') await halt();
    else if (isStopped) await resumed;
    return result;
  }

  return {
    db: new Proxy(db, {
      get: (target, name) => (name === 'transaction' ? transaction : Reflect.get(target, name)),
    }),
    stopped,
    isStopped: () => isStopped,
    transactions: () => count,
    resume: () => {
      isStopped = false;
      resume();
    },
  };
}

/** @throws what `work` throws by itself: then the process got no further than that. */
async function rollBack<T>(db: Knex, work: (queries: Knex.Transaction) => Promise<T>): Promise<void> {
  try {
    await db.transaction(async (queries) => {
      await work(queries);
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
}

function gate(): [opened: Promise<void>, open: () => void] {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return [opened, () => open()];
}
