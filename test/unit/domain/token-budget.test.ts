import { describe, expect, it } from 'vitest';
import {
  type BudgetFacts,
  budgetOf,
  leftOf,
  mayTake,
  NO_FACTS,
  NOTHING_SPENT,
  planOfWindow,
  type TokenPurpose,
} from '../../../server/domain/token-budget.ts';

const NOW = Date.parse('2026-03-02T09:00:00Z');
const HOUR = 3_600_000;

function toldFacts(remaining: number, more: Partial<BudgetFacts> = {}): BudgetFacts {
  const reading = { limit: 1_000, remaining, at: NOW - HOUR, spentThen: 0 };
  return { ...NO_FACTS, ...more, reading: more.reading ?? reading, startedAt: NOW - 9 * HOUR };
}

const may = (facts: BudgetFacts, spent: Partial<typeof NOTHING_SPENT>, purpose: TokenPurpose, tokens: number) =>
  mayTake(facts, { ...NOTHING_SPENT, ...spent }, { purpose, tokens }, NOW);

describe('the budget of a day', () => {
  it('is told, else stated by the admin, else learnt, and marked as such', () => {
    const learnt: BudgetFacts = { ...NO_FACTS, learntPlan: 'growth', learntSeats: 3 };
    const stated: BudgetFacts = { ...learnt, statedPlan: 'premium', statedSeats: 2 };
    expect(budgetOf(NO_FACTS, NOW)).toEqual({ budget: null, budgetSource: 'unknown' });
    expect(budgetOf({ ...NO_FACTS, learntPlan: 'growth' }, NOW)).toEqual({ budget: null, budgetSource: 'unknown' });
    expect(budgetOf(learnt, NOW)).toEqual({ budget: 180_000, budgetSource: 'learnt' });
    expect(budgetOf(stated, NOW)).toEqual({ budget: 300_000, budgetSource: 'stated' });
    expect(budgetOf(toldFacts(5, stated), NOW)).toEqual({ budget: 1_000, budgetSource: 'told' });
    expect(budgetOf(toldFacts(5, stated), NOW + 48 * HOUR)).toEqual({ budget: 300_000, budgetSource: 'stated' });
  });

  it('tells the plan by the size of the window, for both kinds of grant', () => {
    expect([80, 160, 400, 480, 81].map((limit) => planOfWindow(limit, 'oauth'))).toEqual([
      'lite',
      'growth',
      'premium',
      'ultimate',
      null,
    ]);
    expect([20, 40, 100, 120, 80].map((limit) => planOfWindow(limit, 'api_token'))).toEqual([
      'lite',
      'growth',
      'premium',
      'ultimate',
      null,
    ]);
  });

  it('what is left is what was told, less what was spent since; the rest others have spent', () => {
    const reading = { limit: 1_000, remaining: 700, at: NOW - HOUR, spentThen: 120 };
    const facts = toldFacts(0, { reading });
    expect(leftOf(facts, 150, NOW)).toEqual({ remaining: 670, othersSpent: 180 });
    expect(leftOf(facts, 900, NOW)).toEqual({ remaining: 0, othersSpent: 180 });
    expect(leftOf({ ...NO_FACTS, statedPlan: 'lite', statedSeats: 1 }, 100, NOW)).toEqual({
      remaining: 29_900,
      othersSpent: null,
    });
    expect(leftOf(NO_FACTS, 100, NOW)).toEqual({ remaining: null, othersSpent: null });
  });
});

describe('AP-02: who may take of it', () => {
  it('the last fifth is kept for orders', () => {
    const facts = toldFacts(210);
    for (const purpose of ['person', 'status', 'delta', 'backfill'] as const) {
      expect(may(facts, {}, purpose, 10)).toBe('yes');
      expect(may(facts, {}, purpose, 11)).toBe('floor');
    }
    expect(may(facts, {}, 'order', 2_000)).toBe('yes');
  });

  it('background work takes two fifths, first loads no more than three quarters of that', () => {
    const facts = toldFacts(1_000);
    expect(may(facts, { backfill: 200, delta: 100 }, 'delta', 100)).toBe('yes');
    expect(may(facts, { backfill: 200, delta: 100 }, 'delta', 101)).toBe('share');
    expect(may(facts, { backfill: 290 }, 'backfill', 10)).toBe('yes');
    expect(may(facts, { backfill: 290 }, 'backfill', 11)).toBe('share');
    expect(may(facts, { delta: 395 }, 'backfill', 6)).toBe('share');
    expect(may(facts, { backfill: 300, delta: 100 }, 'person', 100)).toBe('yes');
  });

  it('or as much as the admin says', () => {
    expect(may(toldFacts(1_000, { backgroundShare: 0.1 }), { delta: 96 }, 'delta', 5)).toBe('share');
    expect(may(toldFacts(1_000, { backgroundShare: 0 }), {}, 'delta', 1)).toBe('share');
    expect(may(toldFacts(1_000, { backgroundShare: 0.8 }), { delta: 700 }, 'delta', 5)).toBe('yes');
  });

  it('where nothing is known, background work gets its part of the smallest plan, and nobody else waits', () => {
    expect(may(NO_FACTS, {}, 'person', 1e9)).toBe('yes');
    expect(may(NO_FACTS, { delta: 11_990 }, 'delta', 10)).toBe('yes');
    expect(may(NO_FACTS, { delta: 11_991 }, 'delta', 10)).toBe('share');
    const learnt: BudgetFacts = { ...NO_FACTS, learntPlan: 'growth', learntSeats: 2 };
    expect(may(learnt, { delta: 47_990 }, 'delta', 10)).toBe('yes');
    expect(may(learnt, { order: 200_000 }, 'person', 1)).toBe('yes');
  });
});
