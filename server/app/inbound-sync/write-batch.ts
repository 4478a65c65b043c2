import { givenUpSubject } from '../given-up.ts';
import { enqueueWrites, type StampedStream } from './read-stream.ts';
import { chunks, type SyncContext, type SyncDeps } from './sync-deps.ts';

export type WriteOutcome = 'written' | 'unchanged' | 'waiting';

export interface WriteJob {
  readonly task: StampedStream<unknown>['writeTask'];
  readonly keys: readonly string[];
  readonly runId: string;
}

/** Records written side by side: enough to hide the waiting, few enough to leave Pipedrive's slots to people. */
const SIDE_BY_SIDE = 3;

/**
 * Writes records and counts each once. When some cannot be written now, they and the rest go into a job of their own,
 * which fails, and waits, at its first records: nothing that is done is done or counted again.
 * @throws the error when not even one record could be written
 */
export async function writeBatch<Row>(
  deps: SyncDeps,
  context: SyncContext,
  job: WriteJob,
  rows: readonly Row[],
  write: { keyOf(row: Row): string; one(row: Row): Promise<WriteOutcome> },
): Promise<void> {
  const { installationId } = context.crmCaller;
  const left: Row[] = [...rows];
  const counts = { written: 0, waiting: 0, unchanged: job.keys.length - rows.length };
  let failure: { error: unknown } | undefined;
  for (const group of chunks(rows, SIDE_BY_SIDE)) {
    const outcomes = await Promise.allSettled(group.map((row) => write.one(row)));
    for (const [index, outcome] of outcomes.entries()) {
      const row = group[index];
      if (outcome.status === 'rejected') failure ??= { error: outcome.reason };
      else if (row !== undefined) {
        counts[outcome.value] += 1;
        left.splice(left.indexOf(row), 1);
      }
    }
    if (failure) break;
  }
  if (failure && left.length === rows.length) throw failure.error;
  await deps.unitOfWork.within(installationId, async (tx) => {
    await deps.runs.add(tx, job.runId, counts);
    await enqueueWrites(
      deps,
      tx,
      context,
      job.task,
      left.map((row) => write.keyOf(row)),
      job.runId,
    );
    if (left.length > 0) return;
    const now = deps.clock.now();
    await deps.runs.finishIfWritten(tx, job.runId, now);
    const { id } = context.workplace.connection;
    await deps.findings.resolve(tx, 'job_exhausted', givenUpSubject(job.task, id), now);
  });
}
