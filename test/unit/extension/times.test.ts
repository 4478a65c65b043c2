import { describe, expect, it } from 'vitest';
import { createServerTime } from '../../../extension/shared/api/server-time.ts';
import {
  formatAge,
  formatDay,
  formatDayAndYear,
  formatInstant,
  formatWait,
} from '../../../extension/shared/format/times.ts';

it.each([
  [-60_000, 'just now'],
  [1_900, 'just now'],
  [4_200, '4 s ago'],
  [59_999, '59 s ago'],
  [60_000, '1 min ago'],
  [3 * 3_600_000, '3 h ago'],
  [25 * 3_600_000, '1 day ago'],
  [75 * 3_600_000, '3 days ago'],
])('says of an age of %d ms "%s"', (age, words) => {
  expect(formatAge(age)).toBe(words);
});

it.each([
  [0, 'now'],
  [24_001, 'in 25 s'],
  [5 * 60_000, 'in 5 min'],
  [7 * 3_600_000, 'in 7 h'],
])('says of a wait of %d ms "%s"', (wait, words) => {
  expect(formatWait(wait)).toBe(words);
});

it('shows a day of SAP as it is, whatever the time zone', () => {
  expect([formatDay('2026-11-12'), formatDayAndYear('2026-01-01')]).toEqual(['12 Nov', '1 Jan 2026']);
});

it('shows an instant in the reader’s time zone', () => {
  expect(formatInstant('2026-11-12T23:30:00.000Z', 'Europe/Berlin')).toMatch(/^13 Nov 2026(,| at) 00:30$/);
});

describe('createServerTime', () => {
  const LOCAL = Date.parse('2026-11-24T08:00:00Z');

  it('corrects a clock that is wrong', () => {
    const time = createServerTime(() => LOCAL);
    time.observe('Tue, 24 Nov 2026 09:30:00 GMT');
    expect(time.now() - LOCAL).toBe(90 * 60_000);
  });

  it('leaves a clock that is right alone, and ignores what is no date', () => {
    const time = createServerTime(() => LOCAL);
    time.observe('Tue, 24 Nov 2026 07:59:57 GMT');
    time.observe(null);
    time.observe('yesterday');
    expect(time.now()).toBe(LOCAL);
  });
});
