/** `lookup`: the question that decides whether a write may be repeated; it never queues behind ordinary traffic. */
export type Lane = 'lookup' | 'person' | 'background';

export interface Limiter {
  /** Runs `work` when a slot is free. Leaves the queue with the signal's reason when it aborts first. */
  run<T>(lane: Lane, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly lane: Lane;
  readonly start: () => void;
}

/** At most `max` at once, of which `kept` are for look-ups alone; people go before background work. */
export function createLimiter({ max, kept }: { readonly max: number; readonly kept: number }): Limiter {
  const queues: Record<Lane, Waiting[]> = { lookup: [], person: [], background: [] };
  let ordinary = 0;
  let lookups = 0;

  const hasRoom = (lane: Lane) => {
    if (ordinary + lookups >= max) return false;
    return lane === 'lookup' || ordinary < max - kept;
  };
  const admitNext = () => {
    for (const lane of ['lookup', 'person', 'background'] as const) {
      if (hasRoom(lane)) queues[lane].shift()?.start();
    }
  };
  const count = (lane: Lane, by: number) => {
    if (lane === 'lookup') lookups += by;
    else ordinary += by;
  };

  return {
    async run(lane, signal, work) {
      await enter(lane, signal);
      try {
        return await work();
      } finally {
        count(lane, -1);
        admitNext();
      }
    },
  };

  function enter(lane: Lane, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (hasRoom(lane) && queues[lane].length === 0) {
      count(lane, 1);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        queues[lane] = queues[lane].filter((other) => other !== waiting);
        reject(signal.reason);
      };
      const waiting: Waiting = {
        lane,
        start: () => {
          signal.removeEventListener('abort', onAbort);
          count(lane, 1);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      queues[lane].push(waiting);
    });
  }
}
