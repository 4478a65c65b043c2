import {
  allOf,
  type BudgetFacts,
  budgetOf,
  leftOf,
  NOTHING_SPENT,
  shareOf,
  type TokenDay,
} from '../domain/token-budget.ts';
import { latestMidnight, todayOf } from '../domain/token-day.ts';
import { after, type Clock } from '../kernel/clock.ts';
import type { InstallationId } from '../kernel/ids.ts';
import type { TokenLedger } from './ports/token-ledger.ts';
import type { Tx, UnitOfWork } from './ports/unit-of-work.ts';

/** Who is active takes a seat, which tells the budget where Pipedrive does not. */
export async function noteSeats(
  { unitOfWork, ledger }: { readonly unitOfWork: UnitOfWork; readonly ledger: TokenLedger },
  id: InstallationId,
  users: readonly { readonly active: boolean }[],
): Promise<void> {
  const seats = users.filter(({ active }) => active).length;
  if (seats > 0) await unitOfWork.within(id, (tx) => ledger.saveLearntSeats(tx, seats));
}

const DAY_MS = 24 * 60 * 60_000;
/** In minutes. A day that began at some time of a night without calls is known no better than before. */
const AN_HOUR = 60;

/** When the budget starts anew, as far as it was seen: at UTC's midnight until then. */
export function startsAnewAt({ midnight }: Pick<BudgetFacts, 'midnight'>, now: Date): Date {
  return after(new Date(latestMidnight(midnight, now.getTime())), DAY_MS);
}

/** The company's day in Pipedrive's tokens, as all processes have booked it; three small queries. */
export function makeReadTokenDay({ clock, ledger }: { readonly clock: Clock; readonly ledger: TokenLedger }) {
  return async function readTokenDay(tx: Tx): Promise<TokenDay> {
    const now = clock.now().getTime();
    const facts = await ledger.findFacts(tx);
    const startedAt = new Date(todayOf(facts, now).startedAt);
    const spent = await ledger.sumsSince(tx, startedAt);
    const byPurpose = { ...NOTHING_SPENT };
    for (const { purpose, tokens } of spent) byPurpose[purpose] += tokens;
    return {
      ...budgetOf(facts, now),
      startedAt,
      startIsKnown: facts.midnight !== null && facts.midnight.minutes < AN_HOUR,
      spent,
      ...leftOf(facts, allOf(byPurpose), now),
      backgroundShare: shareOf(facts),
      shut: await ledger.findShut(tx),
    };
  };
}
