import type { TokensView } from '../../../server/contract/tokens.ts';
import { count, exactly, flag, instant, list, nullable, object } from './guard.ts';

const plan = exactly('lite', 'growth', 'premium', 'ultimate');

export const isTokens = object<TokensView>({
  spentToday: count,
  dailyLimit: nullable(count),
  remaining: nullable(count),
  source: exactly('told', 'stated', 'learnt', 'unknown'),
  classes: list(
    object<TokensView['classes'][number]>({
      name: exactly('people', 'status', 'sync', 'first_load', 'others'),
      tokens: count,
    }),
  ),
  othersKnown: flag,
  keptForOrders: nullable(count),
  firstLoadPerDay: nullable(count),
  startsAnewAt: instant,
  startIsKnown: flag,
  forecast: nullable(
    object<NonNullable<TokensView['forecast']>>({
      endsAt: nullable(instant),
      ordersOnlyFrom: nullable(instant),
      usedInTheEnd: count,
    }),
  ),
  heaviest: nullable(
    object<NonNullable<TokensView['heaviest']>>({
      name: exactly('people', 'status', 'prices', 'customers', 'changes', 'first_load', 'others'),
      percent: count,
    }),
  ),
  stated: nullable(object<NonNullable<TokensView['stated']>>({ plan, seats: count })),
  learnt: object<TokensView['learnt']>({ plan: nullable(plan), seats: nullable(count) }),
  backgroundPercent: count,
  shut: nullable(
    object<NonNullable<TokensView['shut']>>({ reason: exactly('day', 'guard', 'account'), until: instant }),
  ),
  quotes: object<TokensView['quotes']>({ allPrices: nullable(count), comparison: nullable(count) }),
});
