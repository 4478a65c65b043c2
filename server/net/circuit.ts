import { after, type Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { jitteredDelay } from './retry.ts';

/** `ignored`: says nothing about the other side, e.g. the person closed the window. */
export type Outcome = 'reached' | 'failed' | 'ignored';

export interface Circuit {
  /** Undefined: go. Otherwise when to come back. Half open, exactly one caller is let through as the probe. */
  admit(): Date | undefined;
  settle(outcome: Outcome): void;
}

const FAILURES_TO_OPEN = 5;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** Stops asking a server that does not answer; one for each connection, so that no other company waits for it. */
export function createCircuit({ clock, random }: { readonly clock: Clock; readonly random: Random }): Circuit {
  let failures = 0;
  let opened = 0;
  let openUntil: Date | undefined;
  let probing = false;

  const open = () => {
    opened += 1;
    const spread = jitteredDelay(opened, random, FIRST_PAUSE_MS / 2);
    const pause = Math.min(LONGEST_PAUSE_MS, (FIRST_PAUSE_MS / 2) * 2 ** (opened - 1) + spread);
    openUntil = after(clock.now(), pause);
  };

  return {
    admit() {
      if (!openUntil) return undefined;
      const now = clock.now();
      if (now < openUntil) return openUntil;
      if (probing) return after(now, 1000);
      probing = true;
      return undefined;
    },
    settle(outcome) {
      const wasProbe = probing;
      if (outcome === 'reached') {
        failures = 0;
        opened = 0;
        openUntil = undefined;
        probing = false;
        return;
      }
      if (wasProbe) probing = false;
      if (outcome === 'ignored') return;
      failures += 1;
      if (wasProbe || (!openUntil && failures >= FAILURES_TO_OPEN)) open();
    },
  };
}
