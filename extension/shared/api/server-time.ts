/** Less than this is the age of the answer and the second in which the header is cut off, not a wrong clock. */
const TOLERANCE_MS = 5_000;

/** The server's time, so that "4 s ago" is right on a computer whose clock is wrong. */
export interface ServerTime {
  /** Ms since 1970. */
  now(): number;
  /** Takes the `Date` header of an answer that just came. */
  observe(dateHeader: string | null): void;
}

export function createServerTime(localNow: () => number): ServerTime {
  let offset = 0;
  return {
    now: () => localNow() + offset,
    observe(dateHeader) {
      const serverNow = dateHeader === null ? Number.NaN : Date.parse(dateHeader);
      if (Number.isNaN(serverNow)) return;
      const difference = serverNow - localNow();
      offset = Math.abs(difference) > TOLERANCE_MS ? difference : 0;
    },
  };
}
