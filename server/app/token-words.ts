import type { AlertLevel } from '../domain/token-alerts.ts';
import { type BudgetFacts, type CrmPlan, keptForOrders, ofPlan, type TokenDay } from '../domain/token-budget.ts';
import { streamsOf, type UseStream, usedOf } from '../domain/token-use.ts';

const STREAMS: Readonly<Record<UseStream, string>> = {
  people: 'orders and what people look at',
  status: 'order status and upkeep of the link',
  prices: 'items and prices from SAP',
  customers: 'customers and contacts from SAP',
  changes: 'reading what changed in Pipedrive',
  first_load: 'first loads and full comparisons',
  others: 'other apps',
};

const SHARE = 'lower the share for background work in the app settings';

/** How what used most can be slowed. */
const SLOWER: Readonly<Record<UseStream, string>> = {
  people: 'That is people at work; nothing here should be slowed.',
  status: 'That follows the orders and keeps the link to Pipedrive alive; nothing here should be slowed.',
  prices: `To slow it, ${SHARE}; prices then arrive later.`,
  customers: `To slow it, ${SHARE}; changes of customers then arrive later.`,
  changes: `Large edits and imports in Pipedrive cause it: make them in the evening, or ${SHARE}.`,
  first_load: `It comes once. To slow it, ${SHARE}; it then takes more days.`,
  others: 'To slow them, ask whoever looks after the other apps that use Pipedrive.',
};

const PLANS: readonly { readonly plan: CrmPlan; readonly name: string }[] = [
  { plan: 'lite', name: 'Lite' },
  { plan: 'growth', name: 'Growth' },
  { plan: 'premium', name: 'Premium' },
  { plan: 'ultimate', name: 'Ultimate' },
];

const counted = new Intl.NumberFormat('en-GB');
const MOST_NAMED = 3;
const NO_BREAK_SPACE = '\u00a0';

/** @returns e.g. `23:00 UTC`: whoever reads it later may be anywhere */
const timeOf = (at: Date): string => `${at.toISOString().slice(11, 16)} UTC`;

/** For a finding. */
export function alertWords(
  level: AlertLevel,
  day: TokenDay,
  { facts, startsAnewAt }: { readonly facts: BudgetFacts; readonly startsAnewAt: Date },
): { readonly message: string; readonly action: string } {
  const advice = [usedBy(day), slower(day), larger(day, facts)].filter((part) => part !== '');
  return { message: alertMessage(level, day, startsAnewAt), action: advice.join(' ') };
}

function alertMessage(level: AlertLevel, day: TokenDay, startsAnewAt: Date): string {
  if (level === 100) return usedUp(day, startsAnewAt);
  const figures = day.budget === null ? '' : `: ${counted.format(usedOf(day))} of ${counted.format(day.budget)} tokens`;
  const waits = ' What is left is kept for orders: panels and order status wait; orders go on.';
  const effect = level >= 80 && keptForOrders(day) > 0 ? waits : '';
  return `${level} % of today’s Pipedrive budget is used${figures}.${effect}`;
}

/** Only where Pipedrive refuses does everything wait (see `mayTake`). */
function usedUp(day: TokenDay, startsAnewAt: Date): string {
  const isRefused = day.shut?.reason === 'day';
  if (!isRefused && keptForOrders(day) === 0) {
    return 'Judged by plan and users, today’s Pipedrive budget is used up. People and orders go on until Pipedrive itself refuses.';
  }
  const who = isRefused ? 'Everything waits' : 'Orders are still tried; the rest waits';
  const at = `${day.startIsKnown ? 'at' : 'at about'} ${timeOf(startsAnewAt)}`;
  return `Today’s Pipedrive budget is used up. ${who} and goes on by itself once it starts anew, ${at}.`;
}

/** For a person who waits for an answer. */
export function spentWords(day: TokenDay): string {
  const isEmpty = day.shut?.reason === 'day' || day.remaining === 0;
  const what = isEmpty
    ? 'Pipedrive gives all apps of your company one budget a day, and today’s is used up.'
    : 'What is left of today’s Pipedrive budget is kept for orders.';
  return [what, usedBy(day)].filter((part) => part !== '').join(' ');
}

function usedBy(day: TokenDay): string {
  const used = usedOf(day);
  const parts = streamsOf(day)
    .map(({ name, tokens }) => ({ name, percent: Math.min(100, Math.round((tokens / used) * 100)) }))
    .filter(({ percent }) => percent >= 1)
    .slice(0, MOST_NAMED)
    .map(({ name, percent }) => `${STREAMS[name]} ${percent}${NO_BREAK_SPACE}%`);
  return parts.length === 0 ? '' : `Used by ${parts.join(', ')}.`;
}

function slower(day: TokenDay): string {
  const [most] = streamsOf(day);
  return most ? SLOWER[most.name] : '';
}

/** What another seat or plan would change (reference pipedrive-api.md, section 2.1). */
function larger(day: TokenDay, { statedPlan, statedSeats, learntPlan, learntSeats }: BudgetFacts): string {
  const isTold = day.budgetSource === 'told';
  // Where Pipedrive tells another limit than plan and seats make, what was said of them is not so.
  const fits = statedPlan && statedSeats && (!isTold || ofPlan(statedPlan, statedSeats) === day.budget);
  const plan = fits ? statedPlan : learntPlan;
  const seats = fits ? statedSeats : learntSeats;
  if (!plan || !seats) {
    return day.budget === null ? 'Say in the app settings which plan and how many seats you have.' : '';
  }
  const seat = `One more seat in Pipedrive would add ${counted.format(ofPlan(plan, 1))} tokens a day`;
  const next = PLANS[PLANS.findIndex((one) => one.plan === plan) + 1];
  const inAll = next ? ofPlan(next.plan, seats) : 0;
  // Where Pipedrive tells of more than that, plan and seats are not what they were taken for.
  if (!next || inAll <= (day.budget ?? 0)) return `${seat}.`;
  return `${seat}; the plan ${next.name} would give ${counted.format(inAll)} in all.`;
}
