import { z } from 'zod';
import { Instant } from './common.ts';

const Plan = z.enum(['lite', 'growth', 'premium', 'ultimate']);

/** Body of `POST /api/settings/tokens`. */
export const TokenSettingsBody = z.strictObject({
  /** What the company pays Pipedrive for; null: not said. */
  stated: z
    .strictObject({
      plan: Plan,
      seats: z.int('Enter a whole number').min(1, 'Enter at least one seat').max(10_000, 'Enter at most 10,000 seats'),
    })
    .nullable(),
  /** Percent of the day that background work may take. */
  backgroundPercent: z.int('Enter a whole number').min(10, 'Enter at least 10').max(80, 'Enter at most 80'),
});
export type TokenSettingsBody = z.infer<typeof TokenSettingsBody>;

/** The company's day in Pipedrive's tokens, as the settings show it. */
export const TokensView = z.object({
  /** By this app. */
  spentToday: z.number(),
  dailyLimit: z.number().nullable(),
  /** For all apps, as far as can be told. */
  remaining: z.number().nullable(),
  /** Where `dailyLimit` comes from: Pipedrive's answers, an admin, or plan and users as they were noticed. */
  source: z.enum(['told', 'stated', 'learnt', 'unknown']),
  /** Who goes first stands first. */
  classes: z.array(
    z.object({ name: z.enum(['people', 'status', 'sync', 'first_load', 'others']), tokens: z.number() }),
  ),
  /** False: what other apps use is not known, and nothing is shown for them. */
  othersKnown: z.boolean(),
  /** Null: nothing is kept, since the limit is a guess or not known. */
  keptForOrders: z.number().nullable(),
  /** What first loads may take of a day. */
  firstLoadPerDay: z.number().nullable(),
  startsAnewAt: Instant,
  /** False: Pipedrive has not shown yet, to the hour, when its day begins. */
  startIsKnown: z.boolean(),
  /** Where the day ends up at this pace; null where too little is known. */
  forecast: z
    .object({
      endsAt: Instant.nullable(),
      ordersOnlyFrom: Instant.nullable(),
      /** Percent of the day that will be used when it ends. */
      usedInTheEnd: z.number(),
    })
    .nullable(),
  /** What used most, and its part of all that was used; null: nothing was used. */
  heaviest: z
    .object({
      name: z.enum(['people', 'status', 'prices', 'customers', 'changes', 'first_load', 'others']),
      percent: z.number(),
    })
    .nullable(),
  stated: z.object({ plan: Plan, seats: z.number() }).nullable(),
  learnt: z.object({ plan: Plan.nullable(), seats: z.number().nullable() }),
  backgroundPercent: z.number(),
  /** Nothing is asked of Pipedrive until then: the day is used up, or Pipedrive's own protection has shut the app out. */
  shut: z.object({ reason: z.enum(['day', 'guard', 'account']), until: Instant }).nullable(),
  /** What a job would cost, in tokens; null: nothing to do it with. */
  quotes: z.object({ allPrices: z.number().nullable(), comparison: z.number().nullable() }),
});
export type TokensView = z.infer<typeof TokensView>;
