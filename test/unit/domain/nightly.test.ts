import { describe, expect, it } from 'vitest';
import { isNightlyDue } from '../../../server/domain/nightly.ts';
import { mostRemovals } from '../../../server/domain/removal-brake.ts';

const HOUR = 60 * 60_000;
const ID = '3c1f3f4e-0d58-4f6e-9c43-2f2f5d3f7a01';

/** The first quarter of an hour of a day at which it is due. */
function firstDue(id: string, timeZone: string, day: string, last: string): string | undefined {
  for (let at = Date.parse(`${day}T00:00:00Z`); at < Date.parse(`${day}T00:00:00Z`) + 24 * HOUR; at += HOUR / 4)
    if (isNightlyDue(id, timeZone, new Date(last), new Date(at))) return new Date(at).toISOString().slice(11, 16);
  return undefined;
}

describe('nightly work', () => {
  it('comes once a day, between one and five at night where SAP stands', () => {
    const berlin = firstDue(ID, 'Europe/Berlin', '2026-03-03', '2026-03-02T09:00:00Z');
    expect(berlin && berlin >= '00:00' && berlin <= '04:00').toBe(true);
    expect(firstDue(ID, 'Europe/Berlin', '2026-03-03', '2026-03-03T00:05:00Z')).toBeUndefined();
    const kiritimati = firstDue(ID, 'Pacific/Kiritimati', '2026-03-03', '2026-03-02T11:00:00Z');
    expect(kiritimati && kiritimati >= '11:00' && kiritimati <= '15:15').toBe(true);
  });

  it('is spread over the installations', () => {
    const ids = Array.from(
      { length: 40 },
      (_, index) => `3c1f3f4e-0d58-4f6e-9c43-${(index * 7_919_123).toString(16).padStart(12, '0')}`,
    );
    const times = new Set(ids.map((id) => firstDue(id, 'UTC', '2026-03-03', '2026-03-02T09:00:00Z')));
    expect(times.size).toBeGreaterThan(12);
  });

  it('is made up for during the day where nobody worked at night, also when clocks change', () => {
    const due = (last: string, now: string) => isNightlyDue(ID, 'Europe/Berlin', new Date(last), new Date(now));
    expect(due('2026-03-28T03:00:00Z', '2026-03-29T10:00:00Z')).toBe(true);
    expect(due('2026-10-24T03:00:00Z', '2026-10-25T10:00:00Z')).toBe(true);
    expect(due('2026-10-25T03:30:00Z', '2026-10-25T10:00:00Z')).toBe(false);
  });
});

describe('the brake before records are let go (SY-09)', () => {
  it.each([
    [0, 0],
    [19, 0],
    [20, 1],
    [1_999, 99],
    [2_000, 100],
    [10_000, 100],
  ])('of %i linked ones %i may go at once', (linked, most) => {
    expect(mostRemovals(linked)).toBe(most);
  });
});
