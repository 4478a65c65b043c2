import type { LocalDate, LocalTime } from '../kernel/local-date.ts';

/** SAP's stamp of a change: server-local, precise to the minute at best in filters. */
export interface ChangeStamp {
  readonly date: LocalDate;
  readonly time: LocalTime;
}

/** How far a delta looks back: late commits and minute-precise filters make rows appear behind the newest stamp. */
export const OVERLAP_MINUTES = 15;
/** While clocks may be set back: up to two hours of stamps come a second time (Antarctica/Troll; elsewhere one). */
export const SET_BACK_OVERLAP_MINUTES = 2 * 60 + OVERLAP_MINUTES;

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
  const overlap = mayBeSetBack(wall) ? SET_BACK_OVERLAP_MINUTES : OVERLAP_MINUTES;
  wall.setUTCMinutes(wall.getUTCMinutes() - overlap);
  const text = wall.toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 19) };
}

const THURSDAY = 4;
const FRIDAY = 5;
const SATURDAY = 6;
const SUNDAY = 0;

/**
 * Hours of the week in which some zone of the world repeats an hour when summer time ends; the server's zone is not known.
 * A test holds this against the zones' own rules.
 */
function mayBeSetBack(wall: Date): boolean {
  const hour = wall.getUTCHours();
  switch (wall.getUTCDay()) {
    case THURSDAY:
      return hour >= 23;
    case FRIDAY:
      return hour < 1;
    case SATURDAY:
      return hour < 3 || hour >= 21;
    case SUNDAY:
      return hour < 5;
    default:
      return false;
  }
}
