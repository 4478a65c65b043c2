import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clampDelay,
  createRetryBudget,
  jitteredDelay,
  LONGEST_DELAY_MS,
  readRetryAfter,
  retry,
} from '../../../server/net/retry.ts';

const NOW = new Date('2026-03-04T09:00:00Z');
const within = (delay: number) => delay > 1 && delay <= LONGEST_DELAY_MS;

describe('delays (AP-05)', () => {
  it('lie in (1 ms, 5 min] for any attempt and any draw', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5, max: 5000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, draw) => within(jitteredDelay(attempt, () => draw)),
      ),
    );
  });

  it('lie there for any number', () => {
    fc.assert(fc.property(fc.double(), (value) => within(clampDelay(value))));
  });

  it('lie there for any header text, or there is none', () => {
    const header = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.bigInt().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(header, (text) => {
        const delay = readRetryAfter(text, NOW);
        return delay === undefined || within(delay);
      }),
    );
  });

  it.each([
    ['120', 120_000],
    ['Wed, 04 Mar 2026 09:01:00 GMT', 60_000],
    ['Wed, 04 Mar 2020 09:01:00 GMT', 2],
    ['2147483648', LONGEST_DELAY_MS],
    ['0', 2],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('reads %j as %s', (text, delay) => {
    expect(readRetryAfter(text, NOW)).toBe(delay);
  });

  it('spread over the whole range: full jitter', () => {
    expect(jitteredDelay(3, () => 0)).toBe(2);
    expect(jitteredDelay(3, () => 0.5)).toBe(400);
  });
});

describe('retry', () => {
  const options = {
    attempts: 3,
    random: () => 0.5,
    sleep: async () => undefined,
    signal: new AbortController().signal,
    again: () => true,
  };

  it('repeats up to the limit and throws the last failure as it came', async () => {
    let runs = 0;
    const failing = () => {
      runs += 1;
      return Promise.reject(new Error(`failure ${runs}`));
    };
    await expect(retry(failing, { ...options, budget: createRetryBudget() })).rejects.toThrow('failure 3');
  });

  it('does not repeat what is final', async () => {
    let runs = 0;
    const failing = () => {
      runs += 1;
      return Promise.reject(new Error('no'));
    };
    await expect(retry(failing, { ...options, again: () => false, budget: createRetryBudget() })).rejects.toThrow('no');
    expect(runs).toBe(1);
  });

  it('AP-04: repeats at most about a tenth of what is asked', async () => {
    const budget = createRetryBudget(0);
    let runs = 0;
    const work = (fails: boolean) => () => {
      runs += 1;
      return fails ? Promise.reject(new Error('no')) : Promise.resolve();
    };
    for (let call = 0; call < 20; call += 1) await retry(work(false), { ...options, budget });
    runs = 0;
    for (let call = 0; call < 50; call += 1) await retry(work(true), { ...options, budget }).catch(() => undefined);
    expect(runs).toBeLessThanOrEqual(52);
  });

  it('waits as long as it is told', async () => {
    const waits: number[] = [];
    const sleep = async (milliseconds: number) => void waits.push(milliseconds);
    await retry(() => Promise.reject(new Error('no')), {
      ...options,
      sleep,
      again: () => 7000,
      budget: createRetryBudget(),
    }).catch(() => undefined);
    expect(waits).toEqual([7000, 7000]);
  });
});
