import type { ApproveComparisonBody } from '../../contract/settings.ts';
import type { Clock } from '../../kernel/clock.ts';
import { compareJob } from '../crm-reading-jobs.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import { COMPARED, type CrmComparisonStore } from '../ports/crm-comparisons.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';

export interface ApproveComparisonDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly comparisons: CrmComparisonStore;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
}

/**
 * An admin says that what a comparison did not find is really gone. It is asked for once more and then let go. No effect
 * where nothing waits for it, nor where a later comparison has taken the place of the one that was looked at.
 */
export function makeApproveComparison(deps: ApproveComparisonDeps) {
  return async function approveComparison(
    principal: Principal,
    { seenAt }: ApproveComparisonBody,
    requestId: string,
  ): Promise<void> {
    await deps.unitOfWork.within(principal.installationId, async (tx) => {
      const at = deps.clock.now();
      const stopped = await deps.comparisons.find(tx);
      if (!stopped || stopped.startedAt > new Date(seenAt) || !(await deps.comparisons.approve(tx, at))) return;
      await deps.findings.resolve(tx, 'comparison_stopped', 'installation', at);
      await deps.audit.append(tx, {
        verb: 'comparison_approved',
        source: { system: 'orderline', key: tx.installationId, version: null },
        target: 'comparison',
        before: null,
        after: Object.fromEntries(COMPARED.map((kind) => [kind, stopped.missing[kind]?.length ?? 0])),
        runId: null,
        requestId,
        userId: principal.userId,
        at,
      });
      await deps.jobs.enqueueWithin(tx, compareJob(tx));
    });
  };
}
