import { describe, expect, it } from 'vitest';
import { createLimiter, type Lane } from '../../../server/net/limiter.ts';
import { singleFlight } from '../../../server/net/single-flight.ts';

const never = new AbortController().signal;

function bench(max = 4, kept = 1) {
  const limiter = createLimiter({ max, kept });
  const started: string[] = [];
  const ends: Record<string, () => void> = {};
  const run = (name: string, lane: Lane, signal = never) =>
    limiter.run(lane, signal, () => {
      started.push(name);
      return new Promise<void>((resolve) => {
        ends[name] = resolve;
      });
    });
  const end = async (name: string) => {
    ends[name]?.();
    await new Promise(setImmediate);
  };
  return { run, end, started };
}

describe('the limiter (AP-07)', () => {
  it('keeps a slot for look-ups', async () => {
    const { run, started } = bench();
    for (const name of ['a', 'b', 'c', 'd', 'e']) void run(name, 'person');
    await new Promise(setImmediate);
    expect(started).toEqual(['a', 'b', 'c']);
    void run('look', 'lookup');
    void run('look 2', 'lookup');
    await new Promise(setImmediate);
    expect(started).toEqual(['a', 'b', 'c', 'look']);
  });

  it('lets look-ups in first, then people, then background work', async () => {
    const { run, end, started } = bench();
    for (const name of ['a', 'b', 'c']) void run(name, 'background');
    void run('night', 'background');
    void run('rep', 'person');
    void run('look', 'lookup');
    void run('look 2', 'lookup');
    await end('a');
    await end('b');
    await end('c');
    await end('look');
    await end('look 2');
    expect(started).toEqual(['a', 'b', 'c', 'look', 'look 2', 'rep', 'night']);
  });

  it('frees the slot of what failed', async () => {
    const limiter = createLimiter({ max: 1, kept: 0 });
    await expect(limiter.run('person', never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(limiter.run('person', never, async () => 7)).resolves.toBe(7);
  });

  it('lets go of who stops waiting', async () => {
    const { run, end, started } = bench(1, 0);
    void run('a', 'person');
    const leaving = new AbortController();
    const waiting = run('b', 'person', leaving.signal);
    void run('c', 'person');
    leaving.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    await end('a');
    expect(started).toEqual(['a', 'c']);
  });
});

describe('single flight', () => {
  it('runs once for all who ask meanwhile, and again afterwards', async () => {
    let runs = 0;
    const work = singleFlight(async () => {
      runs += 1;
      await new Promise(setImmediate);
      return runs;
    });
    expect(await Promise.all([work(), work(), work()])).toEqual([1, 1, 1]);
    expect(await work()).toBe(2);
  });

  it('forgets a failure', async () => {
    let runs = 0;
    const work = singleFlight(async () => {
      runs += 1;
      if (runs === 1) throw new Error('no');
      return runs;
    });
    await expect(work()).rejects.toThrow('no');
    expect(await work()).toBe(2);
  });
});
