import { after, type Clock } from '../../server/kernel/clock.ts';

/** A clock that stands still until a test moves it. */
export interface MovableClock extends Clock {
  set(time: Date): void;
  advance(milliseconds: number): void;
}

export function movableClock(start = new Date('2026-03-02T09:00:00Z')): MovableClock {
  let time = start;
  return {
    now: () => time,
    set(to) {
      time = to;
    },
    advance(milliseconds) {
      time = after(time, milliseconds);
    },
  };
}
