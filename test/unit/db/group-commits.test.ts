import { describe, expect, it, vi } from 'vitest';
import { groupCommits } from '../../../server/db/group-commits.ts';

const LIMITS = { most: 10, heaviest: 1_000, weigh: (item: number) => item };

/** Commits that end when they are told to. */
function held() {
  const groups: number[][] = [];
  const ends: (() => void)[] = [];
  const commit = async (group: readonly number[]): Promise<string[]> => {
    groups.push([...group]);
    await new Promise<void>((resolve) => ends.push(resolve));
    return group.map((item) => `done ${item}`);
  };
  return { groups, commit, end: () => ends.shift()?.() };
}

describe('group commits', () => {
  it('begin at once, and take together what came in meanwhile', async () => {
    const { groups, commit, end } = held();
    const store = groupCommits(commit, LIMITS);
    const results = [store(1), store(2), store(3)];
    expect(groups).toEqual([[1]]);
    end();
    expect(await results[0]).toBe('done 1');
    await vi.waitFor(() => expect(groups).toEqual([[1], [2, 3]]));
    end();
    expect(await Promise.all(results)).toEqual(['done 1', 'done 2', 'done 3']);
    const later = store(4);
    await vi.waitFor(() => expect(groups.at(-1)).toEqual([4]));
    end();
    expect(await later).toBe('done 4');
  });

  it('stay below their limits, but take one that is too heavy alone', async () => {
    const groups: number[][] = [];
    const store = groupCommits(
      async (group) => {
        groups.push([...group]);
        return group.map(String);
      },
      { ...LIMITS, most: 3 },
    );
    await Promise.all([1, 2, 3, 4, 5, 5_000, 600, 600].map((item) => store(item)));
    expect(groups).toEqual([[1], [2, 3, 4], [5], [5_000], [600], [600]]);
  });

  it('fail together and go on; a result that is late keeps only itself waiting', async () => {
    let round = 0;
    let late = (_text: string): void => undefined;
    const store = groupCommits<number, string>(async (group) => {
      round += 1;
      if (round === 2) throw new Error('no database');
      return group.map((item) => (item === 7 ? new Promise<string>((resolve) => (late = resolve)) : `done ${item}`));
    }, LIMITS);
    const [first, ...second] = await Promise.allSettled([store(1), store(2), store(3)]);
    expect(first).toMatchObject({ value: 'done 1' });
    expect(second.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const waiting = store(7);
    expect(await store(8)).toBe('done 8');
    late('at last');
    expect(await waiting).toBe('at last');
  });
});
