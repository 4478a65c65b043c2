import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { StreamName } from '../ports/job-queue.ts';
import { forStream } from './first-load.ts';
import { itemStream } from './item-stream.ts';
import { partnerStream } from './partner-stream.ts';
import { readCreditEvents } from './read-credit-events.ts';
import { readStream } from './read-stream.ts';
import { reconsider } from './reconsider.ts';
import { findSyncContext, type SyncContext, type SyncDeps } from './sync-deps.ts';

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
        return syncPartners(await forStream(deps, context, job.stream));
      case 'items':
        return syncItems(await forStream(deps, context, job.stream));
      case 'credit':
        return readCreditEvents(deps, context);
      default:
        return job.stream satisfies never;
    }
  };

  async function syncPartners(context: SyncContext): Promise<void> {
    const stream = partnerStream(deps, context);
    await readStream(deps, context, stream);
    await reconsider(deps, context, 'partner', stream, (keys) => deps.erp.getPartners(context.erpCaller, keys));
  }

  async function syncItems(context: SyncContext): Promise<void> {
    const stream = itemStream(deps, context);
    await readStream(deps, context, stream);
    await reconsider(deps, context, 'item', stream, (keys) => deps.erp.getItems(context.erpCaller, keys));
  }
}
