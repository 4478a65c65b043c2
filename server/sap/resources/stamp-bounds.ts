import type { Stamp } from '../../app/ports/erp.ts';
import type { LocalTime } from '../../kernel/local-date.ts';
import { allOf, anyOf, type Condition, compare, date, isNull, text, time } from '../odata.ts';
import type { StampedSet, StampedWalk, StampUnit } from './stamped-set.ts';

type Fields<S extends StampedSet> = Pick<StampedWalk<S, never>, 'key' | 'date' | 'time'>;

/** What a filter can tell apart: records of one unit share a text, and later units come behind earlier ones. */
export function unitOf({ date: on, time: at }: Stamp, times: StampUnit): string {
  return times === 'never' ? on : `${on}T${at.slice(0, 5)}`;
}

/** Everything from there on; a record without a time of day counts with its whole day. */
export function notBefore<S extends StampedSet>(walk: Fields<S>, stamp: Stamp, times: StampUnit): Condition<S> {
  if (times === 'never') return compare(walk.date, 'ge', date(stamp.date));
  const onwards = compare(walk.time, 'ge', time(startOfMinute(stamp.time)));
  return laterDayOr(walk, stamp, times === 'always' ? onwards : anyOf<S>(onwards, isNull(walk.time)));
}

/** Everything behind the unit of this stamp. */
export function laterThan<S extends StampedSet>(walk: Fields<S>, stamp: Stamp, times: StampUnit): Condition<S> {
  const laterDay = compare(walk.date, 'gt', date(stamp.date));
  if (times === 'never' || isLastMinute(stamp.time)) return laterDay;
  return laterDayOr(walk, stamp, compare(walk.time, 'gt', time(endOfMinute(stamp.time))));
}

/** The unit of this stamp. The first minute of a day holds the records without a time, the last one `24:00:00`. */
export function within<S extends StampedSet>(walk: Fields<S>, stamp: Stamp, times: StampUnit): Condition<S> {
  const day = compare(walk.date, 'eq', date(stamp.date));
  if (times === 'never') return day;
  const from = compare(walk.time, 'ge', time(startOfMinute(stamp.time)));
  if (isLastMinute(stamp.time)) return allOf<S>(day, from);
  const minute = allOf<S>(from, compare(walk.time, 'le', time(endOfMinute(stamp.time))));
  const isFirst = stamp.time.startsWith('00:00');
  return allOf<S>(day, isFirst && times === 'sometimes' ? anyOf<S>(minute, isNull(walk.time)) : minute);
}

export function behindKey<S extends StampedSet>(walk: Fields<S>, key: string): Condition<S> {
  return compare(walk.key, 'gt', text(key));
}

/** A later day, or the same day with the time as given: never a date and a time compared each for itself. */
function laterDayOr<S extends StampedSet>(walk: Fields<S>, { date: on }: Stamp, sameDay: Condition<S>): Condition<S> {
  return anyOf<S>(compare(walk.date, 'gt', date(on)), allOf<S>(compare(walk.date, 'eq', date(on)), sameDay));
}

const startOfMinute = (at: LocalTime): LocalTime => `${at.slice(0, 5)}:00`;
const endOfMinute = (at: LocalTime): LocalTime => `${at.slice(0, 5)}:59`;
const isLastMinute = (at: LocalTime): boolean => at.startsWith('23:59');
