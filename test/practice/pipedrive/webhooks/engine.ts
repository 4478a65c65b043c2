import type { MovablePracticeClock } from '../../kernel/clock.ts';
import type { CompanyState } from '../company/state.ts';
import type { IdMaker } from '../ids.ts';
import type { ChangeEvent, HookRecord } from '../records.ts';
import { createDeliveryFaultBoard, type DeliveryFaultBoard } from './delivery-faults.ts';
import { isBanned, isSuccess, recordAttempt, removeIfDead } from './hook-health.ts';
import { payloadV1, v1Action } from './payload-v1.ts';
import { type EventStamp, payloadV2 } from './payload-v2.ts';
import { sendDelivery } from './send.ts';

/** Waits before the second, third and fourth attempt. */
const RETRY_AFTER_MS = [3_000, 30_000, 150_000];
const POLL_MS = 200;

export interface SentDelivery {
  companyId: number;
  hookId: number;
  eventId: string;
  object: string;
  action: string;
  entityId: number;
  attempt: number;
  /** Null = no answer within ten seconds, or lost on the way. */
  status: number | null;
  body: string;
  /** Epoch milliseconds on the practice clock. */
  at: number;
}

interface Delivery {
  company: CompanyState;
  hookId: number;
  event: ChangeEvent;
  stamp: EventStamp;
  attempt: number;
  /** Epoch milliseconds; Infinity = until another delivery has gone. */
  dueAt: number;
  body?: string;
  wrongCredentials: boolean;
}

export interface WebhookEngine {
  readonly faults: DeliveryFaultBoard;
  emit(company: CompanyState, event: ChangeEvent): void;
  /** Every attempt so far, oldest first. */
  sent(): readonly SentDelivery[];
  /** Resolves when nothing is on its way any more; retries that are not due do not count. */
  settled(): Promise<void>;
  /** Sends what waits (retries, delayed, held) now, whatever the clock says. */
  flush(): Promise<void>;
  /** Deliveries that wait for their time. */
  waiting(): number;
  close(): Promise<void>;
}

export function createWebhookEngine(clock: MovablePracticeClock, ids: IdMaker): WebhookEngine {
  const faults = createDeliveryFaultBoard();
  const sent: SentDelivery[] = [];
  const inFlight = new Set<Promise<void>>();
  let waiting: Delivery[] = [];
  let closed = false;

  const run = (delivery: Delivery) => {
    const done = attemptDelivery(delivery).finally(() => inFlight.delete(done));
    inFlight.add(done);
  };

  const attemptDelivery = async (delivery: Delivery) => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const { company, event, stamp, attempt } = delivery;
    const hook = company.hooks.get(delivery.hookId);
    if (!hook || closed) return;
    const body = delivery.body ?? JSON.stringify(payloadOf(company, hook, event, stamp, attempt));
    const outage = faults.outageOf({ company: company.id, object: event.object, action: event.action });
    const { wrongCredentials } = delivery;
    const status = outage ? outage.status : await sendDelivery(company, hook, body, { wrongCredentials });
    sent.push(recordOf(delivery, body, status, clock.now()));
    recordAttempt(company, hook, attempt, status);
    releaseHeld(company.id, delivery);
    const wait = RETRY_AFTER_MS[attempt - 1];
    if (isSuccess(status) || wait === undefined) return;
    const again = company.switches.eventIdsStay ? stamp : { ...stamp, eventId: ids.uuid() };
    waiting.push({ ...delivery, stamp: again, attempt: attempt + 1, dueAt: clock.now() + wait });
  };

  const releaseHeld = (companyId: number, sentOne: Delivery) => {
    for (const held of waiting) {
      if (held.dueAt === Number.POSITIVE_INFINITY && held.company.id === companyId && held !== sentOne) held.dueAt = 0;
    }
    sendDue();
  };

  const sendDue = () => {
    const now = clock.now();
    const due = waiting.filter(({ dueAt }) => dueAt <= now);
    waiting = waiting.filter(({ dueAt }) => dueAt > now);
    for (const delivery of due) run(delivery);
  };

  const start = (delivery: Delivery) => {
    const { company, event } = delivery;
    const fault = faults.strike({ company: company.id, object: event.object, action: event.action });
    if (!fault) return run(delivery);
    if (fault.kind === 'lose') {
      sent.push(recordOf(delivery, '', null, clock.now()));
    } else if (fault.kind === 'double') {
      run(delivery);
      run(delivery);
    } else if (fault.kind === 'delay') {
      waiting.push({ ...delivery, dueAt: clock.now() + fault.ms });
    } else if (fault.kind === 'reorder') {
      waiting.push({ ...delivery, dueAt: Number.POSITIVE_INFINITY });
    } else if (fault.kind === 'body') {
      run({ ...delivery, body: fault.body });
    } else {
      run({ ...delivery, wrongCredentials: true });
    }
  };

  const settled = async () => {
    while (inFlight.size > 0) await Promise.all(inFlight);
  };

  const poll = setInterval(sendDue, POLL_MS);
  poll.unref();
  const stopListening = clock.onMove(sendDue);

  return {
    faults,
    emit: (company, event) => {
      const stamp = { eventId: ids.uuid(), correlationId: ids.uuid(), at: clock.now() };
      for (const hook of [...company.hooks.values()]) {
        removeIfDead(company, hook);
        if (!wants(hook, event) || isBanned(company, hook)) continue;
        start({ company, hookId: hook.id, event, stamp, attempt: 1, dueAt: 0, wrongCredentials: false });
      }
    },
    sent: () => sent,
    settled,
    flush: async () => {
      await settled();
      const all = waiting;
      waiting = [];
      for (const delivery of all) run(delivery);
      await settled();
    },
    waiting: () => waiting.length,
    close: async () => {
      closed = true;
      clearInterval(poll);
      stopListening();
      waiting = [];
      await settled();
    },
  };
}

function wants(hook: HookRecord, event: ChangeEvent): boolean {
  if (!event.permittedUserIds.includes(hook.user_id)) return false;
  if (hook.version === '1.0' && event.object === 'deal_product') return false;
  if (hook.event_object !== '*' && hook.event_object !== event.object) return false;
  return ['*', event.action, v1Action(event)].includes(hook.event_action);
}

function payloadOf(company: CompanyState, hook: HookRecord, event: ChangeEvent, stamp: EventStamp, attempt: number) {
  return hook.version === '1.0'
    ? payloadV1(company, hook, event, stamp, attempt)
    : payloadV2(company, hook, event, stamp, attempt);
}

function recordOf(delivery: Delivery, body: string, status: number | null, at: number): SentDelivery {
  const { company, hookId, event, stamp, attempt } = delivery;
  const { object, action, id: entityId } = event;
  return { companyId: company.id, hookId, eventId: stamp.eventId, object, action, entityId, attempt, status, body, at };
}
