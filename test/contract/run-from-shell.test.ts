import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { runFromShell } from './run-from-shell.ts';

it('is stopped by hand in order, however often that is asked, and by SIGTERM too', async () => {
  const signals = new EventEmitter();
  const printed: string[] = [];
  const removed: string[] = [];
  const code = await runFromShell(
    async ({ signal }) => {
      for (const name of ['SIGINT', 'SIGINT', 'SIGTERM']) {
        // Without a listener the process would end here, and nothing would be removed.
        expect(signals.listenerCount(name)).toBe(1);
        signals.emit(name);
      }
      expect(signal.aborted).toBe(true);
      removed.push('what was made');
      return 3;
    },
    signals,
    (line) => void printed.push(line),
  );
  expect(code).toBe(3);
  expect(removed).toEqual(['what was made']);
  expect(printed).toHaveLength(3);
  expect(signals.eventNames()).toEqual([]);
});
