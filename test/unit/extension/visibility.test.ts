import { expect, it } from 'vitest';
import { createVisibility } from '../../../extension/shared/sdk/visibility.ts';

it('is visible only while the tab is in front and the panel is unfolded', () => {
  let hear = () => {};
  const page = {
    visibilityState: 'visible',
    addEventListener: (_type: 'visibilitychange', listener: () => void) => {
      hear = listener;
    },
  };
  const visibility = createVisibility(page);
  const seen: boolean[] = [];
  const stop = visibility.subscribe(() => void seen.push(visibility.visible()));
  visibility.setUnfolded(false);
  visibility.setUnfolded(true);
  page.visibilityState = 'hidden';
  hear();
  stop();
  visibility.setUnfolded(false);
  expect(seen).toEqual([false, true, false]);
});
