import type { PracticeClock } from '../../kernel/clock.ts';

/** Writes whose clients were cut off, carried out when the practice clock reaches their time. */
export interface LateCommits {
  add(dueAt: number, run: () => void): void;
  /** Carries out what is due; called when the clock moves, with every request and before the books are looked at. */
  runDue(): void;
  waiting(): number;
}

export function createLateCommits(clock: PracticeClock): LateCommits {
  let pending: { dueAt: number; run: () => void }[] = [];
  return {
    add: (dueAt, run) => {
      pending.push({ dueAt, run });
    },
    runDue() {
      const due = pending.filter(({ dueAt }) => dueAt <= clock.now()).sort((a, b) => a.dueAt - b.dueAt);
      pending = pending.filter((entry) => !due.includes(entry));
      for (const { run } of due) run();
    },
    waiting: () => pending.length,
  };
}
