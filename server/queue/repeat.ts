/** Work that is done again and again, never twice at a time. */
export interface Repeated {
  /** No further round; resolves when the one under way is over. */
  stop(): Promise<void>;
}

/**
 * Does `work` every so many milliseconds of real time, counted from the end of one round to the start of the next.
 * @param onError is told of a failed round; the next one comes all the same
 */
export function repeat(everyMs: number, work: () => Promise<void>, onError: (error: unknown) => void): Repeated {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();

  function next(): void {
    round = work()
      .catch(onError)
      .then(() => schedule());
  }
  function schedule(): void {
    if (!stopped) timer = setTimeout(next, everyMs);
  }

  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}
