import type { Clock } from '../../kernel/clock.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';

export interface DismissFindingDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly findings: FindingStore;
  readonly audit: AuditLog;
}

/** An admin has seen to it. What is met again is raised anew, and what has stopped still shows in the connection’s state. */
export function makeDismissFinding(deps: DismissFindingDeps) {
  return async function dismissFinding(principal: Principal, findingId: string, requestId: string): Promise<void> {
    await deps.unitOfWork.within(principal.installationId, async (tx) => {
      const at = deps.clock.now();
      const finding = await deps.findings.dismiss(tx, findingId, at);
      if (!finding) return;
      await deps.audit.append(tx, {
        verb: 'finding_dismissed',
        source: { system: 'orderline', key: `finding:${findingId}`, version: null },
        target: finding.subject,
        before: null,
        after: { kind: finding.kind },
        runId: null,
        requestId,
        userId: principal.userId,
        at,
      });
    });
  };
}
