/** What both practice sides read the time from. */
export interface PracticeClock {
  /** Epoch milliseconds. */
  now(): number;
}

/** A clock that tests and the demo can move. */
export interface MovablePracticeClock extends PracticeClock {
  advance(ms: number): void;
  set(epochMs: number): void;
  /** Calls back after every move made by hand; returns the way to stop it. */
  onMove(listener: () => void): () => void;
}

export interface PracticeClockOptions {
  /** Epoch milliseconds at which the clock starts; the present by default. */
  readonly start?: number;
  /** Stands still unless told to move. Otherwise it runs with real time plus an offset. */
  readonly frozen?: boolean;
}

export function createPracticeClock(options: PracticeClockOptions = {}): MovablePracticeClock {
  const real = options.frozen === true ? () => 0 : () => Date.now();
  let offset = (options.start ?? Date.now()) - real();
  const listeners = new Set<() => void>();

  function moveTo(nextOffset: number): void {
    offset = nextOffset;
    for (const listener of [...listeners]) listener();
  }

  return {
    now: () => real() + offset,
    advance: (ms) => moveTo(offset + ms),
    set: (epochMs) => moveTo(epochMs - real()),
    onMove(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
