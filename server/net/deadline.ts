/** The reason a call was given up by its own time limit, never by the person who waits for it. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds} ms`);
  }
}

export interface Deadline {
  /** Aborts when the caller's signal does, or after the limit, whichever is first. */
  readonly signal: AbortSignal;
  /** Frees the timer; call it when the work has ended. */
  clear(): void;
}

/** Wall-clock limit of one outgoing call. Real time on purpose: a moved test clock does not speed up a server. */
export function startDeadline(milliseconds: number, outer?: AbortSignal): Deadline {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(new DeadlineError(milliseconds)), milliseconds);
  timer.unref();
  const onOuterAbort = () => own.abort(outer?.reason);
  if (outer?.aborted) onOuterAbort();
  else outer?.addEventListener('abort', onOuterAbort, { once: true });
  return {
    signal: own.signal,
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onOuterAbort);
    },
  };
}

/** Waits for shared work without owning it: an abort ends the waiting, not the work. */
export async function waitUnlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined);
    throw signal.reason;
  }
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
