/**
 * Counts how often in a row one company's calls were refused for coming too fast. Calls that were on their way together
 * are refused together: they count once.
 */
export interface RefusalRounds {
  /** @param sentAt when the refused call had its turn */
  refused(sentAt: Date, now: Date): void;
  /** Any other answer: the window has room again. */
  answered(): void;
  /** Waiting has not helped, so it is the day that is spent and not the window. */
  areTooMany(): boolean;
}

const MOST_ROUNDS = 3;

export function createRefusalRounds(): RefusalRounds {
  let rounds = 0;
  let latest: Date | undefined;
  return {
    refused(sentAt, now) {
      if (latest && sentAt <= latest) return;
      rounds += 1;
      latest = now;
    },
    answered() {
      rounds = 0;
      latest = undefined;
    },
    areTooMany: () => rounds >= MOST_ROUNDS,
  };
}
