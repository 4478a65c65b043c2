import { describe, expect, it } from 'vitest';
import type { TokenDay, TokenPurpose } from '../../../server/domain/token-budget.ts';
import { forecastDay, type SpentThen } from '../../../server/domain/token-forecast.ts';

const MIDNIGHT = new Date('2026-11-24T00:00:00Z');
const ANEW = new Date('2026-11-25T00:00:00Z');
const at = (hour: number, daysAgo = 0) => new Date(MIDNIGHT.getTime() + hour * 3_600_000 - daysAgo * 86_400_000);

/** So much in every quarter of these hours. */
function spent(purpose: TokenPurpose, from: number, to: number, perHour: number, daysAgo = 0): SpentThen[] {
  return Array.from({ length: (to - from) * 4 }, (_, quarter) => ({
    at: at(from + quarter / 4, daysAgo),
    purpose,
    tokens: perHour / 4,
  }));
}

const sumOf = (sums: readonly SpentThen[]) => sums.reduce((sum, { tokens }) => sum + tokens, 0);

function forecast(
  today: readonly SpentThen[],
  given: { hour: number; earlier?: SpentThen[]; others?: number; share?: number; source?: TokenDay['budgetSource'] },
) {
  const others = given.others ?? 0;
  const day = {
    budget: 30_000,
    budgetSource: given.source ?? ('told' as const),
    remaining: 30_000 - others - sumOf(today),
    othersSpent: others,
    backgroundShare: given.share ?? 0.4,
    startedAt: MIDNIGHT,
  };
  const pace = { today, earlier: given.earlier ?? [] };
  return forecastDay(day, pace, { now: at(given.hour), startsAnew: ANEW });
}

describe('where a day of tokens ends up (issue 4, point 3)', () => {
  it('goes on as in the last three hours: orders up to the end', () => {
    // 2,000 an hour: 8,000 are used at 4:00, and 22,000 last eleven hours more.
    const found = forecast(spent('order', 0, 4, 2_000), { hour: 4 });
    expect(found?.endsAt?.toISOString()).toBe('2026-11-24T15:00:00.000Z');
    expect(found?.ordersOnlyFrom?.toISOString()).toBe('2026-11-24T12:00:00.000Z');
  });

  it('counts other apps as today so far', () => {
    const found = forecast(spent('order', 0, 4, 250), { hour: 4, others: 9_000 });
    // 250 and 2,250 an hour: 20,000 are left for eight hours.
    expect(found?.endsAt?.toISOString()).toBe('2026-11-24T12:00:00.000Z');
  });

  it('holds people back where what is left is kept for orders, and background work at its share', () => {
    const people = forecast(spent('person', 0, 4, 2_000), { hour: 4 });
    expect(people?.endsAt).toBeNull();
    expect(people?.ordersOnlyFrom?.toISOString()).toBe('2026-11-24T12:00:00.000Z');
    expect(people?.usedInTheEnd).toBeCloseTo(0.8);
    // What was only learnt holds up nobody.
    const guessed = forecast(spent('person', 0, 4, 2_000), { hour: 4, source: 'learnt' });
    expect(guessed?.endsAt?.toISOString()).toBe('2026-11-24T15:00:00.000Z');
    expect(guessed?.ordersOnlyFrom).toBeNull();
    const background = forecast([...spent('delta', 0, 4, 1_000), ...spent('backfill', 0, 4, 1_000)], { hour: 4 });
    expect(background).toEqual({ endsAt: null, ordersOnlyFrom: null, usedInTheEnd: expect.closeTo(0.4) });
  });

  it('knows a busy afternoon from the same weekday before, and a quiet one', () => {
    const morning = spent('person', 6, 12, 500);
    const weeks = [7, 14].flatMap((days) => spent('person', 6, 12, 500, days));
    const busy = [...weeks, ...[7, 14].flatMap((days) => spent('person', 12, 18, 7_000, days))];
    const alone = forecast(morning, { hour: 12 });
    expect(alone?.usedInTheEnd).toBeCloseTo(0.3);
    expect(forecast(morning, { hour: 12, earlier: busy })?.ordersOnlyFrom).not.toBeNull();
    expect(forecast(morning, { hour: 12, earlier: weeks })?.usedInTheEnd).toBeCloseTo(0.2);
  });

  it('does not take a first load for a habit', () => {
    const earlier = spent('backfill', 12, 18, 2_000, 7);
    expect(forecast(spent('delta', 6, 12, 100), { hour: 12, earlier })?.usedInTheEnd).toBeLessThan(0.1);
  });

  it('says nothing in the first hour, of a day that hardly began, or without a budget', () => {
    expect(forecast(spent('order', 0, 1, 900), { hour: 0.9 })).toBeUndefined();
    expect(forecast(spent('order', 0, 4, 10), { hour: 4 })).toBeUndefined();
    const nothingKnown = {
      budget: null,
      budgetSource: 'unknown' as const,
      remaining: null,
      othersSpent: null,
      backgroundShare: 0.4,
      startedAt: MIDNIGHT,
    };
    const pace = { today: spent('order', 0, 4, 900), earlier: [] };
    expect(forecastDay(nothingKnown, pace, { now: at(4), startsAnew: ANEW })).toBeUndefined();
  });
});
