import type { Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { considerJob } from '../handoff-jobs.ts';
import type { DeliveryStore } from '../ports/delivery-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { type DeliveryEvent, readDelivery } from './delivery-reader.ts';

export interface ProcessDeliveryDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly deliveries: DeliveryStore;
  readonly jobs: JobQueue;
}

/** Turns one stored delivery into work on the record it names. */
export function makeProcessDelivery(deps: ProcessDeliveryDeps) {
  return async function processDelivery(id: InstallationId, deliveryId: string): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const delivery = await deps.deliveries.find(tx, deliveryId);
      if (delivery?.state !== 'new') return;
      const event = readDelivery(delivery.body);
      if (event?.entity === 'deal') await considerDeal(tx, event);
      await deps.deliveries.setState(tx, deliveryId, event ? 'processed' : 'unreadable', deps.clock.now());
    });
  };

  async function considerDeal(tx: Tx, event: DeliveryEvent): Promise<void> {
    for (const text of new Set([event.entityId, event.mergedInto])) {
      const dealId = Number(text);
      if (text === null || !Number.isSafeInteger(dealId) || dealId <= 0) continue;
      await deps.jobs.enqueueWithin(tx, considerJob(tx, dealId));
    }
  }
}
