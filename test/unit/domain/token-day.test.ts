import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countedSince,
  type DayFacts,
  dayOfAnswer,
  latestMidnight,
  learnMidnight,
  type Midnight,
  todayOf,
} from '../../../server/domain/token-day.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(`2026-03-${text}Z`);
const NOTHING: DayFacts = { reading: null, startedAt: null, midnight: null };

/** What is known after an answer that told `spent` of 30,000. */
function told(facts: DayFacts, time: number, spent: number, sentAt = time): DayFacts {
  const day = dayOfAnswer(facts, { limit: 30_000, remaining: 30_000 - spent, at: time, sentAt });
  return day ? { ...day, reading: { limit: 30_000, remaining: 30_000 - spent, at: time, spentThen: 0 } } : facts;
}

describe("AP-01: Pipedrive's midnight", () => {
  it("is taken to be UTC's until it is learnt", () => {
    expect(latestMidnight(null, at('02T09:30:00'))).toBe(at('02T00:00:00'));
    expect(todayOf(NOTHING, at('02T09:30:00'))).toEqual({ startedAt: at('02T00:00:00'), isTold: false });
  });

  it('is learnt from a remainder that grew between two answers, and narrowed down by the next ones', () => {
    let facts = told(NOTHING, at('02T21:40:00'), 9_000);
    facts = told(facts, at('02T23:10:00'), 120);
    expect(facts.midnight).toEqual({ from: 21 * 60 + 45, minutes: 75, seen: 1 });
    expect(facts.startedAt).toBe(at('02T23:00:00'));
    facts = told(facts, at('03T22:50:00'), 8_000);
    facts = told(facts, at('03T23:05:00'), 60);
    expect(facts.midnight).toEqual({ from: 23 * 60, minutes: 0, seen: 2 });
    expect(todayOf(facts, at('04T22:59:59'))).toEqual({ startedAt: at('03T23:00:00'), isTold: true });
    expect(todayOf(facts, at('04T23:00:00'))).toEqual({ startedAt: at('04T23:00:00'), isTold: false });
  });

  it('is not learnt from a remainder that only fell, from an answer out of order, or from a gap of a day and more', () => {
    const before = told(NOTHING, at('02T09:00:00'), 9_000);
    expect(told(before, at('02T10:00:00'), 9_500).midnight).toBeNull();
    expect(told(before, at('02T09:00:01'), 8_000, at('02T08:59:59'))).toBe(before);
    expect(told(before, at('03T09:00:00'), 10).midnight).toBeNull();
    expect(told(before, at('02T09:30:00'), 8_980).midnight).toBeNull();
  });

  it('is learnt anew when it moved, as twice a year', () => {
    const known: Midnight = { from: 23 * 60, minutes: 0, seen: 9 };
    expect(learnMidnight(known, at('02T21:50:00'), at('02T22:05:00'))).toEqual({ from: 22 * 60, minutes: 0, seen: 1 });
    expect(learnMidnight(known, at('02T22:50:00'), at('02T23:05:00'))).toMatchObject({ seen: 10 });
  });

  it('a day that goes on beyond the expected midnight goes on, as soon as one answer says so', () => {
    let facts: DayFacts = { ...NOTHING, midnight: { from: 0, minutes: 0, seen: 3 } };
    facts = told(facts, at('02T23:58:00'), 9_000);
    expect(todayOf(facts, at('03T00:01:00')).isTold).toBe(false);
    facts = told(facts, at('03T00:01:00'), 9_010);
    expect(todayOf(facts, at('03T00:02:00'))).toEqual({ startedAt: at('02T00:00:00'), isTold: true });
    facts = told(facts, at('03T01:05:00'), 20);
    expect(todayOf(facts, at('03T01:06:00'))).toEqual({ startedAt: at('03T01:00:00'), isTold: true });
  });

  it('what was told stands beyond the midnight of UTC while no day was seen to begin', () => {
    const facts = told(NOTHING, at('02T22:00:00'), 9_000);
    expect(todayOf(facts, at('03T03:00:00'))).toEqual({ startedAt: at('02T00:00:00'), isTold: true });
    expect(todayOf(facts, at('03T22:00:00'))).toEqual({ startedAt: at('03T00:00:00'), isTold: false });
  });

  it('a day whose beginning nobody saw ends when more is left than before, however late that is', () => {
    let facts = told(NOTHING, at('02T06:00:00'), 3_000);
    for (let hour = 7; hour < 29; hour += 1) {
      facts = told(facts, at('02T00:00:00') + hour * HOUR + MINUTE, 3_000 + hour * 100);
      expect(facts.startedAt).toBe(at('02T00:00:00'));
    }
    expect(told(facts, at('03T05:01:00'), 10).startedAt).toBe(at('03T05:00:00'));
  });

  it('is where it really is after some days, for any time zone, any rhythm of answers and any spending of others', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 95 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 900 })), {
          minLength: 250,
          maxLength: 300,
        }),
        (slot, answers) => {
          let facts = NOTHING;
          let now = at('02T00:00:00');
          let spent = 0;
          const dayOf = (time: number) => Math.floor((time - slot * 15 * MINUTE) / DAY);
          let day = dayOf(now);
          for (const [minutes, more] of answers) {
            now += minutes * MINUTE;
            if (dayOf(now) !== day) spent = 0;
            day = dayOf(now);
            spent += more;
            facts = told(facts, now, Math.min(30_000, spent));
          }
          const { midnight } = facts;
          if (!midnight) return true;
          const offset = (slot * 15 - midnight.from + 1_440) % 1_440;
          return offset <= midnight.minutes;
        },
      ),
      { numRuns: 100 },
    );
  });

  it('AP-02 what may be spent is counted from no later than the day really began, wherever its midnight lies', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 95 }),
        fc.option(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }))),
        fc.nat(10_000_000),
        (slot, learnt, offset) => {
          const now = at('02T00:00:00') + offset * 100;
          const began = latestMidnight({ from: slot * 15, minutes: 0, seen: 1 }, now);
          // Learnt or not: if so, the real one lies within.
          const midnight = learnt && {
            from: ((slot - learnt[0] + 96) % 96) * 15,
            minutes: (learnt[0] + learnt[1]) * 15,
            seen: 1,
          };
          const since = countedSince({ ...NOTHING, midnight }, now);
          return since <= began && since > now - DAY;
        },
      ),
    );
    const told: DayFacts = {
      reading: { limit: 30_000, remaining: 29_000, at: at('02T09:00:00'), spentThen: 0 },
      startedAt: at('02T00:00:00'),
      midnight: null,
    };
    expect(countedSince(told, at('02T10:00:00'))).toBe(at('02T00:00:00'));
  });

  it('leaves no quarter of an hour in which two days overlap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 95 }),
        fc.integer({ min: 0, max: 95 }),
        fc.nat(1_000_000),
        (from, width, offset) => {
          const midnight = { from: from * 15, minutes: width * 15, seen: 1 };
          const now = at('02T00:00:00') + offset * 100;
          const began = latestMidnight(midnight, now);
          return began <= now && began > now - DAY && began % (15 * MINUTE) === 0;
        },
      ),
    );
  });
});
