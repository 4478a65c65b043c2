import { describe, expect, it } from 'vitest';
import { createHeightReporter, panelHeight } from '../../../extension/shared/sdk/panel-height.ts';

describe('panelHeight', () => {
  it.each([
    [0, 100],
    [99.2, 100],
    [100.1, 101],
    [420, 420],
    [749.01, 750],
    [2_000, 750],
  ])('asks for content of %d px with %d px', (content, height) => {
    expect(panelHeight(content)).toBe(height);
  });
});

function aHost() {
  const asked: number[] = [];
  const waiting: { answer: () => void; refuse: () => void }[] = [];
  const resize = (height: number) => {
    asked.push(height);
    return new Promise<void>((resolve, reject) => {
      waiting.push({ answer: resolve, refuse: () => reject(new Error('refused')) });
    });
  };
  const settle = async (how: 'answer' | 'refuse') => {
    waiting.shift()?.[how]();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { asked, resize, settle };
}

describe('createHeightReporter', () => {
  it('asks only when the height changed', async () => {
    const { asked, resize, settle } = aHost();
    const report = createHeightReporter(resize);
    report(300.4);
    await settle('answer');
    report(300.9);
    report(301);
    expect(asked).toEqual([301]);
  });

  it('asks one at a time, and the last height wins', async () => {
    const { asked, resize, settle } = aHost();
    const report = createHeightReporter(resize);
    for (const height of [300, 310, 320, 330]) report(height);
    expect(asked).toEqual([300]);
    await settle('answer');
    expect(asked).toEqual([300, 330]);
  });

  it('asks again after a refusal, at the next change and not in a loop', async () => {
    const { asked, resize, settle } = aHost();
    const report = createHeightReporter(resize);
    report(300);
    await settle('refuse');
    expect(asked).toEqual([300]);
    report(300);
    expect(asked).toEqual([300, 300]);
  });
});
