/** Runs something once, after so many milliseconds of real time, unless it is called off; injected so that tests need not wait. */
export type StartTimer = (milliseconds: number, run: () => void) => CallOff;
export type CallOff = () => void;

/** Does not keep the process alive. */
export const realTimer: StartTimer = (milliseconds, run) => {
  const timer = setTimeout(run, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
};

/** Milliseconds from any fixed point; never jumps back, and runs on while the process stands still. */
export type Elapsed = () => number;

export const realElapsed: Elapsed = () => performance.now();
