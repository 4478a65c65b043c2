import type { ErrorBody, MoneyView, ProblemView, Section } from '../../../server/contract/common.ts';
import {
  decimal,
  either,
  exactly,
  flag,
  type Guard,
  instant,
  list,
  nullable,
  object,
  optional,
  text,
} from './guard.ts';

export const isMoney = object<MoneyView>({ amount: decimal, currency: text });

export const isProblem = object<ProblemView>({ code: text, message: text, at: optional(text) });

export const isErrorBody = object<ErrorBody>({
  kind: text,
  message: text,
  problems: list(isProblem),
  requestId: text,
  retryAt: optional(instant),
  budget: optional(object<NonNullable<ErrorBody['budget']>>({ startsAnewAt: nullable(instant), startIsKnown: flag })),
  reason: optional(exactly('account_closed', 'install_again')),
});

export function isSection<T>(data: Guard<T>): Guard<Section<T>> {
  const ready = object<Extract<Section<T>, { status: 'ready' }>>({ status: exactly('ready'), data, asOf: instant });
  const stale = object<Extract<Section<T>, { status: 'stale' }>>({
    status: exactly('stale'),
    data,
    asOf: instant,
    reason: text,
  });
  const unavailable = object<Extract<Section<T>, { status: 'unavailable' }>>({
    status: exactly('unavailable'),
    reason: text,
  });
  const notLinked = object<Extract<Section<T>, { status: 'not_linked' }>>({
    status: exactly('not_linked'),
    reason: text,
  });
  return either(either(ready, stale), either(unavailable, notLinked));
}
