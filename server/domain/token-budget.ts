import type { ShutReason } from './crm-gate.ts';
import { type DayFacts, todayOf } from './token-day.ts';

/**
 * Who spends: an order; a person's view or click; a status on its way back; changes as they come in either direction;
 * first loads and full comparisons, which can wait.
 */
export type TokenPurpose = 'order' | 'person' | 'status' | 'delta' | 'backfill';

export type CrmPlan = 'lite' | 'growth' | 'premium' | 'ultimate';

/** Tokens of a day for each seat of the smallest plan, and what larger plans have of it (reference pipedrive-api.md, 2.1). */
const OF_A_SEAT = 30_000;
const MULTIPLIERS: Readonly<Record<CrmPlan, number>> = { lite: 1, growth: 2, premium: 5, ultimate: 7 };
/** Requests of one window by plan (reference pipedrive-api.md, section 2.3). */
const WINDOWS: readonly { plan: CrmPlan; oauth: number; api_token: number }[] = [
  { plan: 'lite', oauth: 80, api_token: 20 },
  { plan: 'growth', oauth: 160, api_token: 40 },
  { plan: 'premium', oauth: 400, api_token: 100 },
  { plan: 'ultimate', oauth: 480, api_token: 120 },
];

/** Background work may take this share of the day unless the admin says otherwise. */
const BACKGROUND_SHARE = 0.4;
/** What is kept for orders, whatever else is asked. */
const KEPT_FOR_ORDERS = 0.2;
/** Of the background's share, so much is left to changes when a first load would take all. */
const KEPT_FOR_DELTA = 0.25;
/** Of that share, what other processes may take within the seconds for which one goes by its own count. */
const UNSEEN_SHARE = 0.25;
/** What was told of the budget stands so long without being told again. */
const TOLD_FOR_MS = 48 * 60 * 60_000;

/** What is known of a company's budget. */
export interface BudgetFacts extends DayFacts {
  readonly statedPlan: CrmPlan | null;
  readonly statedSeats: number | null;
  /** From the size of the burst window. */
  readonly learntPlan: CrmPlan | null;
  /** Active users. */
  readonly learntSeats: number | null;
  /** 0 to 0.8; null: as usual. */
  readonly backgroundShare: number | null;
}

export const NO_FACTS: BudgetFacts = {
  reading: null,
  startedAt: null,
  midnight: null,
  statedPlan: null,
  statedSeats: null,
  learntPlan: null,
  learntSeats: null,
  backgroundShare: null,
};

export interface TokenSum {
  readonly purpose: TokenPurpose;
  readonly operation: string;
  readonly tokens: number;
  readonly calls: number;
}

/** One company's day in Pipedrive's tokens. */
export interface TokenDay {
  readonly budget: number | null;
  /** `told` in an answer's headers, `stated` by the admin, `learnt` from the burst window and the users; marked as such where it is shown. */
  readonly budgetSource: 'told' | 'stated' | 'learnt' | 'unknown';
  readonly startedAt: Date;
  /** Pipedrive's midnight was seen, to the hour. False: UTC's, or a likely hour, is used, and shown as about. */
  readonly startIsKnown: boolean;
  /** Spent by this app, by purpose and operation. */
  readonly spent: readonly TokenSum[];
  /** What is left for all, as far as can be told. */
  readonly remaining: number | null;
  /** Spent by all other apps up to the latest answer that told; null: nothing was told today. */
  readonly othersSpent: number | null;
  /** Part of the day that background work may take. */
  readonly backgroundShare: number;
  /** All calls are kept back until then. */
  readonly shut: { readonly reason: ShutReason; readonly until: Date } | null;
}

export function planOfWindow(limit: number, grant: 'oauth' | 'api_token'): CrmPlan | null {
  return WINDOWS.find((window) => window[grant] === limit)?.plan ?? null;
}

export function budgetOf(facts: BudgetFacts, now: number): Pick<TokenDay, 'budget' | 'budgetSource'> {
  const { reading, statedPlan, statedSeats, learntPlan, learntSeats } = facts;
  if (reading && Math.abs(now - reading.at) < TOLD_FOR_MS) return { budget: reading.limit, budgetSource: 'told' };
  if (statedPlan && statedSeats) return { budget: ofPlan(statedPlan, statedSeats), budgetSource: 'stated' };
  if (learntPlan && learntSeats) return { budget: ofPlan(learntPlan, learntSeats), budgetSource: 'learnt' };
  return { budget: null, budgetSource: 'unknown' };
}

/** Tokens of a day (reference pipedrive-api.md, section 2.1). */
export const ofPlan = (plan: CrmPlan, seats: number): number => OF_A_SEAT * MULTIPLIERS[plan] * seats;

/** @param spent by this app since the day began */
export function leftOf(facts: BudgetFacts, spent: number, now: number): Pick<TokenDay, 'remaining' | 'othersSpent'> {
  const { reading } = facts;
  if (reading && todayOf(facts, now).isTold) {
    return {
      remaining: Math.max(0, reading.remaining - (spent - reading.spentThen)),
      othersSpent: Math.max(0, reading.limit - reading.remaining - reading.spentThen),
    };
  }
  const { budget } = budgetOf(facts, now);
  return { remaining: budget === null ? null : Math.max(0, budget - spent), othersSpent: null };
}

/** Background work's part of the day, in tokens: of the smallest plan and one seat where nothing better is known. */
function backgroundTokens(facts: BudgetFacts, now: number): number {
  const budget = budgetOf(facts, now).budget ?? ofPlan(facts.learntPlan ?? 'lite', facts.learntSeats ?? 1);
  return shareOf(facts) * budget;
}

type Budget = Pick<TokenDay, 'budget' | 'budgetSource'>;

/** What of the day is kept for orders, in tokens. What was only learnt may be too little, and holds up nobody who waits. */
export function keptForOrders({ budget, budgetSource }: Budget): number {
  const isSure = budgetSource === 'told' || budgetSource === 'stated';
  return isSure && budget !== null ? KEPT_FOR_ORDERS * budget : 0;
}

/** What first loads and full comparisons may take of a day. */
export const backfillTokens = (budget: number, share: number): number => (1 - KEPT_FOR_DELTA) * share * budget;

export const shareOf = ({ backgroundShare }: BudgetFacts): number => backgroundShare ?? BACKGROUND_SHARE;

export interface TokenWish {
  readonly purpose: TokenPurpose;
  readonly tokens: number;
}

export type SpentByPurpose = Readonly<Record<TokenPurpose, number>>;
export const NOTHING_SPENT: SpentByPurpose = { order: 0, person: 0, status: 0, delta: 0, backfill: 0 };

export const allOf = (spent: SpentByPurpose): number => Object.values(spent).reduce((sum, tokens) => sum + tokens, 0);

/**
 * Whether this purpose may take so many tokens now. Orders always: whether the day is spent, only Pipedrive can say.
 * `floor`: what is left is kept for orders; `share`: background work has had its part.
 */
export function mayTake(
  facts: BudgetFacts,
  spent: SpentByPurpose,
  wish: TokenWish,
  now: number,
): 'yes' | 'floor' | 'share' {
  const { purpose, tokens } = wish;
  if (purpose === 'order') return 'yes';
  if (!fitsShare(facts, spent, wish, now)) return 'share';
  const kept = keptForOrders(budgetOf(facts, now));
  const { remaining } = leftOf(facts, allOf(spent), now);
  if (kept > 0 && remaining !== null && remaining - tokens < kept) return 'floor';
  return 'yes';
}

/** Whether what other processes have spent since it was last asked may decide that background work has had its part. */
export function dependsOnOthers(facts: BudgetFacts, spent: SpentByPurpose, wish: TokenWish, now: number): boolean {
  const unseen = UNSEEN_SHARE * backgroundTokens(facts, now);
  return !fitsShare(facts, spent, { ...wish, tokens: wish.tokens + unseen }, now);
}

function fitsShare(facts: BudgetFacts, spent: SpentByPurpose, { purpose, tokens }: TokenWish, now: number): boolean {
  if (purpose !== 'delta' && purpose !== 'backfill') return true;
  const share = backgroundTokens(facts, now);
  if (spent.delta + spent.backfill + tokens > share) return false;
  return purpose === 'delta' || spent.backfill + tokens <= backfillTokens(share, 1);
}
