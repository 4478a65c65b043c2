import { describe, expect, it } from 'vitest';
import { isSilent, isUnheard, type Rhythm } from '../../../server/domain/webhook-silence.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** A Monday. */
const START = Date.parse('2026-04-06T00:00:00Z');

/** What the store tells at that instant of what came until then. */
function rhythmAt(heard: readonly number[], now: number): Rhythm {
  const kept = heard.filter((at) => at > now - 2 * WEEK && at <= now);
  const last = kept.at(-1);
  const [first] = kept;
  const hoursOf = (times: readonly number[]) => new Set(times.map((at) => Math.floor(at / HOUR))).size;
  const gaps = kept.map((at, index) => at - (kept[index - 1] ?? at));
  return {
    lastAt: last === undefined ? null : new Date(last),
    firstAt: first === undefined ? null : new Date(first),
    hours: hoursOf(kept),
    longestGapMs: Math.max(0, ...gaps),
    hoursWeekBefore: hoursOf(kept.filter((at) => last !== undefined && at > last - WEEK && at <= now - WEEK)),
  };
}

/** Every 20 minutes of the working hours of the working days. */
function office(days: number): number[] {
  return Array.from({ length: days * 72 }, (_, index) => START + index * 20 * 60_000).filter((at) => {
    const time = new Date(at);
    return time.getUTCDay() % 6 !== 0 && time.getUTCHours() >= 7 && time.getUTCHours() < 18;
  });
}

/** Hours, of so many days looked at hourly, at which it was called silent. */
function alarms(heard: readonly number[], days: number): number[] {
  const hours = Array.from({ length: days * 24 }, (_, hour) => START + hour * HOUR);
  return hours.filter((now) => isSilent(rhythmAt(heard, now), new Date(now)));
}

describe('isSilent', () => {
  it('WH-10 says nothing at night, at weekends, in the first weeks or over a long weekend', () => {
    expect(alarms(office(60), 60)).toEqual([]);
    const withoutMonday = office(60).filter((at) => at < START + 4 * DAY || at >= START + 8 * DAY);
    expect(alarms(withoutMonday, 8)).toEqual([]);
  });

  it('WH-10 notices within a few working hours that nothing comes any more', () => {
    for (const weekday of [0, 1, 2, 3, 4]) {
      const end = START + (21 + weekday) * DAY + 10 * HOUR;
      const [first] = alarms(
        office(60).filter((at) => at < end),
        40,
      );
      expect(first, `day ${weekday}`).toBeDefined();
      expect((first ?? 0) - end, `day ${weekday}`).toBeLessThanOrEqual(6 * HOUR);
    }
  });

  it('one burst a week ago, like a first load, is no rhythm', () => {
    const burst = Array.from({ length: 500 }, (_, index) => START + index * 1_000);
    expect(alarms([...burst, START + 5 * DAY, START + 6 * DAY, START + 6.5 * DAY], 13)).toEqual([]);
  });

  it('needs something to compare with', () => {
    expect(alarms([], 30)).toEqual([]);
    expect(alarms([START, START + HOUR, START + 2 * HOUR], 30)).toEqual([]);
  });

  it('after a week without any it does not wait longer', () => {
    const heard = office(3);
    expect(isSilent(rhythmAt(heard, START + 10.5 * DAY), new Date(START + 10.5 * DAY))).toBe(true);
  });
});

describe('isUnheard', () => {
  const MADE = new Date(START);
  const heardAt = (lastAt: number | null) => ({ lastAt: lastAt === null ? null : new Date(lastAt) });
  const unheard = (changed: number | null, lastAt: number | null, now: number) =>
    isUnheard({ changed: changed === null ? null : new Date(changed), made: MADE, ...heardAt(lastAt) }, new Date(now));

  it('WH-10 a change that was found and of which nobody told is one, some minutes later', () => {
    expect(unheard(START + 3 * DAY, START + 2 * DAY, START + 3 * DAY + HOUR)).toBe(true);
    expect(unheard(START + 3 * DAY, null, START + 3 * DAY + HOUR)).toBe(true);
    expect(unheard(START + 3 * DAY, START + 2 * DAY, START + 3 * DAY + 60_000)).toBe(false);
    expect(unheard(START + 2 * DAY, START + 2 * DAY + 1_000, START + 3 * DAY)).toBe(false);
    expect(unheard(START - DAY, null, START + 3 * DAY)).toBe(false);
    expect(unheard(null, null, START + 3 * DAY)).toBe(false);
  });

  it('but no change of so long ago that what told of it is kept no more', () => {
    expect(unheard(START + 3 * DAY, null, START + 17 * DAY)).toBe(false);
    expect(unheard(START + 3 * DAY, null, START + 40 * DAY)).toBe(false);
  });
});
