import { after, type Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import { reReadJob } from '../crm-change-jobs.ts';
import type { CrmChangeStore } from '../ports/crm-changes.ts';
import type { DeliveryStore } from '../ports/delivery-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import { type SuspectFailuresDeps, suspectFailures } from '../suspect-gap.ts';
import { changeHints } from './change-hints.ts';
import { type DeliveryEvent, readDelivery } from './delivery-reader.ts';

export interface ProcessDeliveryDeps extends SuspectFailuresDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly deliveries: DeliveryStore;
  readonly changes: CrmChangeStore;
  readonly jobs: JobQueue;
}

/** A repeat that came longer ago is replayed: whatever failed then has been looked for. */
const NEWS_MS = 10 * 60_000;
const OBJECT = /^[a-z_]+$/;

/**
 * Turns one stored delivery into changes that wait to be read; nothing in it is taken for true. One that is
 * repeated shows that deliveries failed.
 */
export function makeProcessDelivery(deps: ProcessDeliveryDeps) {
  return async function processDelivery(id: InstallationId, deliveryId: string): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const delivery = await deps.deliveries.find(tx, deliveryId);
      if (delivery?.state !== 'new') return;
      const now = deps.clock.now();
      const event = readDelivery(delivery.body);
      const hints = event ? changeHints(event) : [];
      await deps.changes.note(tx, hints, now);
      for (const entity of new Set(hints.map((hint) => hint.entity))) {
        await deps.jobs.enqueueWithin(tx, reReadJob(tx, entity, now));
      }
      await deps.deliveries.setState(
        tx,
        deliveryId,
        event ? 'processed' : 'unreadable',
        now,
        event ? objectOf(event) : null,
      );
      if (event?.isRepeat && after(delivery.receivedAt, NEWS_MS) > now) await suspectFailures(deps, tx);
    });
  };
}

/** Anybody who knows the address may write there what they like. */
function objectOf({ entity }: DeliveryEvent): string {
  return OBJECT.test(entity) ? entity : 'other';
}
