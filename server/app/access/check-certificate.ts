import type { Clock } from '../../kernel/clock.ts';
import { UnavailableError } from '../../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import { sweepJob } from '../handoff-jobs.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { ErpOnboarding } from '../ports/erp.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Connection } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import { STREAMS, syncJob } from '../sync-jobs.ts';
import { findWorkplace, type TenantDeps } from '../tenant.ts';

export interface CheckCertificateDeps extends TenantDeps {
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
  readonly onboarding: Pick<ErpOnboarding, 'isTrusted'>;
}

const LOOK_MS = 10_000;

/**
 * A connection that waits because of its server's certificate goes on by itself once the server shows an accepted one
 * again: one wrong handshake, or a certificate renewed by a public authority, needs nobody. Nothing is sent to find out.
 */
export function makeCheckCertificate(deps: CheckCertificateDeps) {
  return async function checkCertificate(
    id: InstallationId,
    connectionId: ConnectionId,
    signal: AbortSignal,
  ): Promise<void> {
    const workplace = await findWorkplace(deps, id, connectionId);
    if (workplace?.connection.status !== 'certificate_changed') return;
    if (await isTrusted(workplace.connection, signal)) await goOn(id, connectionId);
  };

  async function isTrusted({ address, trust }: Connection, signal: AbortSignal): Promise<boolean> {
    try {
      return await deps.onboarding.isTrusted(address, trust, deps.deadline(LOOK_MS, signal));
    } catch (error) {
      // Nobody answers: the next look tells.
      if (error instanceof UnavailableError) return false;
      throw error;
    }
  }

  async function goOn(id: InstallationId, connectionId: ConnectionId): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      if (!(await deps.connections.resume(tx, connectionId))) return;
      const at = deps.clock.now();
      await deps.findings.resolve(tx, 'certificate_changed', `connection:${connectionId}`, at);
      await deps.audit.append(tx, {
        verb: 'certificate_accepted',
        source: { system: 'orderline', key: `connection:${connectionId}`, version: null },
        target: `connection:${connectionId}`,
        before: null,
        after: null,
        runId: null,
        requestId: null,
        userId: null,
        at,
      });
      for (const stream of STREAMS) await deps.jobs.enqueueWithin(tx, syncJob(connectionId, stream));
      await deps.jobs.enqueueWithin(tx, sweepJob(tx));
    });
  }
}
