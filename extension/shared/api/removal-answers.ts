import type { RemovalView } from '../../../server/contract/removal.ts';
import { exactly, flag, instant, list, nullable, object, text } from './guard.ts';

export const isRemoval = object<RemovalView>({
  state: exactly('none', 'running'),
  companyName: text,
  askedAt: nullable(instant),
  steps: list(
    object<RemovalView['steps'][number]>({
      step: exactly('webhooks', 'sap_events', 'access', 'data'),
      done: flag,
      sentence: text,
    }),
  ),
});
