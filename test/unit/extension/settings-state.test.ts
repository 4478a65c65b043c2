import { describe, expect, it } from 'vitest';
import { isSetUp, stageOf, stepStates } from '../../../extension/app/setup-state.ts';
import { costSentence } from '../../../extension/features/settings-consent/cost-sentence.ts';
import { roomSentence } from '../../../extension/features/settings-consent/room-sentence.ts';
import { isLoading, settledCount } from '../../../extension/shared/settings/load-state.ts';
import type { LoadProgressView } from '../../../server/contract/settings.ts';
import { someSettings } from './samples.ts';

const NOT_CONNECTED = { connection: null };
const NOTHING_AGREED = {
  consent: {
    crmFields: false,
    erpField: false,
    erpLedger: false,
    erpChangesAt: null,
    keyField: false,
    crmFieldPlan: { fields: [], room: null },
  },
};
const SWITCHED_OFF = { handoff: { enabled: false, startsAt: null, ready: true, notReadyReason: null } };

function aLoad(state: LoadProgressView['state']): LoadProgressView {
  return { stream: 'items', state, expected: 10, read: 5, written: 3, unchanged: 1, waiting: 1, finishedAt: null };
}

const loads = (...states: LoadProgressView['state'][]) => ({ firstLoad: { quote: null, streams: states.map(aLoad) } });

describe('the set-up', () => {
  it.each([
    ['nothing done', { ...NOT_CONNECTED, ...NOTHING_AGREED, ...SWITCHED_OFF }, 'now later later', 'connect'],
    ['connected', { ...NOTHING_AGREED, ...SWITCHED_OFF }, 'done now later', 'consent'],
    ['agreed, loading', { ...SWITCHED_OFF, ...loads('writing') }, 'done done now', 'handoff'],
    ['agreed, loaded, not switched on', { ...SWITCHED_OFF, ...loads('done', 'done') }, 'done done now', 'overview'],
    ['all done', {}, 'done done done', 'overview'],
  ])('with %s', (_name, changes, steps, stage) => {
    const view = someSettings(changes);
    const { connect, consent, handoff } = stepStates(view);
    expect([connect, consent, handoff].join(' ')).toBe(steps);
    expect(stageOf(view)).toBe(stage);
    expect(isSetUp(view)).toBe(stage === 'overview');
  });

  it('goes back to the first step when there is no connection any more', () => {
    expect(isSetUp(someSettings(NOT_CONNECTED))).toBe(false);
  });
});

it('looks again only while a load runs or is about to', () => {
  const running = ['not_started', 'reading', 'writing', 'done'] as const;
  expect(running.map((state) => isLoading(someSettings(loads('done', state))))).toEqual([true, true, true, false]);
  expect(isLoading(someSettings({ ...loads('reading'), ...NOTHING_AGREED }))).toBe(false);
  expect(isLoading(someSettings({ ...loads('reading'), ...NOT_CONNECTED }))).toBe(false);
});

it('counts what is through', () => {
  expect(settledCount(aLoad('writing'))).toBe(5);
});

describe('costSentence', () => {
  const quote = { tokens: 5_600, partners: 400, items: 1 };

  it.each([
    [30_000, '19 % of the 30,000'],
    [5_600_000, 'less than 1 % of the 5,600,000'],
    [1_000, 'more than the 1,000 your company has in a day'],
    [1_000, 'it goes on over 19 days.'],
  ])('with %d tokens a day says "%s"', (dailyLimit, words) => {
    const sentence = costSentence(quote, { dailyLimit, firstLoadPerDay: dailyLimit * 0.3 });
    expect(sentence).toContain(words);
    expect(sentence).toContain('400 customers and 1 item.');
  });

  it('does without a limit that is not known, and says nothing without a quote', () => {
    expect(costSentence(quote, { dailyLimit: null, firstLoadPerDay: null })).toMatch(/about 5,600 Pipedrive tokens\.$/);
    expect(costSentence(null, { dailyLimit: 30_000, firstLoadPerDay: 9_000 })).toBeNull();
  });
});

describe('roomSentence', () => {
  it.each([
    [{ present: 27, toMake: 7, most: 30 }, 'Your plan takes 30, so delete 4 that you do not need'],
    [{ present: 24, toMake: 7, most: 30 }, 'delete one that you do not need first'],
    [{ present: 24, toMake: 7, most: null }, 'Pipedrive’s smallest plan takes 30: if it is yours, delete one'],
    [
      { present: 95, toMake: 9, most: 100 },
      '9 fields are to be made, and you have 95 custom fields. Your plan takes 100',
    ],
  ])('of %o says "%s"', (room, words) => {
    expect(roomSentence(room)).toContain(words);
  });

  it.each([
    null,
    { present: 23, toMake: 7, most: 30 },
    { present: 30, toMake: 0, most: 30 },
    // More than the smallest plan takes: it is none of those.
    { present: 40, toMake: 7, most: null },
  ])('says nothing of %o', (room) => {
    expect(roomSentence(room)).toBeNull();
  });
});
