import type { Clock } from '../../kernel/clock.ts';

/** Answers that may be a few minutes old. */
export interface Remembered {
  ask<T>(key: string, ask: () => Promise<T>): Promise<T>;
}

const MOST = 2_000;

export function createRemembered(clock: Clock, keepMs = 5 * 60_000): Remembered {
  const known = new Map<string, { until: number; answer: Promise<unknown> }>();
  return {
    async ask<T>(key: string, ask: () => Promise<T>): Promise<T> {
      const now = clock.now().getTime();
      const old = known.get(key);
      if (old && old.until > now) return (await old.answer) as T;
      if (known.size >= MOST) known.clear();
      const answer = ask();
      known.set(key, { until: now + keepMs, answer });
      // A failure is not remembered: the next page asks again.
      answer.catch(() => known.delete(key));
      return answer;
    },
  };
}
