import type { Section } from '../../contract/common.ts';
import { after, type Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';

/** Remembers the last good answer per question, so that a silent SAP still shows something, with its age. */
export interface LastKnown {
  /** Waits for the answer; falls back to the last one known, or to a sentence that says why there is none. */
  section<T>(key: string, answer: Promise<T>): Promise<Section<T>>;
  /** Forgets what is too old to be shown; for a process in which nobody asks for anything. */
  forgetOld(): void;
}

const MOST = 5_000;
/** Older figures mislead, and an installation that was erased is not remembered for longer in any process. */
const KEPT_MS = 60 * 60_000;

export function createLastKnown(clock: Clock): LastKnown {
  /** Oldest first. */
  const known = new Map<string, { data: unknown; asOf: string }>();

  function forgetOld(): void {
    const now = clock.now();
    for (const [key, { asOf }] of known) {
      if (after(new Date(asOf), KEPT_MS) > now) return;
      known.delete(key);
    }
  }

  return {
    forgetOld,
    async section<T>(key: string, answer: Promise<T>): Promise<Section<T>> {
      try {
        const data = await answer;
        const asOf = clock.now().toISOString();
        known.delete(key);
        known.set(key, { data, asOf });
        dropOldest(known);
        return { status: 'ready', data, asOf };
      } catch (error) {
        const reason = reasonOf(error);
        forgetOld();
        const last = known.get(key);
        return last
          ? { status: 'stale', data: last.data as T, asOf: last.asOf, reason }
          : { status: 'unavailable', reason };
      }
    },
  };
}

function dropOldest(known: Map<string, unknown>): void {
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
}

/** @throws what is no foreseen error: a defect must be seen */
function reasonOf(error: unknown): string {
  if (error instanceof DOMException) return 'SAP did not answer in time.';
  if (!(error instanceof AppError)) throw error;
  return error.kind === 'unavailable' ? 'SAP did not answer. Try again in a minute.' : error.message;
}
