import type { Clock } from '../kernel/clock.ts';
import { RateLimitedError } from '../kernel/errors.ts';
import type { InstallationId } from '../kernel/ids.ts';
import type { TokenLedger } from './ports/token-ledger.ts';
import type { UnitOfWork } from './ports/unit-of-work.ts';
import { makeReadTokenDay, startsAnewAt } from './token-budget.ts';
import { spentWords } from './token-words.ts';

export interface ExplainFailureDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly ledger: TokenLedger;
}

/**
 * What a person is told of a failure: the error itself, or, where the company's budget is used up, one that says who used
 * it and when it starts anew.
 */
export function makeExplainFailure(deps: ExplainFailureDeps) {
  const readTokenDay = makeReadTokenDay(deps);
  return async function explainFailure(id: InstallationId, error: unknown): Promise<unknown> {
    if (!(error instanceof RateLimitedError) || !error.budget) return error;
    return deps.unitOfWork.within(id, async (tx) => {
      const day = await readTokenDay(tx);
      const facts = await deps.ledger.findFacts(tx);
      const budget = { startsAnewAt: startsAnewAt(facts, deps.clock.now()), startIsKnown: day.startIsKnown };
      return new RateLimitedError(spentWords(day), error.retryAt, { cause: error, budget });
    });
  };
}
