import type { Knex } from 'knex';

/**
 * Where a process stops: at its so manieth transaction. `killed` before a commit loses the transaction, as a broken
 * connection does; `stalled` (SIGSTOP, a paused machine) goes on later as if nothing had happened, and holds no lock.
 */
export interface StopPoint {
  readonly how: 'killed' | 'stalled';
  /** Where the count begins: with the process, or with the transaction that claims a hand-off. */
  readonly from: 'start' | 'claim';
  /** Counted from 1. */
  readonly transaction: number;
  readonly moment: 'before_commit' | 'after_commit';
}

/** A process's way to its database, on which it can be stopped. Everything it does lies between two transactions. */
export interface StoppableDatabase {
  readonly db: Knex;
  /** Resolves when the point is reached; never without a point. */
  readonly stopped: Promise<void>;
  resume(): void;
}

type Work<T> = (queries: Knex.Transaction) => Promise<T>;

class RolledBack extends Error {}

const CLAIM = /"attempt" = attempt \+ 1/;

export function stoppableDatabase(db: Knex, point?: StopPoint): StoppableDatabase {
  let count = 0;
  let counting = point?.from === 'start';
  let isStopped = false;
  const [stopped, reach] = gate();
  const [resumed, resume] = gate();

  const isHere = (number: number, moment: StopPoint['moment']) =>
    point?.transaction === number && point.moment === moment;

  async function halt(): Promise<void> {
    isStopped = true;
    reach();
    await resumed;
  }

  async function transaction<T>(work: Work<T>): Promise<T> {
    if (isStopped) await resumed;
    if (!point) return db.transaction(work);
    let number = counting ? ++count : 0;
    if (point.how === 'stalled' && isHere(number, 'before_commit')) await halt();
    try {
      const result = await db.transaction(async (queries) => {
        queries.on('query', ({ sql }: { sql: string }) => {
          if (counting || !CLAIM.test(sql)) return;
          counting = true;
          number = ++count;
        });
        const done = await work(queries);
        if (point.how === 'killed' && isHere(number, 'before_commit')) throw new RolledBack();
        return done;
      });
      if (isHere(number, 'after_commit')) await halt();
      else if (isStopped) await resumed;
      return result;
    } catch (error) {
      if (error instanceof RolledBack) await halt();
      throw error;
    }
  }

  return {
    db: new Proxy(db, {
      get: (target, name) => (name === 'transaction' ? transaction : Reflect.get(target, name)),
    }),
    stopped,
    resume() {
      isStopped = false;
      resume();
    },
  };
}

function gate(): [opened: Promise<void>, open: () => void] {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return [opened, () => open()];
}
