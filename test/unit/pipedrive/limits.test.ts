import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBurstWindow } from '../../../server/pipedrive/burst-window.ts';
import { createCompanyBlock } from '../../../server/pipedrive/company-block.ts';
import { dayIsOver, limitsOf } from '../../../server/pipedrive/headers.ts';
import { movableClock } from '../../support/movable-clock.ts';

const answer = (headers: Record<string, string>) => ({ status: 200, headers, text: '' });

describe("headers of Pipedrive's limits", () => {
  it('reads both limits', () => {
    const limits = limitsOf(
      answer({
        'x-ratelimit-limit': '80',
        'x-ratelimit-remaining': '79',
        'x-ratelimit-reset': '2',
        'x-daily-ratelimit-token-limit': '30000',
        'x-daily-ratelimit-token-remaining': '29999',
      }),
    );
    expect(limits).toEqual({
      burst: { limit: 80, remaining: 79 },
      resetMs: 2_000,
      day: { limit: 30_000, remaining: 29_999 },
    });
    expect(limitsOf(answer({}))).toEqual({});
  });

  it('AP-05: waits between 1 and 10 s, whatever the header says', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom('-1', '1000000000000', 'soon', '', 'NaN')),
        (text) => {
          const { resetMs } = limitsOf(answer({ 'x-ratelimit-reset': text }));
          return resetMs === undefined || (resetMs >= 1_000 && resetMs <= 10_000);
        },
      ),
    );
  });

  it('takes only a plain zero for a spent day', () => {
    expect(dayIsOver(answer({ 'x-daily-ratelimit-token-remaining': '0' }))).toBe(true);
    for (const text of ['1', '', '-1', '0x0', 'none']) {
      expect(dayIsOver(answer({ 'x-daily-ratelimit-token-remaining': text }))).toBe(false);
    }
    expect(dayIsOver(answer({}))).toBe(false);
  });
});

describe('the burst window', () => {
  const go = new AbortController().signal;

  function window() {
    const clock = movableClock();
    const waits: number[] = [];
    const made = createBurstWindow({
      clock,
      sleep: async (milliseconds) => {
        waits.push(milliseconds);
      },
    });
    return { ...made, clock, waits };
  }

  async function take(made: ReturnType<typeof window>, times: number): Promise<void> {
    for (let turn = 0; turn < times; turn += 1) await made.turn(go);
  }

  it('lets 48 go at once and the 49th two seconds later', async () => {
    const made = window();
    await take(made, 48);
    expect(made.waits).toEqual([]);
    await take(made, 1);
    expect(made.waits).toEqual([2_000]);
  });

  it('never lets more than 48 into any two seconds, whatever the pauses between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 50, maxLength: 200 }), async (gaps) => {
        const made = window();
        const turns: number[] = [];
        for (const gap of gaps) {
          made.clock.advance(gap);
          const before = made.waits.length;
          await made.turn(go);
          turns.push(made.clock.now().getTime() + (made.waits.length > before ? (made.waits.at(-1) ?? 0) : 0));
        }
        return turns.every((at, index) => index < 48 || at - (turns[index - 48] ?? 0) >= 2_000);
      }),
      { numRuns: 30 },
    );
  });

  it('follows the size that Pipedrive tells, smaller or larger', async () => {
    const made = window();
    made.saw({ burst: { limit: 20, remaining: 10 } });
    await take(made, 13);
    expect(made.waits).toEqual([2_000]);
    const larger = window();
    larger.saw({ burst: { limit: 480, remaining: 470 } });
    await take(larger, 288);
    expect(larger.waits).toEqual([]);
  });

  it('holds everybody back when nothing is left, and after a pause was asked for', async () => {
    const made = window();
    made.saw({ burst: { limit: 80, remaining: 0 } });
    await take(made, 1);
    made.pause(5_000);
    await take(made, 1);
    expect(made.waits).toEqual([2_000, 5_000]);
  });

  it('does not wait for a time that a clock set back has made far away', async () => {
    const made = window();
    await take(made, 48);
    made.pause(3_000);
    made.clock.advance(-86_400_000);
    await take(made, 1);
    expect(made.waits).toEqual([]);
  });

  it('gives no turn to who has given up', async () => {
    await expect(window().turn(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });
});

describe('the block of a company', () => {
  it('passes one probe after each pause, and opens when it is answered', () => {
    const clock = movableClock();
    const block = createCompanyBlock(clock);
    expect(block.enter()).toEqual({ probe: false });
    expect(block.shut('day').retryAt).toEqual(new Date('2026-03-02T09:15:00Z'));
    expect(() => block.enter()).toThrow('budget');
    expect(() => block.check()).toThrow('budget');
    clock.advance(15 * 60_000);
    expect(block.enter()).toEqual({ probe: true });
    expect(() => block.enter()).toThrow('budget');
    expect(block.shut('day').retryAt).toEqual(new Date('2026-03-02T09:45:00Z'));
    clock.advance(30 * 60_000);
    expect(block.enter()).toEqual({ probe: true });
    block.open();
    expect(block.enter()).toEqual({ probe: false });
  });
});
