import { describe, expect, it } from 'vitest';
import { type Alerted, alertLevel, nextAlert } from '../../../server/domain/token-alerts.ts';

const TODAY = new Date('2026-11-24T00:00:00Z');
const YESTERDAY = new Date('2026-11-23T00:00:00Z');
const used = (percent: number) => ({ budget: 1_000, remaining: 1_000 - percent * 10, shut: null, startedAt: TODAY });
const until = new Date('2026-11-24T14:15:00Z');
const shut = (reason: 'day' | 'guard') => ({ ...used(10), shut: { reason, until } });
const said = (level: Alerted['level'], day = TODAY): Alerted => ({ level, day });

describe('alerts on the budget of the day (issue 4, point 3)', () => {
  it.each([
    [59, null],
    [60, 60],
    [80, 80],
    [94.9, 80],
    [95, 95],
    [100, 100],
  ])('at %d percent: %s', (percent, level) => {
    expect(alertLevel(used(percent))).toBe(level);
  });

  it('F22: counts as used up when Pipedrive says so, whatever the count says; a block of its guard does not', () => {
    expect(alertLevel(shut('day'))).toBe(100);
    expect(alertLevel({ ...shut('day'), budget: null, remaining: null })).toBe(100);
    expect(alertLevel(shut('guard'))).toBeNull();
    expect(alertLevel({ ...used(10), budget: null, remaining: null })).toBeNull();
  });

  it('takes nothing over midnight that was said before it', () => {
    const { shut: before } = shut('day');
    const justAfter = { ...used(0), shut: { ...before, until: new Date('2026-11-24T00:10:00Z') } };
    expect(nextAlert(justAfter, said(100, YESTERDAY))).toEqual({ act: 'resolve', level: null });
  });

  it('says each level once a day, and the next one anew', () => {
    expect(nextAlert(used(50), null)).toEqual({ act: 'leave' });
    expect(nextAlert(used(61), null)).toEqual({ act: 'raise', level: 60 });
    expect(nextAlert(used(79), said(60))).toEqual({ act: 'leave' });
    expect(nextAlert(used(96), said(60))).toEqual({ act: 'raise', level: 95 });
  });

  it('takes it back when another day has begun, or the budget has clearly grown', () => {
    expect(nextAlert(used(3), said(95, YESTERDAY))).toEqual({ act: 'resolve', level: null });
    expect(nextAlert(used(65), said(95, YESTERDAY))).toEqual({ act: 'raise', level: 60 });
    expect(nextAlert(used(76), said(80))).toEqual({ act: 'leave' });
    expect(nextAlert(used(48), said(95))).toEqual({ act: 'resolve', level: null });
    expect(nextAlert(used(62), said(95))).toEqual({ act: 'resolve', level: 60 });
  });
});
