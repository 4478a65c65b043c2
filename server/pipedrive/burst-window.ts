import type { Clock } from '../kernel/clock.ts';
import type { Sleep } from '../net/sleep.ts';
import type { Limits } from './headers.ts';

/** One company's share of Pipedrive's rolling window of 2 s. */
export interface BurstWindow {
  /** Resolves when one more request may be sent. Rejects with the signal's reason. */
  turn(signal: AbortSignal): Promise<void>;
  /** Follows what an answer told of the window. */
  saw(limits: Limits): void;
  /** Nobody sends for so long. */
  pause(milliseconds: number): void;
}

const WINDOW_MS = 2_000;
/** 60 % of the smallest plan's 80 for OAuth apps: one user's token may also be used by others. */
const CAPACITY = 48;
const SHARE = 0.6;
/** A turn that lies further ahead belongs to a clock that was set back since. */
const FAR_AHEAD_MS = 60_000;

/**
 * Gives out turns ahead of time: each caller learns when its own turn is and waits for it, so that turns are taken in
 * the order in which they were asked for.
 */
export function createBurstWindow({ clock, sleep }: { clock: Clock; sleep: Sleep }): BurstWindow {
  let capacity = CAPACITY;
  let turns: number[] = [];
  let notBefore = 0;

  const nextTurn = (now: number): number => {
    turns = turns.filter((at) => at > now - WINDOW_MS && at < now + FAR_AHEAD_MS);
    const limiting = turns.at(-capacity);
    const free = limiting === undefined || turns.length < capacity ? now : limiting + WINDOW_MS;
    const pausedUntil = notBefore < now + FAR_AHEAD_MS ? notBefore : now;
    return Math.max(now, free, pausedUntil, turns.at(-1) ?? now);
  };
  const pause = (milliseconds: number): void => {
    notBefore = Math.max(notBefore, clock.now().getTime() + milliseconds);
  };

  return {
    async turn(signal) {
      signal.throwIfAborted();
      const now = clock.now().getTime();
      const at = nextTurn(now);
      turns.push(at);
      if (at > now) await sleep(at - now, signal);
    },
    saw({ burst }) {
      if (!burst) return;
      capacity = Math.max(1, Math.floor(burst.limit * SHARE));
      if (burst.remaining === 0) pause(WINDOW_MS);
    },
    pause,
  };
}
