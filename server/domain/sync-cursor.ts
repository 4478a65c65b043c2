import type { LocalDate, LocalTime } from '../kernel/local-date.ts';

/** SAP's stamp of a change: server-local, precise to the minute at best in filters. */
export interface ChangeStamp {
  readonly date: LocalDate;
  readonly time: LocalTime;
}

/** How far a delta looks back: late commits and minute-precise filters make rows appear behind the newest stamp. */
export const OVERLAP_MINUTES = 15;

/** The newer of two stamps; either may be missing. */
export function newer(left: ChangeStamp | null, right: ChangeStamp | null): ChangeStamp | null {
  if (!left) return right;
  if (!right) return left;
  return compareStamps(left, right) >= 0 ? left : right;
}

export function compareStamps(left: ChangeStamp, right: ChangeStamp): number {
  if (left.date !== right.date) return left.date < right.date ? -1 : 1;
  if (left.time === right.time) return 0;
  return left.time < right.time ? -1 : 1;
}

/** Where the next delta begins: the newest stamp seen, less the overlap, on the source's own wall clock. */
export function startOfDelta(seen: ChangeStamp): ChangeStamp {
  const wall = new Date(`${seen.date}T${seen.time}Z`);
  wall.setUTCMinutes(wall.getUTCMinutes() - OVERLAP_MINUTES);
  const text = wall.toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 19) };
}
