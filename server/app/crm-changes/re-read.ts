import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import { reReadJob } from '../crm-change-jobs.ts';
import { considerJob } from '../handoff-jobs.ts';
import type { CrmChange, CrmChangeStore, CrmEntity } from '../ports/crm-changes.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import { findWorkplace } from '../tenant.ts';
import type { ApplyChanges } from './apply-changes.ts';
import { type ReadRecordsDeps, readRecords } from './read-records.ts';
import { type DefectiveRecord, reportDefects, sparing } from './sparing.ts';
import { withMeaning } from './with-meaning.ts';

export interface ReReadDeps extends ReadRecordsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly changes: CrmChangeStore;
  readonly findings: Pick<FindingStore, 'raise' | 'resolve'>;
  readonly jobs: JobQueue;
  readonly applyChanges: ApplyChanges;
}

/** Read together: as many as one question can name (reference pipedrive-api.md, section 4.3). */
const BATCH = 100;
/** After so many the job ends and another goes on: nobody else's work waits for one long run. */
const MOST_BATCHES = 20;

/**
 * Reads the records that deliveries spoke of and does what follows. A change leaves the list only after that, and only
 * if it was not noted anew meanwhile: whatever stops this in between, the next run reads it again.
 */
export function makeReRead(deps: ReReadDeps) {
  return async function reRead(
    id: InstallationId,
    { entity }: { readonly entity: CrmEntity },
    signal: AbortSignal,
  ): Promise<void> {
    if (await waitsForSap(id, entity)) return;
    for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
      const waiting = await deps.unitOfWork.within(id, (tx) => deps.changes.listWaiting(tx, entity, BATCH));
      if (waiting.length === 0) return;
      const defects = await readAll(id, entity, waiting, signal);
      await deps.unitOfWork.within(id, async (tx) => {
        await deps.changes.settle(tx, waiting);
        await reportDefects(deps, tx, entity, defects);
      });
      // Whatever was noted since has a job of its own.
      if (waiting.length < BATCH) return;
    }
    await deps.unitOfWork.within(id, (tx) => deps.jobs.enqueueWithin(tx, reReadJob(tx, entity, deps.clock.now())));
  };

  /** What is SAP's is kept until SAP is connected again: read before, it would come to nothing. */
  async function waitsForSap(id: InstallationId, entity: CrmEntity): Promise<boolean> {
    if (entity === 'deal' || entity === 'user') return false;
    const workplace = await findWorkplace(deps, id);
    return workplace?.settings.crmFieldsAgreed === true && workplace.connection.status !== 'active';
  }

  /**
   * One record that a defect keeps from being dealt with is told, left to the comparison, and holds nothing up. Where none
   * can be dealt with it is no fault of theirs, and the job comes back to them.
   */
  async function readAll(
    id: InstallationId,
    entity: CrmEntity,
    waiting: readonly CrmChange[],
    signal: AbortSignal,
  ): Promise<readonly DefectiveRecord[]> {
    const read = (changes: readonly CrmChange[]) => readBatch(id, entity, changes, signal);
    try {
      await read(waiting);
      return [];
    } catch (error) {
      if (error instanceof AppError || signal.aborted) throw error;
    }
    // Not by halves: each of them is read from Pipedrive again, at one token.
    const defects: DefectiveRecord[] = [];
    for (const change of waiting) defects.push(...(await sparing([change], signal, read)));
    if (defects.length === waiting.length) throw defects[0]?.error;
    return defects;
  }

  async function readBatch(
    id: InstallationId,
    entity: CrmEntity,
    waiting: readonly CrmChange[],
    signal: AbortSignal,
  ): Promise<void> {
    const wanted = await withMeaning(deps, id, entity, waiting);
    if (wanted.length === 0) return;
    const { read, gone, refused } = await readRecords(deps, id, entity, wanted, signal);
    // The loser of a merge first: what it was linked with is the winner's when that is looked at.
    if (gone.length > 0) await deps.applyChanges.applyGone(id, entity, gone, signal);
    if (read.records.length > 0) await deps.applyChanges.applyRead(id, read, signal);
    if (refused.length > 0) await leave(id, entity, refused);
  }

  /** A deal that cannot be read is told by a job of its own; of other records the comparison tells. */
  async function leave(id: InstallationId, entity: CrmEntity, refused: readonly CrmChange[]): Promise<void> {
    deps.logger.warn('Records that changed in Pipedrive cannot be read', {
      installationId: id,
      entity,
      count: refused.length,
    });
    if (entity !== 'deal') return;
    await deps.unitOfWork.within(id, async (tx) => {
      for (const { id: dealId } of refused) await deps.jobs.enqueueWithin(tx, considerJob(tx, dealId));
    });
  }
}
