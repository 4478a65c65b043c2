import { describe, expect, it } from 'vitest';
import { markOf, watchHandoffs } from '../../../extension/features/deal-panel/handoff-watch.ts';
import type { DealHandoffView } from '../../../server/contract/panel.ts';
import { aHandoff } from './samples.ts';

const nothing: DealHandoffView = {
  handoffs: [],
  send: { action: 'send', label: 'Send', reason: null, problems: [] },
};
const inSap: DealHandoffView = { ...nothing, handoffs: [aHandoff({ state: 'posted' })] };

/** A panel that shows nothing yet, with a clock and a person moved by hand. */
function aPanel(look: () => Promise<DealHandoffView>) {
  const planned: { run: () => void; ms: number }[] = [];
  const changes: DealHandoffView[] = [];
  let shown = markOf(nothing);
  let turnTo: (() => void) | null = null;
  const stop = watchHandoffs({
    look,
    shown: () => shown,
    onChange: (answer) => {
      changes.push(answer);
      shown = markOf(answer);
    },
    schedule: (run, ms) => {
      const entry = { run, ms };
      planned.push(entry);
      return () => void planned.splice(0, planned.length, ...planned.filter((one) => one !== entry));
    },
    onTurnTo: (run) => {
      turnTo = run;
      return () => {
        turnTo = null;
      };
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    changes,
    planned,
    stop,
    settle,
    show: (view: DealHandoffView) => {
      shown = markOf(view);
    },
    step: () => {
      planned.shift()?.run();
      return settle();
    },
    turnTo: () => {
      turnTo?.();
      return settle();
    },
  };
}

describe('watchHandoffs', () => {
  it('tells of a deal that was won without the panel, once', async () => {
    const answers = [nothing, inSap, inSap];
    const panel = aPanel(async () => answers.shift() ?? inSap);
    expect(panel.planned.map(({ ms }) => ms)).toEqual([20_000]);
    for (let turn = 0; turn < 3; turn += 1) await panel.step();
    expect(panel.changes).toEqual([inSap]);
  });

  it('looks at once when the person turns to the panel, and plans one look only', async () => {
    const panel = aPanel(async () => inSap);
    await panel.turnTo();
    expect(panel.changes).toEqual([inSap]);
    expect(panel.planned).toHaveLength(1);
  });

  it('goes on after a failed look', async () => {
    const panel = aPanel(() => Promise.reject(new Error('offline')));
    await panel.step();
    expect([panel.changes.length, panel.planned.length]).toEqual([0, 1]);
  });

  it('drops an answer that was overtaken by what is shown meanwhile', async () => {
    let answer: (view: DealHandoffView) => void = () => undefined;
    const panel = aPanel(() => new Promise((resolve) => (answer = resolve)));
    await panel.step();
    panel.show(inSap);
    answer({ ...nothing, handoffs: [aHandoff({ state: 'posting' })] });
    await panel.settle();
    expect(panel.changes).toEqual([]);
  });

  it('says and plans nothing once stopped', async () => {
    let answer: (view: DealHandoffView) => void = () => undefined;
    const panel = aPanel(() => new Promise((resolve) => (answer = resolve)));
    await panel.step();
    panel.stop();
    answer(inSap);
    await panel.turnTo();
    expect([panel.changes, panel.planned]).toEqual([[], []]);
  });
});
