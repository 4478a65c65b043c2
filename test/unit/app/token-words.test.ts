import { describe, expect, it } from 'vitest';
import { tokensView } from '../../../server/app/settings/view-tokens.ts';
import { alertWords, spentWords } from '../../../server/app/token-words.ts';
import { type BudgetFacts, NO_FACTS, type TokenDay, type TokenPurpose } from '../../../server/domain/token-budget.ts';
import { classesOf, streamsOf } from '../../../server/domain/token-use.ts';

const NOON = new Date('2026-11-24T12:00:00Z');
const ANEW = new Date('2026-11-24T23:00:00Z');
const sum = (purpose: TokenPurpose, operation: string, tokens: number) => ({ purpose, operation, tokens, calls: 1 });

function aDay(changes: Partial<TokenDay> = {}): TokenDay {
  return {
    budget: 30_000,
    budgetSource: 'told',
    startedAt: NOON,
    startIsKnown: true,
    spent: [
      sum('delta', 'updateProduct', 14_640),
      sum('person', 'getDeal', 1_000),
      sum('person', 'listDealLines', 1_000),
      sum('order', 'getDeal', 400),
      sum('delta', 'listPersons', 500),
      sum('delta', 'listChangedDeals', 460),
    ],
    remaining: 6_000,
    othersSpent: 6_000,
    backgroundShare: 0.4,
    shut: null,
    ...changes,
  };
}

describe('who used the budget, in words (issue 4, point 3)', () => {
  it('counts by class and by stream', () => {
    expect(classesOf(aDay()).map(({ name, tokens }) => `${name} ${tokens}`)).toEqual([
      'people 2400',
      'status 0',
      'sync 15600',
      'first_load 0',
      'others 6000',
    ]);
    expect(streamsOf(aDay()).map(({ name, tokens }) => `${name} ${tokens}`)).toEqual([
      'prices 14640',
      'others 6000',
      'people 2400',
      'customers 500',
      'changes 460',
    ]);
  });

  it('F22: says that it is used up and who used what, or that the rest is kept', () => {
    const who =
      'Used by items and prices from SAP 61\u00a0%, other apps 25\u00a0%, orders and what people look at 10\u00a0%.';
    expect(spentWords(aDay())).toBe(`What is left of today’s Pipedrive budget is kept for orders. ${who}`);
    const shut = { reason: 'day', until: NOON } as const;
    expect(spentWords(aDay({ shut }))).toMatch(
      /^Pipedrive gives all apps of your company one budget a day, and today’s is used up\. Used by /,
    );
  });

  it('advises what to slow, and what a seat or a plan would change', () => {
    const facts = { ...NO_FACTS, statedPlan: 'lite' as const, statedSeats: 1 };
    const { message, action } = alertWords(80, aDay(), { facts, startsAnewAt: ANEW });
    expect(message).toBe(
      '80 % of today’s Pipedrive budget is used: 24,000 of 30,000 tokens. What is left is kept for orders: panels and order status wait; orders go on.',
    );
    expect(action).toContain('To slow it, lower the share for background work in the app settings');
    expect(action).toContain(
      'One more seat in Pipedrive would add 30,000 tokens a day; the plan Growth would give 60,000 in all.',
    );
  });

  it('does not advise a plan that would give less than there is', () => {
    const facts = { ...NO_FACTS, learntPlan: 'lite' as const, learntSeats: 2 };
    const { action } = alertWords(80, aDay({ budget: 270_000, remaining: 54_000 }), { facts, startsAnewAt: ANEW });
    expect(action).toMatch(/One more seat in Pipedrive would add 30,000 tokens a day\.$/);
  });

  it('goes by the plan that Pipedrive shows where its limit contradicts what an admin said, and says nothing without one', () => {
    const stated = { ...NO_FACTS, statedPlan: 'growth' as const, statedSeats: 3 };
    const day = aDay({ budget: 750_000, remaining: 150_000 });
    const adviceOf = (facts: BudgetFacts, budgetSource: TokenDay['budgetSource'] = 'told') =>
      alertWords(80, { ...day, budgetSource }, { facts, startsAnewAt: ANEW }).action;
    expect(adviceOf({ ...stated, learntPlan: 'ultimate', learntSeats: 4 })).toContain('add 210,000 tokens a day');
    expect(adviceOf(stated)).not.toContain('seat');
    expect(adviceOf(stated, 'stated')).toContain('add 60,000 tokens a day');
  });

  it('names other apps where those used most, and the hour where nothing is left', () => {
    const shut = { reason: 'day', until: NOON } as const;
    const day = aDay({ othersSpent: 20_000, remaining: 0, spent: [sum('delta', 'updateProduct', 10_000)], shut });
    const { message, action } = alertWords(100, day, { facts: NO_FACTS, startsAnewAt: ANEW });
    expect(message).toMatch(/used up\. Everything waits.*, at 23:00 UTC\.$/);
    const guessed = alertWords(100, { ...day, startIsKnown: false }, { facts: NO_FACTS, startsAnewAt: ANEW });
    expect(guessed.message).toMatch(/, at about 23:00 UTC\.$/);
    expect(action).toContain('To slow them, ask whoever looks after the other apps that use Pipedrive.');
  });

  it('says what waits: all where Pipedrive refuses, all but orders by our own count, no person where the limit is a guess', () => {
    const words = (changes: Partial<TokenDay>) =>
      alertWords(100, aDay({ remaining: 0, ...changes }), { facts: NO_FACTS, startsAnewAt: ANEW }).message;
    expect(words({})).toBe(
      'Today’s Pipedrive budget is used up. Orders are still tried; the rest waits and goes on by itself once it starts anew, at 23:00 UTC.',
    );
    expect(words({ budgetSource: 'learnt' })).toBe(
      'Judged by plan and users, today’s Pipedrive budget is used up. People and orders go on until Pipedrive itself refuses.',
    );
    const { message } = alertWords(80, aDay({ budgetSource: 'learnt' }), { facts: NO_FACTS, startsAnewAt: ANEW });
    expect(message).not.toContain('kept for orders');
  });

  it('asks for plan and seats where nothing is known of the budget', () => {
    const day = aDay({ budget: null, remaining: null, othersSpent: null, spent: [] });
    expect(alertWords(100, day, { facts: NO_FACTS, startsAnewAt: ANEW }).action).toBe(
      'Say in the app settings which plan and how many seats you have.',
    );
  });
});

describe('the budget as the settings show it (issue 4, point 3)', () => {
  const around = { facts: NO_FACTS, pace: { today: [], earlier: [] }, linked: undefined, now: NOON };

  it('keeps nothing for orders of a limit that is a guess', () => {
    expect(tokensView(aDay(), around).keptForOrders).toBe(6_000);
    expect(tokensView(aDay({ budgetSource: 'learnt' }), around).keptForOrders).toBeNull();
  });

  it('F22: shows nothing left while Pipedrive says that the day is used up, whatever our own count says', () => {
    const until = new Date(NOON.getTime() + 60_000);
    expect(tokensView(aDay({ shut: { reason: 'day', until } }), around).remaining).toBe(0);
    expect(tokensView(aDay({ shut: { reason: 'day', until: NOON } }), around).remaining).toBe(6_000);
    expect(tokensView(aDay({ shut: { reason: 'guard', until } }), around).remaining).toBe(6_000);
  });

  it('calls upkeep of the notifications what it is', () => {
    const day = aDay({
      spent: [sum('status', 'listWebhooks', 240), sum('status', 'updateDeal', 10)],
      othersSpent: null,
    });
    expect(spentWords(day)).toMatch(/ order status and upkeep of the link /);
  });
});
