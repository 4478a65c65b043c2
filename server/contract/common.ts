import { z } from 'zod';

/** A decimal number as text, e.g. `-12.50`. */
export const DecimalText = z.string().regex(/^-?\d+(\.\d+)?$/);
export const CurrencyCode = z.string().min(1).max(8);
export const DateText = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
export const Instant = z.iso.datetime();

export const MoneyView = z.object({ amount: DecimalText, currency: CurrencyCode });
export type MoneyView = z.infer<typeof MoneyView>;

/** One thing that is wrong, in words for the person who reads it. */
export const ProblemView = z.object({ code: z.string(), message: z.string(), at: z.string().optional() });
export type ProblemView = z.infer<typeof ProblemView>;

/** How every error is answered (media type `application/problem+json`). `requestId` is what support asks for. */
export const ErrorBody = z.object({
  kind: z.string(),
  /** A plain sentence for the person at the screen. */
  message: z.string(),
  problems: z.array(ProblemView),
  requestId: z.string(),
  /** When it makes sense to try again. */
  retryAt: Instant.optional(),
  /** The company's Pipedrive budget of the day is used up; when it starts anew (about then, where that is not known), null where nobody can say. */
  budget: z.object({ startsAnewAt: Instant.nullable(), startIsKnown: z.boolean() }).optional(),
  /**
   * Where no pause helps by itself: the company's Pipedrive account is not open, or Pipedrive no longer accepts the app for
   * this person, who installs it again.
   */
  reason: z.enum(['account_closed', 'install_again']).optional(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

/**
 * A part of a view. `ready` was read just now; `stale` is the last known figure and says how old it is; `unavailable` says
 * why there is nothing; `not_linked` says what is missing.
 */
export function section<T extends z.ZodType>(data: T) {
  return z.discriminatedUnion('status', [
    z.object({ status: z.literal('ready'), data, asOf: Instant }),
    z.object({ status: z.literal('stale'), data, asOf: Instant, reason: z.string() }),
    z.object({ status: z.literal('unavailable'), reason: z.string() }),
    z.object({ status: z.literal('not_linked'), reason: z.string() }),
  ]);
}
export type Section<T> =
  | { status: 'ready'; data: T; asOf: string }
  | { status: 'stale'; data: T; asOf: string; reason: string }
  | { status: 'unavailable'; reason: string }
  | { status: 'not_linked'; reason: string };
