import type { TokensView } from '../../contract/tokens.ts';
import { type BudgetFacts, backfillTokens, keptForOrders, type TokenDay } from '../../domain/token-budget.ts';
import { forecastDay, type Pace } from '../../domain/token-forecast.ts';
import { quoteAllPrices, quoteComparison } from '../../domain/token-quotes.ts';
import { classesOf, streamsOf, usedOf } from '../../domain/token-use.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { TokenLedger, TokenReports } from '../ports/token-ledger.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { makeReadTokenDay, startsAnewAt } from '../token-budget.ts';

export interface ViewTokensDeps {
  readonly clock: Clock;
  readonly ledger: TokenLedger & TokenReports;
  readonly links: Pick<LinkStore, 'count'>;
}

/** How many records are linked, by kind. */
export interface Linked {
  readonly partner: number;
  readonly contact: number;
  readonly item: number;
}

/** The budget as the settings show it, from our own rows alone. */
export function makeViewTokens(deps: ViewTokensDeps) {
  const readTokenDay = makeReadTokenDay(deps);
  return async function viewTokens(tx: Tx, connectionId: ConnectionId | undefined): Promise<TokensView> {
    const facts = await deps.ledger.findFacts(tx);
    const day = await readTokenDay(tx);
    const pace = await deps.ledger.paceOf(tx, day.startedAt);
    const linked = connectionId ? await countLinked(tx, connectionId) : undefined;
    return tokensView(day, { facts, pace, linked, now: deps.clock.now() });
  };

  async function countLinked(tx: Tx, connectionId: ConnectionId): Promise<Linked> {
    const countOf = async (kind: keyof Linked) => (await deps.links.count(tx, connectionId, kind)).linked;
    return { partner: await countOf('partner'), contact: await countOf('contact'), item: await countOf('item') };
  }
}

interface Around {
  readonly facts: BudgetFacts;
  readonly pace: Pace;
  readonly linked: Linked | undefined;
  readonly now: Date;
}

export function tokensView(day: TokenDay, { facts, pace, linked, now }: Around): TokensView {
  const { statedPlan, statedSeats, learntPlan, learntSeats } = facts;
  const startsAnew = startsAnewAt(facts, now);
  const forecast = forecastDay(day, pace, { now, startsAnew });
  const kept = keptForOrders(day);
  const shut = day.shut && day.shut.until > now ? day.shut : null;
  return {
    spentToday: day.spent.reduce((sum, { tokens }) => sum + tokens, 0),
    dailyLimit: day.budget,
    // Whatever our own count says: there may be apps and calls that it does not know of.
    remaining: shut?.reason === 'day' && day.budget !== null ? 0 : day.remaining,
    source: day.budgetSource,
    classes: classesOf(day).map((use) => ({ ...use })),
    othersKnown: day.othersSpent !== null,
    keptForOrders: kept === 0 ? null : Math.round(kept),
    firstLoadPerDay: day.budget === null ? null : Math.round(backfillTokens(day.budget, day.backgroundShare)),
    startsAnewAt: startsAnew.toISOString(),
    startIsKnown: day.startIsKnown,
    forecast: forecast
      ? {
          endsAt: forecast.endsAt?.toISOString() ?? null,
          ordersOnlyFrom: forecast.ordersOnlyFrom?.toISOString() ?? null,
          usedInTheEnd: Math.round(forecast.usedInTheEnd * 100),
        }
      : null,
    heaviest: heaviestOf(day),
    stated: statedPlan && statedSeats ? { plan: statedPlan, seats: statedSeats } : null,
    learnt: { plan: learntPlan, seats: learntSeats },
    backgroundPercent: Math.round(day.backgroundShare * 100),
    shut: shut && { reason: shut.reason, until: shut.until.toISOString() },
    quotes: quotesOf(linked),
  };
}

function heaviestOf(day: TokenDay): TokensView['heaviest'] {
  const [most] = streamsOf(day);
  const used = usedOf(day);
  return most && used > 0 ? { name: most.name, percent: Math.min(100, Math.round((most.tokens / used) * 100)) } : null;
}

function quotesOf(linked: Linked | undefined): TokensView['quotes'] {
  if (!linked) return { allPrices: null, comparison: null };
  const { partner, contact, item } = linked;
  const comparison = quoteComparison([partner, contact, item]);
  return { allPrices: item > 0 ? quoteAllPrices(item) : null, comparison: comparison > 0 ? comparison : null };
}
