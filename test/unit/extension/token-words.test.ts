import { describe, expect, it } from 'vitest';
import { headline, outlook, sourceNote, startsAnew } from '../../../extension/features/settings-tokens/token-words.ts';
import { ApiError } from '../../../extension/shared/api/api-error.ts';
import { describeFailure } from '../../../extension/shared/api/failure.ts';
import { costWords } from '../../../extension/shared/format/figures.ts';
import { someTokens, unknownTokens } from '../../support/token-views.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const BERLIN = 'Europe/Berlin';
const forecast = (endsAt: string | null, ordersOnlyFrom: string | null) => ({
  endsAt,
  ordersOnlyFrom,
  usedInTheEnd: 58,
});
const LATER = '2026-11-24T15:00:00.000Z';

describe('the budget in words (issue 4, point 3)', () => {
  it.each([
    [{}, 'At this pace the budget ends at 17:20; items and prices from SAP use 61 %.'],
    [
      { forecast: forecast(null, LATER) },
      'At this pace only orders go through from 16:00 on; items and prices from SAP use 61 %.',
    ],
    [
      { forecast: forecast(null, '2026-11-24T11:00:00.000Z') },
      'What is left is kept for orders; items and prices from SAP use 61 %.',
    ],
    [{ forecast: forecast(null, null), heaviest: null }, 'At this pace the budget lasts the day.'],
    [{ forecast: null }, '61 % of this went to items and prices from SAP.'],
    [{ forecast: null, remaining: 0 }, 'The budget is used up; items and prices from SAP use 61 %.'],
    [
      { shut: { reason: 'day', until: LATER } },
      'The budget is used up. Pipedrive is asked again at 16:00; items and prices from SAP use 61 %.',
    ],
    [
      { shut: { reason: 'guard', until: LATER } },
      'Pipedrive’s own protection keeps this app out. Pipedrive is asked again at 16:00.',
    ],
    [
      { shut: { reason: 'account', until: LATER } },
      'Your Pipedrive account is not open. Pipedrive is asked again at 16:00.',
    ],
  ] as const)('%o', (changes, words) => {
    expect(outlook(someTokens(changes), NOW, BERLIN)).toBe(words);
  });

  it('says nothing where too little is known, and where the limit comes from', () => {
    expect(outlook(unknownTokens(), NOW)).toBeNull();
    expect(sourceNote(unknownTokens())).toBe(
      'Pipedrive has not told the company’s limit yet. Pipedrive has not shown yet when its day begins.',
    );
    expect(sourceNote(someTokens())).toBeNull();
    expect(sourceNote(someTokens({ source: 'learnt', othersKnown: false }))).toMatch(
      /judged by.*other apps use is not known/,
    );
  });

  it('tells the hour of the new day in the reader’s zone, as a guess until it was seen', () => {
    expect(startsAnew(someTokens(), BERLIN)).toBe('starts anew at 01:00');
    expect(startsAnew(someTokens({ startIsKnown: false }), BERLIN)).toBe('starts anew at about 01:00');
  });

  it.each([
    [{ dailyLimit: null, spentToday: 0 }, '0', 'tokens used by this app'],
    [{ dailyLimit: null, spentToday: 1 }, '1', 'token used by this app'],
    [{ dailyLimit: 30_000, remaining: 30_000, forecast: null }, '0 %', 'of 30,000 tokens used'],
    [{ dailyLimit: 30_000, remaining: 29_999, forecast: null }, 'Less than 1 %', 'of 30,000 tokens used'],
    [{ dailyLimit: 30_000, remaining: 1, forecast: null }, '99 %', 'of 30,000 tokens used'],
    [{ dailyLimit: 30_000, remaining: 0, forecast: null }, '100 %', 'of 30,000 tokens used'],
    [{ forecast: forecast(null, null) }, '40 %', 'of 30,000 tokens used, ends at about 58 %'],
  ])('says in its first line %o', (changes, figure, rest) => {
    expect(headline(someTokens(changes))).toEqual({ figure, rest });
  });

  it('prices a job in tokens alone where the day is not known', () => {
    expect(costWords(8_100, { dailyLimit: 270_000 })).toBe('8,100 Pipedrive tokens, 3 % of a day');
    expect(costWords(8_100, { dailyLimit: null })).toBe('8,100 Pipedrive tokens');
  });

  it('F22: a panel says “Budget used up”, who used it and when it starts anew', () => {
    const error = new ApiError({
      kind: 'rate_limited',
      message: 'Used by other apps 90 %.',
      retryAt: LATER,
      budget: { startsAnewAt: '2026-11-25T00:00:00.000Z', startIsKnown: true },
    });
    const failure = describeFailure(error);
    expect(failure.title).toBe('Budget used up');
    expect(failure.sentence).toMatch(/^Used by other apps 90 %\. It starts anew at \d\d:\d\d\.$/);
    expect(failure.retryAt).toBe(LATER);
    const guess = new ApiError({
      kind: 'rate_limited',
      message: 'Used up.',
      budget: { startsAnewAt: LATER, startIsKnown: false },
    });
    expect(describeFailure(guess).sentence).toMatch(/^Used up\. It starts anew at about \d\d:\d\d\.$/);
  });
});
