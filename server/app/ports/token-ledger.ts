import type { Alerted } from '../../domain/token-alerts.ts';
import type {
  BudgetFacts,
  CrmPlan,
  SpentByPurpose,
  TokenDay,
  TokenPurpose,
  TokenSum,
} from '../../domain/token-budget.ts';
import type { Pace } from '../../domain/token-forecast.ts';
import type { Tx } from './unit-of-work.ts';

export interface TokenLedger {
  /** Books one call; negative tokens take one back. */
  add(tx: Tx, at: Date, use: { purpose: TokenPurpose; operation: string; tokens: number }): Promise<void>;
  /** Spent since this instant, by purpose; exact where it is a quarter of an hour. */
  spentSince(tx: Tx, since: Date): Promise<SpentByPurpose>;
  /** As `spentSince`, by purpose and operation. */
  sumsSince(tx: Tx, since: Date): Promise<readonly TokenSum[]>;
  /** Sums up what is older than two days by the hour, and forgets what is older than 35 days. */
  tidy(tx: Tx, now: Date): Promise<void>;

  /** What is known of the company's budget; nothing: `NO_FACTS`. */
  findFacts(tx: Tx): Promise<BudgetFacts>;
  /** As `findFacts`, and nobody else changes them before this transaction has ended. */
  lockFacts(tx: Tx): Promise<BudgetFacts>;
  saveFacts(tx: Tx, facts: BudgetFacts): Promise<void>;
  /** What the admin says: plan and seats, which count where Pipedrive does not tell; null forgets. */
  saveStatement(tx: Tx, stated: { plan: CrmPlan; seats: number } | null): Promise<void>;
  /** @param share 0 to 0.8 of the day; null: as usual */
  saveBackgroundShare(tx: Tx, share: number | null): Promise<void>;
  saveLearntSeats(tx: Tx, seats: number): Promise<void>;
  /** Why, and until when, all calls are kept back. */
  findShut(tx: Tx): Promise<TokenDay['shut']>;
}

/** What people are told of the budget. */
export interface TokenReports {
  /** As booked since the day began, and on the days that began one to four weeks before it. */
  paceOf(tx: Tx, dayBegan: Date): Promise<Pace>;
  /** What an admin was last told of a day's budget. */
  findAlerted(tx: Tx): Promise<Alerted | null>;
  saveAlerted(tx: Tx, alerted: Alerted | null): Promise<void>;
}
