import { useCallback, useRef } from 'react';

/**
 * A press that does nothing while the one before it still runs. A mutation's own `isPending` comes a moment too late for a
 * double click. `run` reports its own failure; here it only counts as over.
 */
export function useOneAtATime<Input>(run: (input: Input) => Promise<unknown>): (input: Input) => void {
  const busy = useRef(false);
  return useCallback(
    (input) => {
      if (busy.current) return;
      busy.current = true;
      void run(input)
        .catch(() => undefined)
        .finally(() => {
          busy.current = false;
        });
    },
    [run],
  );
}
