import type { Elapsed } from './timer.ts';

/** Slows background work down when the other side's own answers become slow. */
export interface Governor {
  /** Milliseconds that a background request waits before it starts; starts are that far apart, however many ask. */
  turn(): number;
  /**
   * An answer has come, or was given up.
   * @param kind what was asked, so that like is compared with like, e.g. `GET Items`
   * @param milliseconds until its first byte
   */
  observe(kind: string, milliseconds: number): void;
}

/** Answers quicker than this are all the same: a few milliseconds more say nothing about the server. */
const NEGLIGIBLE_MS = 50;
/** So many times the best known is slow, and so many are well again. */
const SLOW = 3;
const WELL = 2;
/** How much the newest answer counts. */
const NEWEST = 0.3;
const STEP_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const LONGEST_TURN_MS = 15_000;
/** The best known doubles in this time, so that a server that has become slower for good is not spared for ever. */
const FORGOTTEN_HALF_MS = 60 * 60_000;
const MOST_KINDS = 64;

/** Pauses grow by a step with each slow answer and halve with each good one. */
export function createGovernor(elapsed: Elapsed): Governor {
  const best = new Map<string, { readonly milliseconds: number; readonly at: number }>();
  let slowness = 1;
  let pause = 0;
  let nextAt = 0;

  return {
    turn() {
      if (pause === 0) return 0;
      const now = elapsed();
      nextAt = Math.min(Math.max(now, nextAt) + pause, now + LONGEST_TURN_MS);
      return nextAt - now;
    },
    observe(kind, milliseconds) {
      const took = Math.max(NEGLIGIBLE_MS, milliseconds);
      slowness += NEWEST * (took / rememberBest(kind, took) - slowness);
      if (slowness > SLOW) pause = Math.min(LONGEST_PAUSE_MS, pause + STEP_MS);
      else if (slowness < WELL) pause = pause > STEP_MS / 2 ? pause / 2 : 0;
    },
  };

  function rememberBest(kind: string, took: number): number {
    const at = elapsed();
    const known = best.get(kind);
    const faded = known ? known.milliseconds * 2 ** ((at - known.at) / FORGOTTEN_HALF_MS) : took;
    const milliseconds = Math.min(took, faded);
    best.delete(kind);
    best.set(kind, { milliseconds, at });
    const oldest = best.keys().next();
    if (best.size > MOST_KINDS && !oldest.done) best.delete(oldest.value);
    return milliseconds;
  }
}
