import type { DealHandoffView } from '../../../server/contract/panel.ts';

/** Our server answers from its own rows and asks Pipedrive at most once in five minutes, so a look costs next to nothing. */
const EVERY_MS = 20_000;

/** What a panel shows of its hand-offs, to see whether they have moved on. */
export function markOf({ handoffs }: Pick<DealHandoffView, 'handoffs'>): string {
  return handoffs.map(({ id, state, document, docNum }) => `${id} ${state} ${document} ${docNum}`).join();
}

interface Watching {
  readonly look: () => Promise<DealHandoffView>;
  /** What is shown now, as `markOf` has it. */
  readonly shown: () => string;
  readonly onChange: (answer: DealHandoffView) => void;
  readonly schedule: (run: () => void, ms: number) => () => void;
  /** Calls when the person turns to the panel; gives the function that ends it. */
  readonly onTurnTo: (look: () => void) => () => void;
}

/** Notices what happens without the panel: the deal is won, or a colleague sends it. Gives the function that stops it. */
export function watchHandoffs({ look, shown, onChange, schedule, onTurnTo }: Watching): () => void {
  let stopped = false;
  let looking = false;
  let cancel = () => {};

  async function lookOnce(): Promise<void> {
    if (looking) return;
    cancel();
    looking = true;
    const before = shown();
    const answer = await look().catch(() => null);
    looking = false;
    if (stopped) return;
    // An answer that was overtaken by a newer one says nothing new.
    if (answer && shown() === before && markOf(answer) !== before) onChange(answer);
    plan();
  }

  function plan(): void {
    cancel = schedule(() => void lookOnce(), EVERY_MS);
  }

  const turnAway = onTurnTo(() => void lookOnce());
  plan();
  return () => {
    stopped = true;
    cancel();
    turnAway();
  };
}
