import { describe, expect, it } from 'vitest';
import {
  isOnItsWay,
  latestHandoff,
  pollDelay,
  progressSentence,
  startPolling,
} from '../../../extension/features/deal-panel/handoff-progress.ts';
import type { DealHandoffView, HandoffView, SendView } from '../../../server/contract/panel.ts';
import { aHandoff } from './samples.ts';

function progress(state: HandoffView['state'], action: SendView['action']): DealHandoffView {
  return {
    handoffs: [aHandoff({ state })],
    send: { action, label: 'Send', reason: null, problems: [] },
  };
}

describe('isOnItsWay', () => {
  it.each([
    ['pending', 'wait', true],
    ['posting', 'wait', true],
    ['unconfirmed', 'wait', true],
    ['unconfirmed', 'not_allowed', true],
    ['posted', 'done', false],
    ['written_back', 'done', false],
    ['needs_attention', 'check_again', false],
    ['cancelled', 'send', false],
  ] as const)('of %s with %s is %s', (state, action, moving) => {
    expect(isOnItsWay(progress(state, action))).toBe(moving);
  });
});

it('looks after 2 s, then ever more rarely, at least every 15 s', () => {
  const delays = Array.from({ length: 12 }, (_, attempt) => pollDelay(attempt));
  expect(delays[0]).toBe(2_000);
  expect(delays.toSorted((a, b) => a - b)).toEqual(delays);
  expect(delays.at(-1)).toBe(15_000);
});

it('says that nothing is sent twice while SAP has not confirmed', () => {
  expect(progressSentence(progress('unconfirmed', 'wait'))).toContain('nothing is sent twice');
  expect(progressSentence(progress('posting', 'wait'))).toBe('The order is being made in SAP.');
  expect(progressSentence({ handoffs: [], send: progress('posting', 'wait').send })).toBe('On its way to SAP.');
});

it('takes the hand-off that changed last', () => {
  const older = aHandoff({ id: 'older', updatedAt: '2026-11-24T07:00:00.000Z' });
  const newer = aHandoff({ id: 'newer', updatedAt: '2026-11-24T09:00:00.000Z' });
  expect(latestHandoff({ ...progress('posted', 'done'), handoffs: [newer, older] })?.id).toBe('newer');
});

/** A clock that runs what is planned, one step at a time. */
function aSchedule() {
  const planned: { run: () => void; ms: number }[] = [];
  return {
    planned,
    schedule: (run: () => void, ms: number) => {
      const entry = { run, ms };
      planned.push(entry);
      return () => void planned.splice(planned.indexOf(entry), 1);
    },
    step: async () => {
      planned.shift()?.run();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('startPolling', () => {
  it('stops by itself when nothing is on its way any more', async () => {
    const answers = [progress('posting', 'wait'), progress('posted', 'done')];
    const seen: string[] = [];
    const { schedule, step, planned } = aSchedule();
    startPolling({
      look: async () => answers.shift() ?? progress('posting', 'wait'),
      onAnswer: ({ send }) => void seen.push(send.action),
      schedule,
    });
    for (let turn = 0; turn < 4; turn += 1) await step();
    expect(seen).toEqual(['wait', 'done']);
    expect(planned).toEqual([]);
  });

  it('looks again after a failed look, later each time', async () => {
    const { schedule, step, planned } = aSchedule();
    startPolling({ look: () => Promise.reject(new Error('offline')), onAnswer: () => undefined, schedule });
    const delays: (number | undefined)[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      delays.push(planned[0]?.ms);
      await step();
    }
    expect(delays).toEqual([2_000, 2_800, 3_920]);
  });

  it('ignores an answer that comes after it was stopped', async () => {
    const seen: unknown[] = [];
    let answer: (value: DealHandoffView) => void = () => undefined;
    const { schedule, step, planned } = aSchedule();
    const stop = startPolling({
      look: () => new Promise<DealHandoffView>((resolve) => (answer = resolve)),
      onAnswer: (view) => void seen.push(view),
      schedule,
    });
    await step();
    stop();
    answer(progress('posting', 'wait'));
    await step();
    expect([seen, planned]).toEqual([[], []]);
  });

  it('plans nothing more once stopped', () => {
    const { schedule, planned } = aSchedule();
    startPolling({ look: async () => progress('posting', 'wait'), onAnswer: () => undefined, schedule })();
    expect(planned).toEqual([]);
  });
});
