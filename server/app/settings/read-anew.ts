import type { ConnectionId } from '../../kernel/ids.ts';
import type { JobQueue, StreamName } from '../ports/job-queue.ts';
import type { CursorStore } from '../ports/sync-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { syncJob } from '../sync-jobs.ts';

/** All records are read once more, by key; what is unchanged is not written. Nothing to do before a first load has begun. */
export async function readAnew(
  { cursors, jobs }: { readonly cursors: CursorStore; readonly jobs: JobQueue },
  tx: Tx,
  connectionId: ConnectionId,
  streams: readonly StreamName[],
): Promise<void> {
  for (const stream of streams) {
    if (await cursors.restart(tx, connectionId, stream)) await jobs.enqueueWithin(tx, syncJob(connectionId, stream));
  }
}
