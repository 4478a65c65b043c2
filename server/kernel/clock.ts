/** The only source of time for rules, leases and due times, so that tests can move it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** `base` plus so many milliseconds. */
export function after(base: Date, milliseconds: number): Date {
  return new Date(base.getTime() + milliseconds);
}
