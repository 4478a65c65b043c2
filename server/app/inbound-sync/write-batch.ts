import { enqueueWrites, type StampedStream } from './read-stream.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';

export type WriteOutcome = 'written' | 'unchanged' | 'waiting';

/**
 * Writes records one by one and counts each once. When one cannot be written now, the rest goes into a job of its own,
 * which fails, and waits, at its first record: nothing that is done is done or counted again.
 * @throws whatever the first record throws
 */
export async function writeBatch<Row>(
  deps: SyncDeps,
  context: SyncContext,
  job: { readonly task: StampedStream<unknown>['writeTask']; readonly keys: readonly string[]; readonly runId: string },
  rows: readonly Row[],
  write: { keyOf(row: Row): string; one(row: Row): Promise<WriteOutcome> },
): Promise<void> {
  const { installationId } = context.crmCaller;
  const vanished = job.keys.length - rows.length;
  for (const [index, row] of rows.entries()) {
    try {
      const outcome = await write.one(row);
      await deps.unitOfWork.within(installationId, (tx) => deps.runs.add(tx, job.runId, { [outcome]: 1 }));
    } catch (error) {
      if (index === 0) throw error;
      const rest = rows.slice(index).map((one) => write.keyOf(one));
      return deps.unitOfWork.within(installationId, async (tx) => {
        if (vanished > 0) await deps.runs.add(tx, job.runId, { unchanged: vanished });
        await enqueueWrites(deps, tx, context, job.task, rest, job.runId);
      });
    }
  }
  await deps.unitOfWork.within(installationId, async (tx) => {
    if (vanished > 0) await deps.runs.add(tx, job.runId, { unchanged: vanished });
    await deps.runs.finishIfWritten(tx, job.runId, deps.clock.now());
  });
}
