import { describe, expect, it } from 'vitest';
import { makeWatchReceiver } from '../../../server/app/operations/watch-receiver.ts';
import { silentLogger } from '../../../server/kernel/logger.ts';

const START = new Date('2026-03-02T09:00:00Z');
const agoBy = (milliseconds: number): Date => new Date(START.getTime() - milliseconds);

function bench(options: { marked?: Date; fails?: boolean } = {}) {
  const state = { now: START, mark: options.marked, suspected: 0 };
  const watch = makeWatchReceiver({
    clock: { now: () => state.now },
    logger: silentLogger,
    receiverMarks: {
      last: async () => state.mark,
      async set(now) {
        state.mark = now;
      },
    },
    async suspectGaps() {
      if (options.fails) throw new Error('The database went away.');
      state.suspected += 1;
    },
  });
  return { state, watch };
}

describe('watching over whoever takes notifications (WH-11)', () => {
  it('is content while marks come twice a minute, whichever process sets them', async () => {
    const { state, watch } = bench();
    for (let round = 0; round < 20; round += 1) {
      await watch();
      state.now = new Date(state.now.getTime() + 30_000);
    }
    expect(state.suspected).toBe(0);
  });

  it.each([
    [150_000, 0],
    [151_000, 1],
    [10 * 60_000, 1],
    [4 * 24 * 60 * 60_000, 1],
    [-24 * 60 * 60_000, 1],
  ])('after %i ms without a mark, %i time all lists are to be read', async (silence, times) => {
    const { state, watch } = bench({ marked: agoBy(silence) });
    await watch();
    await watch();
    expect(state.suspected).toBe(times);
  });

  it('finds the gap again where it could not be planned for', async () => {
    const { state, watch } = bench({ marked: agoBy(600_000), fails: true });
    await expect(watch()).rejects.toThrow();
    expect(state.mark).toEqual(agoBy(600_000));
  });
});
