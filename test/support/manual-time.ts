import type { Elapsed, StartTimer } from '../../server/net/timer.ts';

/** Timers that fire when a test lets time pass, and a stop watch that runs with them. */
export interface ManualTime {
  readonly elapsed: Elapsed;
  readonly startTimer: StartTimer;
  /** Lets so much time pass, step by step, with everything that follows from each timer. */
  pass(milliseconds: number): Promise<void>;
  /** Time passes as for a process that stands still: no timer fires. */
  standStill(milliseconds: number): void;
  /** Timers that wait. */
  pending(): number;
}

export function manualTime(): ManualTime {
  let now = 0;
  let timers: { readonly at: number; readonly run: () => void }[] = [];

  return {
    elapsed: () => now,
    startTimer(milliseconds, run) {
      const timer = { at: now + milliseconds, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async pass(milliseconds) {
      const end = now + milliseconds;
      await settle();
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.run();
        await settle();
      }
      now = end;
    },
    standStill(milliseconds) {
      now += milliseconds;
    },
    pending: () => timers.length,
  };
}

/** Until everything that waits for nothing has happened. */
async function settle(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise(setImmediate);
}
