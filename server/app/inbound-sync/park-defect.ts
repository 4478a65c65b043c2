import { AppError } from '../../kernel/errors.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import { givenUpSubject } from '../given-up.ts';
import type { LinkKind } from '../ports/link-store.ts';
import { afterDefect } from './record-refused.ts';
import type { SyncContext, SyncDeps } from './sync-deps.ts';
import type { WriteJob } from './write-batch.ts';

type ParkingDeps = Pick<SyncDeps, 'clock' | 'unitOfWork' | 'links' | 'runs' | 'findings'>;

/**
 * Does a writing job; a record that had a job of its own given up because of a defect, and fails so again, is left to a
 * person instead of coming back for ever.
 */
export async function parkingDefects(
  deps: ParkingDeps,
  context: Pick<SyncContext, 'crmCaller'>,
  job: WriteJob & { readonly connectionId: ConnectionId; readonly givenUp?: number | undefined },
  kind: Extract<LinkKind, 'partner' | 'item'>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const [key, ...more] = job.keys;
    const isForeseen = error instanceof AppError || context.crmCaller.signal.aborted;
    if (isForeseen || !job.givenUp || key === undefined || more.length > 0) throw error;
    await park(deps, context, job, kind, key);
  }
}

async function park(
  deps: ParkingDeps,
  { crmCaller }: Pick<SyncContext, 'crmCaller'>,
  { connectionId, task, runId }: WriteJob & { readonly connectionId: ConnectionId },
  kind: Extract<LinkKind, 'partner' | 'item'>,
  key: string,
): Promise<void> {
  await deps.unitOfWork.within(crmCaller.installationId, async (tx) => {
    const now = deps.clock.now();
    const link = await deps.links.findBySapKey(tx, connectionId, kind, key);
    if (link && link.state !== 'ambiguous') await deps.links.save(tx, connectionId, afterDefect(link));
    await deps.findings.raise(
      tx,
      {
        kind: 'record_refused',
        subject: `${kind}:${key}`,
        message: `SAP ${kind === 'item' ? 'item' : 'customer'} ${key} could not be written to Pipedrive: an unexpected error occurred.`,
        action:
          'It is tried again when it changes in SAP. If it stays, tell support, who can find the error in the log.',
        link: null,
      },
      now,
    );
    await deps.runs.add(tx, runId, { waiting: 1 });
    await deps.runs.finishIfWritten(tx, runId, now);
    await deps.findings.resolve(tx, 'job_exhausted', givenUpSubject(task, connectionId), now);
  });
}
