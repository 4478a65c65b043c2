import { beforeEach, describe, expect, it } from 'vitest';
import { createGovernor, type Governor } from '../../../server/net/governor.ts';

let now: number;
let governor: Governor;
beforeEach(() => {
  now = 0;
  governor = createGovernor(() => now);
});
const answers = (times: number, milliseconds: number, kind = 'GET Items') => {
  for (let answer = 0; answer < times; answer += 1) governor.observe(kind, milliseconds);
};

describe('the governor of background reads', () => {
  it('lets a healthy server be asked without a pause', () => {
    answers(50, 200);
    expect(governor.turn()).toBe(0);
  });

  it('pauses, longer and longer, when answers take many times as long as they can', () => {
    answers(10, 200);
    answers(5, 2_000);
    const first = governor.turn();
    now += 60_000;
    answers(5, 2_000);
    const later = governor.turn();
    expect(first).toBeGreaterThan(0);
    expect(later).toBeGreaterThan(first);
    now += 60_000;
    answers(99, 9_000);
    expect(governor.turn()).toBe(5_000);
  });

  it('lets starts lie apart, however many ask at once, and nobody wait for ever', () => {
    answers(10, 200);
    answers(20, 2_000);
    const turns = Array.from({ length: 9 }, () => governor.turn());
    const [first = 0, second = 0] = turns;
    expect(second).toBeCloseTo(first * 2);
    expect(Math.max(...turns)).toBe(15_000);
  });

  it('recovers when the answers do', () => {
    answers(10, 200);
    answers(20, 2_000);
    now += 60_000;
    answers(30, 220);
    expect(governor.turn()).toBe(0);
  });

  it('compares like with like: a long list is not a slow server', () => {
    answers(10, 60, 'GET Items(');
    answers(10, 3_000, 'GET Items');
    expect(governor.turn()).toBe(0);
  });

  it('makes nothing of a few milliseconds', () => {
    answers(10, 2);
    answers(10, 40);
    expect(governor.turn()).toBe(0);
  });

  it('gets used to a server that has become slower for good', () => {
    answers(10, 200);
    now += 4 * 3_600_000;
    answers(30, 900);
    expect(governor.turn()).toBe(0);
  });

  it('forgets kinds that are long past, and keeps no more than it needs', () => {
    answers(1, 100, 'GET first');
    for (let kind = 0; kind < 64; kind += 1) answers(1, 100, `GET ${kind}`);
    answers(20, 5_000, 'GET first');
    expect(governor.turn()).toBe(0);
  });
});
