import { after, type Clock } from '../../kernel/clock.ts';
import { UnavailableError } from '../../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import { resumeAfterCertificate } from '../certificate-resumed.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { CertificateLook, ErpOnboarding } from '../ports/erp-onboarding.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Connection } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import { findWorkplace, type TenantDeps } from '../tenant.ts';
import { filledWith } from '../trust-slots.ts';
import { expiringWords } from './certificate-words.ts';

export interface CheckCertificateDeps extends TenantDeps {
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
  readonly onboarding: Pick<ErpOnboarding, 'lookAtCertificate'>;
}

const LOOK_MS = 10_000;
const ANNOUNCED_MS = 30 * 86_400_000;

/**
 * Looks at the certificate of a connection's server; nothing is sent. One that ends within 30 days is announced. A
 * connection that waits because of its certificate goes on by itself once the server shows an accepted one again: one wrong
 * handshake, or a certificate renewed by a public authority, needs nobody.
 */
export function makeCheckCertificate(deps: CheckCertificateDeps) {
  return async function checkCertificate(
    id: InstallationId,
    connectionId: ConnectionId,
    signal: AbortSignal,
  ): Promise<void> {
    const workplace = await findWorkplace(deps, id, connectionId);
    if (!workplace) return;
    const seen = await look(id, workplace.connection, signal);
    if (!seen) return;
    await deps.unitOfWork.within(id, async (tx) => {
      const connection = await deps.connections.lock(tx, connectionId);
      // Somebody has changed what is trusted in the meantime: the next look tells.
      if (JSON.stringify(connection.trust) !== JSON.stringify(workplace.connection.trust)) return;
      const { validTo } = seen.certificate;
      await deps.connections.setLook(tx, connectionId, { at: deps.clock.now(), validTo });
      if (seen.fault) return;
      await deps.connections.setTrust(tx, connectionId, filledWith(connection.trust, seen.certificate));
      await announce(tx, connection, validTo);
      await resumeAfterCertificate(deps, tx, connectionId);
    });
  };

  async function look(
    id: InstallationId,
    connection: Connection,
    signal: AbortSignal,
  ): Promise<CertificateLook | undefined> {
    const { address, trust } = connection;
    const proxy = connection.proxy
      ? await deps.unitOfWork.within(id, (tx) => deps.connections.openProxy(tx, connection.id))
      : null;
    try {
      const server = { address, trust, proxy };
      return await deps.onboarding.lookAtCertificate(server, deps.deadline(LOOK_MS, signal));
    } catch (error) {
      // Nobody answers: the next look tells.
      if (error instanceof UnavailableError) return undefined;
      throw error;
    }
  }

  async function announce(tx: Tx, connection: Connection, validTo: Date): Promise<void> {
    const subject = `connection:${connection.id}`;
    const now = deps.clock.now();
    if (validTo > after(now, ANNOUNCED_MS)) {
      await deps.findings.resolve(tx, 'certificate_expiring', subject, now);
      return;
    }
    const link = { resource: 'settings', id: null } as const;
    await deps.findings.raise(
      tx,
      { kind: 'certificate_expiring', subject, ...expiringWords(connection, validTo), link },
      now,
    );
  }
}
