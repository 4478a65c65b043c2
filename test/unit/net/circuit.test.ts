import { describe, expect, it } from 'vitest';
import { createCircuit } from '../../../server/net/circuit.ts';
import { DeadlineError, startDeadline, waitUnlessAborted } from '../../../server/net/deadline.ts';
import { movableClock } from '../../support/movable-clock.ts';

function bench() {
  const clock = movableClock();
  const circuit = createCircuit({ clock, random: () => 0.5 });
  const fail = (times: number) => {
    for (let time = 0; time < times; time += 1) circuit.settle('failed');
  };
  return { clock, circuit, fail };
}

describe('the circuit (AP-06)', () => {
  it('opens after five failures in a row, and says when to come back', () => {
    const { circuit, fail, clock } = bench();
    fail(4);
    expect(circuit.admit()).toBeUndefined();
    circuit.settle('reached');
    fail(4);
    expect(circuit.admit()).toBeUndefined();
    fail(1);
    const retryAt = circuit.admit();
    expect(retryAt?.getTime()).toBeGreaterThan(clock.now().getTime());
  });

  it('lets one probe through when the pause is over, and closes when it comes back well', () => {
    const { circuit, fail, clock } = bench();
    fail(5);
    clock.advance(20_000);
    expect(circuit.admit()).toBeUndefined();
    expect(circuit.admit()).toBeInstanceOf(Date);
    circuit.settle('reached');
    expect(circuit.admit()).toBeUndefined();
    expect(circuit.admit()).toBeUndefined();
  });

  it('pauses longer after each failed probe, five minutes at most', () => {
    const { circuit, fail, clock } = bench();
    fail(5);
    let last = 0;
    for (let probe = 0; probe < 12; probe += 1) {
      const retryAt = circuit.admit();
      const pause = (retryAt?.getTime() ?? 0) - clock.now().getTime();
      expect(pause).toBeGreaterThanOrEqual(last);
      expect(pause).toBeLessThanOrEqual(300_000);
      last = pause;
      clock.advance(pause);
      expect(circuit.admit()).toBeUndefined();
      circuit.settle('failed');
    }
    expect(last).toBe(300_000);
  });

  it('learns nothing from those who left', () => {
    const { circuit, fail } = bench();
    fail(4);
    circuit.settle('ignored');
    expect(circuit.admit()).toBeUndefined();
  });
});

describe('a deadline', () => {
  it('ends with the caller’s signal, and with its reason', () => {
    const leaving = new AbortController();
    const deadline = startDeadline(60_000, leaving.signal);
    leaving.abort(new Error('left'));
    expect(deadline.signal.reason).toEqual(new Error('left'));
    deadline.clear();
  });

  it('ends by itself', async () => {
    const deadline = startDeadline(1);
    await expect(waitUnlessAborted(new Promise(() => undefined), deadline.signal)).rejects.toBeInstanceOf(
      DeadlineError,
    );
  });

  it('waits for shared work without ending it', async () => {
    let finish: (value: number) => void = () => undefined;
    const work = new Promise<number>((resolve) => {
      finish = resolve;
    });
    const leaving = new AbortController();
    const one = waitUnlessAborted(work, leaving.signal);
    const other = waitUnlessAborted(work, new AbortController().signal);
    leaving.abort(new Error('left'));
    await expect(one).rejects.toThrow('left');
    finish(7);
    await expect(other).resolves.toBe(7);
  });
});
