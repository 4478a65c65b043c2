import type { Clock } from '../kernel/clock.ts';
import type { ConnectionId } from '../kernel/ids.ts';
import { sweepJob } from './handoff-jobs.ts';
import type { AuditLog } from './ports/audit-log.ts';
import type { FindingStore } from './ports/finding-store.ts';
import type { ConnectionStore } from './ports/installation-store.ts';
import type { JobQueue } from './ports/job-queue.ts';
import type { Tx } from './ports/unit-of-work.ts';
import { STREAMS, syncJob } from './sync-jobs.ts';

interface Deps {
  readonly clock: Clock;
  readonly connections: Pick<ConnectionStore, 'resume'>;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
}

/** Lets a connection go on that waited because of a certificate; nothing when it does not wait for that. */
export async function resumeAfterCertificate(deps: Deps, tx: Tx, connectionId: ConnectionId): Promise<void> {
  if (!(await deps.connections.resume(tx, connectionId))) return;
  const subject = `connection:${connectionId}`;
  const at = deps.clock.now();
  await deps.findings.resolve(tx, 'certificate_changed', subject, at);
  await deps.audit.append(tx, {
    verb: 'certificate_accepted',
    source: { system: 'orderline', key: subject, version: null },
    target: subject,
    before: null,
    after: null,
    runId: null,
    requestId: null,
    userId: null,
    at,
  });
  for (const stream of STREAMS) await deps.jobs.enqueueWithin(tx, syncJob(connectionId, stream));
  await deps.jobs.enqueueWithin(tx, sweepJob(tx));
}
