import type { RemovalView } from '../../../server/contract/removal.ts';
import { exactly, instant, list, nullable, object, text } from './guard.ts';

export const isRemoval = object<RemovalView>({
  state: exactly('none', 'running'),
  companyName: text,
  askedAt: nullable(instant),
  steps: list(
    object<RemovalView['steps'][number]>({
      step: exactly('webhooks', 'sap_events', 'access', 'data'),
      state: exactly('waiting', 'done', 'left'),
      sentence: text,
    }),
  ),
});
