import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { ReceiverMarks } from '../ports/receiver-marks.ts';

export interface WatchReceiverDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly receiverMarks: ReceiverMarks;
  /** Plans that all lists are read, for every installation. */
  readonly suspectGaps: () => Promise<void>;
}

/** After so long Pipedrive has given up repeating a notification (reference pipedrive-api.md, section 3.4: 3, 30, 150 s). */
const REPEATED_FOR_MS = 150_000;

/**
 * To be called every half minute by a process that takes notifications, and once when it begins to. Where no process has
 * done so for longer than Pipedrive repeats, notifications are lost, and all lists are read by their changes.
 */
export function makeWatchReceiver(deps: WatchReceiverDeps) {
  return async function watchReceiver(): Promise<void> {
    const last = await deps.receiverMarks.last();
    const now = deps.clock.now();
    const silentMs = last ? Math.abs(now.getTime() - last.getTime()) : 0;
    if (silentMs > REPEATED_FOR_MS) {
      deps.logger.warn('No notifications were taken for a while; what was missed is read', { silentMs });
      // Before the mark: a process that ends in between leaves the gap to be found again.
      await deps.suspectGaps();
    }
    await deps.receiverMarks.set(deps.clock.now());
  };
}
