import type { TokenDay, TokenSum } from './token-budget.ts';

/** Who has used the day, as people are told: one bar in five parts. */
export type UseClass = 'people' | 'status' | 'sync' | 'first_load' | 'others';

/** What can be slowed or spared by itself. */
export type UseStream = 'people' | 'status' | 'prices' | 'customers' | 'changes' | 'first_load' | 'others';

export interface Use<Name> {
  readonly name: Name;
  readonly tokens: number;
}

/** What is not one of these is one of three kinds of changes. */
const CLASSES = {
  order: 'people',
  person: 'people',
  status: 'status',
  delta: 'sync',
  backfill: 'first_load',
} as const satisfies Record<TokenSum['purpose'], UseClass>;

type Used = Pick<TokenDay, 'spent' | 'othersSpent'>;

/** All five, in the order of the rules: who goes first stands first. */
export function classesOf(day: Used): readonly Use<UseClass>[] {
  const sums: Record<UseClass, number> = { people: 0, status: 0, sync: 0, first_load: 0, others: day.othersSpent ?? 0 };
  for (const { purpose, tokens } of day.spent) sums[CLASSES[purpose]] += tokens;
  const names = ['people', 'status', 'sync', 'first_load', 'others'] as const;
  return names.map((name) => ({ name, tokens: sums[name] }));
}

/** What used anything, the most first. */
export function streamsOf(day: Used): readonly Use<UseStream>[] {
  const sums = new Map<UseStream, number>([['others', day.othersSpent ?? 0]]);
  for (const sum of day.spent) {
    const name = streamOf(sum);
    sums.set(name, (sums.get(name) ?? 0) + sum.tokens);
  }
  return [...sums]
    .map(([name, tokens]) => ({ name, tokens }))
    .filter(({ tokens }) => tokens > 0)
    .sort((one, other) => other.tokens - one.tokens);
}

/** By the names of operations, e.g. `updateProduct`, `listPersons`; a deal's lines are no products here. */
function streamOf({ purpose, operation }: TokenSum): UseStream {
  if (purpose !== 'delta') return CLASSES[purpose];
  if (/products?$/i.test(operation)) return 'prices';
  if (/(organization|person)s?$/i.test(operation)) return 'customers';
  return 'changes';
}

/** Spent by all, as far as it was told. */
export function usedOf({ budget, remaining, spent, othersSpent }: TokenDay): number {
  if (budget !== null && remaining !== null) return Math.max(0, budget - remaining);
  return spent.reduce((sum, { tokens }) => sum + tokens, othersSpent ?? 0);
}
