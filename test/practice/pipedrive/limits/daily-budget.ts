import type { PracticeClock } from '../../kernel/clock.ts';
import type { Plan } from '../options.ts';
import { localDay } from '../times.ts';

const MULTIPLIER: Record<Plan, number> = { lite: 1, growth: 2, premium: 5, ultimate: 7 };

/** The company's tokens of the day, shared by all its users and integrations. */
export interface DailyBudget {
  limit(): number;
  remaining(): number;
  /** Tokens spent today by this app alone, and by everybody. */
  spent(): { app: number; all: number };
  /** Tokens spent by this app since the company was made, over all its midnights. */
  spentEver(): number;
  /** False = the day's budget is used up; nothing is charged then. */
  spend(cost: number): boolean;
  /** Charged although nothing came of the call, up to the end of the budget; a negative cost is given back. */
  charge(cost: number): void;
  /** Milliseconds until the company's next midnight. */
  untilReset(): number;
  /** Tokens that another integration of the same company uses. */
  chargeOtherApp(tokens: number): void;
  setTimeZone(timeZone: string): void;
  setPlan(plan: Plan, seats: number): void;
}

export function createDailyBudget(
  clock: PracticeClock,
  start: { plan: Plan; seats: number; timeZone: string },
): DailyBudget {
  let { plan, seats, timeZone } = start;
  let day = localDay(clock.now(), timeZone);
  let app = 0;
  let others = 0;
  let earlier = 0;
  const turn = () => {
    const today = localDay(clock.now(), timeZone);
    if (today === day) return;
    day = today;
    earlier += app;
    app = 0;
    others = 0;
  };
  const limit = () => 30_000 * MULTIPLIER[plan] * seats;
  const remaining = () => {
    turn();
    return Math.max(0, limit() - app - others);
  };
  return {
    limit,
    remaining,
    spent: () => {
      turn();
      return { app, all: app + others };
    },
    spentEver: () => earlier + app,
    spend: (cost) => {
      if (remaining() === 0) return false;
      app += cost;
      return true;
    },
    charge: (cost) => {
      turn();
      app += Math.min(cost, remaining());
    },
    untilReset: () => untilNextDay(clock.now(), timeZone),
    chargeOtherApp: (tokens) => {
      turn();
      others += tokens;
    },
    setTimeZone: (zone) => {
      timeZone = zone;
    },
    setPlan: (newPlan, newSeats) => {
      plan = newPlan;
      seats = newSeats;
    },
  };
}

const STEP_MS = 15 * 60_000;

/** In steps of a quarter of an hour, since every zone's midnight falls on one. */
function untilNextDay(now: number, timeZone: string): number {
  const today = localDay(now, timeZone);
  let at = Math.floor(now / STEP_MS) * STEP_MS;
  while (localDay(at, timeZone) === today) at += STEP_MS;
  return at - now;
}
