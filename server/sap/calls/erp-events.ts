import type { ErpEvents } from '../../app/ports/erp-events.ts';
import type { On } from '../on.ts';
import {
  createSubscription,
  deleteSubscription,
  findSubscription,
  hasEvents,
  resumeSubscription,
} from '../resources/event-subscriptions.ts';

export const erpEventCalls = (on: On): ErpEvents => ({
  hasEvents: on(hasEvents),
  findSubscription: on(findSubscription),
  createSubscription: on(createSubscription),
  resumeSubscription: on(resumeSubscription),
  deleteSubscription: on(deleteSubscription),
});
