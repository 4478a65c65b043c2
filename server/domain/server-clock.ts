import type { LocalDate, LocalTime } from '../kernel/local-date.ts';

/** A stamp of SAP's: local date and time without a zone. */
export interface LocalStamp {
  readonly date: LocalDate;
  readonly time: LocalTime;
}

/** The newest stamp there was, and the server's own UTC time when it was looked for. */
export interface StampLook {
  readonly newest: LocalStamp | null;
  readonly at: Date;
}

const MINUTE_MS = 60_000;
/** All zones in use lie on quarters of an hour between these. */
const STEP_MINUTES = 15;
const WEST = -12 * 60;
const EAST = 14 * 60;
/** Stamps may leave out the seconds, and clocks are not read at one and the same moment. */
const SLACK_MS = 2 * MINUTE_MS;
/** So many stamps on the full minute do not come about by chance. */
const TELLING = 8;

/**
 * How far local time lies ahead of UTC, in minutes: a stamp that was not there at the first look was made between the two.
 * Undefined while more than one zone fits.
 */
export function offsetFromLooks(before: StampLook, now: StampLook): number | undefined {
  if (!now.newest || !isNewer(now.newest, before.newest)) return undefined;
  return only(offsetsFor(now.newest, before.at, now.at));
}

/** False where a zone would put stamps that are there into the future. */
export function fitsOffset(offsetMinutes: number, look: StampLook): boolean {
  return !look.newest || asUtc(look.newest) <= look.at.getTime() + offsetMinutes * MINUTE_MS + SLACK_MS;
}

/** What times of changes carry, from a few of them. */
export function granularityOf(times: readonly LocalTime[]): 'second' | 'minute' | 'unknown' {
  if (times.some((time) => !time.endsWith(':00'))) return 'second';
  // Midnight is what stands where no time was stamped.
  const stamped = times.filter((time) => time !== '00:00:00');
  return stamped.length >= TELLING ? 'minute' : 'unknown';
}

/** How far a zone lies ahead of UTC at an instant, in minutes. */
export function offsetOfZone(timeZone: string, instant: Date): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(instant);
  const value = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(value('year'), value('month') - 1, value('day'), value('hour'), value('minute'));
  return (local - Math.floor(instant.getTime() / MINUTE_MS) * MINUTE_MS) / MINUTE_MS;
}

function offsetsFor(stamp: LocalStamp, notBefore: Date, notAfter: Date): readonly number[] {
  const local = asUtc(stamp);
  const fitting: number[] = [];
  for (let offset = WEST; offset <= EAST; offset += STEP_MINUTES) {
    const utc = local - offset * MINUTE_MS;
    if (utc >= notBefore.getTime() - SLACK_MS && utc <= notAfter.getTime() + SLACK_MS) fitting.push(offset);
  }
  return fitting;
}

function only(offsets: readonly number[]): number | undefined {
  const [first, ...others] = offsets;
  return others.length === 0 ? first : undefined;
}

function isNewer(stamp: LocalStamp, than: LocalStamp | null): boolean {
  return than === null || asUtc(stamp) > asUtc(than);
}

function asUtc({ date, time }: LocalStamp): number {
  return Date.parse(`${date}T${time}Z`);
}
