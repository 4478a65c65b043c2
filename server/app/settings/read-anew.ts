import type { ConnectionId } from '../../kernel/ids.ts';
import type { JobQueue, StreamName } from '../ports/job-queue.ts';
import type { LinkStore } from '../ports/link-store.ts';
import type { CursorStore } from '../ports/sync-store.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { syncJob } from '../sync-jobs.ts';

/**
 * All records are read once more, by key; what is unchanged is not written, what was refused is tried again. Nothing to do
 * before a first load has begun.
 */
export async function readAnew(
  { cursors, jobs, links }: { readonly cursors: CursorStore; readonly jobs: JobQueue; readonly links: LinkStore },
  tx: Tx,
  connectionId: ConnectionId,
  streams: readonly StreamName[],
): Promise<void> {
  await links.forgetRefusals(tx, connectionId);
  for (const stream of streams) {
    if (await cursors.restart(tx, connectionId, stream)) await jobs.enqueueWithin(tx, syncJob(connectionId, stream));
  }
}
