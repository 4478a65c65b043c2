/** `lookup`: the question that decides whether a write may be repeated; it never queues behind ordinary traffic. */
export type Lane = 'lookup' | 'person' | 'background';

export interface Limiter {
  /** Runs `work` when a slot is free. Leaves the queue with the signal's reason when it aborts first. */
  run<T>(lane: Lane, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** How much is under way. */
export interface Running {
  /** People's and background work. */
  readonly ordinary: number;
  readonly lookups: number;
}

/** A limiter whose room is decided elsewhere, and may change while work waits. */
export interface Gate extends Limiter {
  running(): Running;
  waiting(): Readonly<Record<Lane, number>>;
  /** Lets in whoever has room now: look-ups first, then people. */
  admit(): void;
  /** Sends away all who wait. */
  refuse(error: unknown): void;
}

export interface GateRules {
  /** Whether one more of this lane may start. */
  readonly hasRoom: (lane: Lane, running: Running) => boolean;
  /** Somebody had to queue. */
  readonly onQueued?: () => void;
  /** Something has ended and its room was offered to those who wait. */
  readonly onEnded?: () => void;
}

interface Waiting {
  readonly start: () => void;
  readonly refuse: (error: unknown) => void;
}

const LANES = ['lookup', 'person', 'background'] as const;

/** At most `max` at once, of which `kept` are for look-ups alone; people go before background work. */
export function createLimiter({ max, kept }: { readonly max: number; readonly kept: number }): Limiter {
  return createGate({
    hasRoom: (lane, { ordinary, lookups }) => ordinary + lookups < max && (lane === 'lookup' || ordinary < max - kept),
  });
}

export function createGate({ hasRoom, onQueued, onEnded }: GateRules): Gate {
  const queues: Record<Lane, Waiting[]> = { lookup: [], person: [], background: [] };
  let ordinary = 0;
  let lookups = 0;

  const running = (): Running => ({ ordinary, lookups });
  const count = (lane: Lane, by: number) => {
    if (lane === 'lookup') lookups += by;
    else ordinary += by;
  };
  const admit = () => {
    for (const lane of LANES) while (queues[lane].length > 0 && hasRoom(lane, running())) queues[lane].shift()?.start();
  };

  return {
    running,
    waiting: () => ({
      lookup: queues.lookup.length,
      person: queues.person.length,
      background: queues.background.length,
    }),
    admit,
    refuse(error) {
      for (const lane of LANES) for (const waiting of queues[lane].splice(0)) waiting.refuse(error);
    },
    async run(lane, signal, work) {
      await enter(lane, signal);
      try {
        return await work();
      } finally {
        count(lane, -1);
        admit();
        onEnded?.();
      }
    },
  };

  function enter(lane: Lane, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (queues[lane].length === 0 && hasRoom(lane, running())) {
      count(lane, 1);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const leave = (reason: unknown) => {
        signal.removeEventListener('abort', onAbort);
        queues[lane] = queues[lane].filter((other) => other !== waiting);
        reject(reason);
      };
      const onAbort = () => leave(signal.reason);
      const waiting: Waiting = {
        start: () => {
          signal.removeEventListener('abort', onAbort);
          count(lane, 1);
          resolve();
        },
        refuse: leave,
      };
      signal.addEventListener('abort', onAbort, { once: true });
      queues[lane].push(waiting);
      onQueued?.();
    });
  }
}
