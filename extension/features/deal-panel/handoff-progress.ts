import type { DealHandoffView, HandoffView } from '../../../server/contract/panel.ts';

type Progress = Pick<DealHandoffView, 'handoffs' | 'send'>;

const FIRST_MS = 2_000;
const LONGEST_MS = 15_000;
const MOVING: readonly HandoffView['state'][] = ['pending', 'posting', 'unconfirmed'];

/** True while something happens by itself and the panel should look again. */
export function isOnItsWay({ handoffs, send }: Progress): boolean {
  return send.action === 'wait' || handoffs.some(({ state }) => MOVING.includes(state));
}

/** The hand-off that changed last. */
export function latestHandoff({ handoffs }: Progress): HandoffView | null {
  return handoffs.reduce<HandoffView | null>(
    (latest, handoff) =>
      latest === null || Date.parse(handoff.updatedAt) >= Date.parse(latest.updatedAt) ? handoff : latest,
    null,
  );
}

/** Ms before look number `attempt` (from 0): 2 s, then ever longer, at most 15 s. */
export function pollDelay(attempt: number): number {
  return Math.min(LONGEST_MS, Math.round(FIRST_MS * 1.4 ** attempt));
}

/** In words, while it is on its way. */
export function progressSentence(progress: Progress): string {
  const latest = latestHandoff(progress);
  if (latest?.state === 'unconfirmed') {
    return 'Waiting for SAP to confirm. This can take a few minutes; nothing is sent twice.';
  }
  return latest?.sentence || 'On its way to SAP.';
}

interface Polling {
  readonly look: () => Promise<Progress>;
  /** Each answer, also the last. */
  readonly onAnswer: (progress: Progress) => void;
  readonly schedule: (run: () => void, ms: number) => () => void;
}

/** Looks again and again until nothing is on its way. A failed look is repeated later. Gives the function that stops it. */
export function startPolling({ look, onAnswer, schedule }: Polling): () => void {
  let stopped = false;
  let cancel = () => {};

  async function lookOnce(attempt: number): Promise<void> {
    const progress = await look().catch(() => null);
    if (stopped) return;
    if (progress) onAnswer(progress);
    if (!progress || isOnItsWay(progress)) plan(attempt + 1);
  }

  function plan(attempt: number): void {
    cancel = schedule(() => void lookOnce(attempt), pollDelay(attempt));
  }

  plan(0);
  return () => {
    stopped = true;
    cancel();
  };
}
