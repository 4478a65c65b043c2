import type { TokenPurpose } from '../domain/token-budget.ts';

/** So many requests of one process and company at once. */
export interface ClassQueue {
  /** Runs `work` when there is room. Leaves the queue with the signal's reason when it aborts first. */
  run<T>(purpose: TokenPurpose, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

const AT_ONCE = 8;
/** Of these, so many are for orders and people alone: what nobody waits for may be slow. */
const KEPT = 2;
const RANKS: Readonly<Record<TokenPurpose, number>> = { order: 0, person: 0, status: 1, delta: 2, backfill: 3 };

interface Waiting {
  readonly rank: number;
  readonly start: () => void;
}

/** Orders and people first, then statuses, changes and first loads; those of one class in the order in which they came. */
export function createClassQueue(): ClassQueue {
  let waiting: Waiting[] = [];
  let running = 0;
  let unhurried = 0;

  const hasRoom = (rank: number) => running < AT_ONCE && (rank === 0 || unhurried < AT_ONCE - KEPT);
  const count = (rank: number, by: number) => {
    running += by;
    if (rank > 0) unhurried += by;
  };
  const admit = () => {
    for (;;) {
      const next = waiting
        .filter(({ rank }) => hasRoom(rank))
        .reduce<Waiting | undefined>((best, one) => (best && best.rank <= one.rank ? best : one), undefined);
      if (!next) return;
      waiting = waiting.filter((other) => other !== next);
      next.start();
    }
  };

  function enter(rank: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        waiting = waiting.filter((other) => other !== entry);
        reject(signal.reason);
      };
      const entry: Waiting = {
        rank,
        start: () => {
          signal.removeEventListener('abort', onAbort);
          count(rank, 1);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.push(entry);
      admit();
    });
  }

  return {
    async run(purpose, signal, work) {
      const rank = RANKS[purpose];
      await enter(rank, signal);
      try {
        return await work();
      } finally {
        count(rank, -1);
        admit();
      }
    },
  };
}
