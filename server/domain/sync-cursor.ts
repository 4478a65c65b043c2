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

/** A walk may last so long and still leave most of the overlap to rows that are committed late. */
const SHORT_WALK_MS = 5 * 60_000;

/**
 * The cursor while a walk lasts. What is stamped during a long walk and committed behind the page just read must not fall
 * out of the next walk's overlap because later pages showed newer stamps: the cursor stays behind by as long as the walk
 * has taken beyond a short one, but never falls behind the one it began with.
 */
export function cursorDuring(seen: ChangeStamp, newest: ChangeStamp, tookMs: number): ChangeStamp {
  const excess = Math.max(0, tookMs - SHORT_WALK_MS);
  if (excess === 0) return newest;
  const text = new Date(Date.parse(`${newest.date}T${newest.time}Z`) - excess).toISOString();
  return newer(seen, { date: text.slice(0, 10), time: text.slice(11, 19) }) ?? seen;
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
