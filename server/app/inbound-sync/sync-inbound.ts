import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { StreamName } from '../ports/job-queue.ts';
import { itemStream } from './item-stream.ts';
import { partnerStream } from './partner-stream.ts';
import { readCreditEvents } from './read-credit-events.ts';
import { readStream } from './read-stream.ts';
import { findSyncContext, type SyncDeps } from './sync-deps.ts';

/** Reads one stream of one SAP company up to its end. */
export function makeSyncInbound(deps: SyncDeps) {
  return async function syncInbound(
    id: InstallationId,
    job: { connectionId: ConnectionId; stream: StreamName },
    signal: AbortSignal,
  ): Promise<void> {
    const context = await findSyncContext(deps, id, job.connectionId, signal);
    if (!context) return;
    switch (job.stream) {
      case 'partners':
        return readStream(deps, context, partnerStream(deps, context));
      case 'items':
        return readStream(deps, context, itemStream(deps, context));
      case 'credit':
        return readCreditEvents(deps, context);
      default:
        return job.stream satisfies never;
    }
  };
}
