import { after, type Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { DeliveryReplayStore } from '../ports/delivery-replay-store.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';

/**
 * So long what arrived is kept as it came. One that was not processed by then goes as well: it is a hint about a record
 * that has been read many times since.
 */
export const DELIVERIES_KEPT_MS = 14 * 86_400_000;
/** In one transaction, so that no lock is held for long. */
const AT_ONCE = 2_000;

export interface PurgeDeliveriesDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly storedDeliveries: Pick<DeliveryReplayStore, 'purge'>;
}

/** Removes the deliveries of an installation that were kept long enough. Safe to run again at any point. */
export function makePurgeDeliveries({ clock, unitOfWork, storedDeliveries }: PurgeDeliveriesDeps) {
  return async function purgeDeliveries(id: InstallationId, signal: AbortSignal): Promise<void> {
    const before = after(clock.now(), -DELIVERIES_KEPT_MS);
    let removed = AT_ONCE;
    while (removed === AT_ONCE) {
      signal.throwIfAborted();
      removed = await unitOfWork.within(id, (tx) => storedDeliveries.purge(tx, before, AT_ONCE));
    }
  };
}
