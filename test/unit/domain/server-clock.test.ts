import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsOffset, granularityOf, offsetFromLooks, offsetOfZone } from '../../../server/domain/server-clock.ts';

const at = (text: string) => new Date(text);
const stamp = (date: string, time: string) => ({ date, time });

describe('how far a company’s time lies ahead of UTC', () => {
  it('is told by a stamp that was made between two looks', () => {
    const before = { newest: stamp('2026-03-04', '09:00:00'), at: at('2026-03-04T09:00:00Z') };
    const now = { newest: stamp('2026-03-04', '10:03:00'), at: at('2026-03-04T09:06:00Z') };
    expect(offsetFromLooks(before, now)).toBe(60);
  });

  it('is not told while nothing new was stamped, or while several zones fit', () => {
    const newest = stamp('2026-03-04', '10:03:00');
    expect(
      offsetFromLooks({ newest, at: at('2026-03-04T09:00:00Z') }, { newest, at: at('2026-03-04T09:06:00Z') }),
    ).toBeUndefined();
    const before = { newest: null, at: at('2026-03-03T09:00:00Z') };
    expect(offsetFromLooks(before, { newest, at: at('2026-03-04T09:06:00Z') })).toBeUndefined();
    expect(offsetFromLooks(before, { newest: null, at: at('2026-03-04T09:06:00Z') })).toBeUndefined();
  });

  it('is found for every zone in use, across midnight, month and year, whatever is stamped: seconds or minutes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -48, max: 56 }),
        fc.integer({ min: Date.parse('2025-12-31T00:00:00Z'), max: Date.parse('2027-01-02T00:00:00Z') }),
        fc.integer({ min: 0, max: 240_000 }),
        fc.boolean(),
        (quarters, first, apart, minutes) => {
          const offset = quarters * 15;
          const local = new Date(first + apart / 2 + offset * 60_000).toISOString();
          const newest = stamp(local.slice(0, 10), minutes ? `${local.slice(11, 16)}:00` : local.slice(11, 19));
          expect(offsetFromLooks({ newest: null, at: new Date(first) }, { newest, at: new Date(first + apart) })).toBe(
            offset,
          );
        },
      ),
      { seed: 11, numRuns: 500 },
    );
  });

  it('cannot be one that puts a stamp into the future', () => {
    const look = { newest: stamp('2026-03-04', '20:00:00'), at: at('2026-03-04T15:00:00Z') };
    expect(fitsOffset(60, look)).toBe(false);
    expect(fitsOffset(300, look)).toBe(true);
    expect(fitsOffset(60, { newest: null, at: look.at })).toBe(true);
  });
});

describe('the distance of a zone from UTC', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T00:59:59Z', 60],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', 120],
    ['America/Sao_Paulo', '2026-12-31T23:30:00Z', -180],
    ['Asia/Kolkata', '2026-12-31T23:30:00Z', 330],
  ])('%s at %s is %i minutes', (zone, instant, minutes) => {
    expect(offsetOfZone(zone, at(instant))).toBe(minutes);
  });
});

describe('what stamps carry', () => {
  it.each([
    [['10:00:00', '10:00:01'], 'second'],
    [Array(8).fill('10:00:00'), 'minute'],
    [Array(7).fill('10:00:00'), 'unknown'],
    [Array(20).fill('00:00:00'), 'unknown'],
    [[], 'unknown'],
  ] as const)('%j: %s', (times, unit) => {
    expect(granularityOf(times)).toBe(unit);
  });
});
