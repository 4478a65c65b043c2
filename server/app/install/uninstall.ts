import type { Clock } from '../../kernel/clock.ts';
import type { ConnectionId } from '../../kernel/ids.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { ConnectionStore, GrantStore, InstallationStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { TenantDirectory, Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { ensureWebhooksJob } from '../webhook-jobs.ts';

export interface UninstallDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly directory: TenantDirectory;
  readonly installations: InstallationStore;
  readonly grants: GrantStore;
  readonly connections: ConnectionStore;
  readonly audit: AuditLog;
  readonly jobs: JobQueue;
  /** Logs out of SAP and drops its sockets. */
  readonly closeErp: (connectionId: ConnectionId) => Promise<void>;
}

export interface UninstallNotice {
  readonly companyId: string;
  readonly userId: number | null;
  /** When it happened, by Pipedrive; null where that cannot be read. */
  readonly at: Date | null;
}

/**
 * A user removed the app. Their grant goes; with the last one everything of the company goes too, but the keys that keep a
 * re-install from making a second order. Unknown companies and repeated notices change nothing.
 */
export function makeUninstall(deps: UninstallDeps) {
  return async function uninstall(notice: UninstallNotice): Promise<void> {
    const id = await deps.directory.findByCompany(notice.companyId);
    if (!id) return;
    const closed = await deps.unitOfWork.within(id, async (tx) => {
      const installation = await deps.installations.get(tx);
      if (installation.status === 'uninstalled') return [];
      if (notice.at && isLate(notice.at, installation.installedAt)) return [];
      if (notice.userId !== null) await deps.grants.remove(tx, notice.userId);
      await deps.audit.append(tx, {
        verb: 'uninstalled',
        source: { system: 'pipedrive', key: `company:${notice.companyId}`, version: null },
        target: notice.userId === null ? 'company' : `user:${notice.userId}`,
        before: null,
        after: null,
        runId: null,
        requestId: null,
        userId: notice.userId,
        at: deps.clock.now(),
      });
      const left = notice.userId === null ? [] : await deps.grants.list(tx);
      if (left.length > 0) {
        await carryOn(tx);
        return [];
      }
      const connections = await deps.connections.list(tx);
      await deps.audit.append(tx, {
        verb: 'erased',
        source: { system: 'orderline', key: id, version: null },
        target: 'installation',
        before: null,
        after: null,
        runId: null,
        requestId: null,
        userId: notice.userId,
        at: deps.clock.now(),
      });
      await deps.installations.erase(tx);
      return connections;
    });
    for (const connection of closed) await deps.closeErp(connection.id);
  };

  /** Pipedrive removes a person's webhooks with their grant; those of the company are made anew for somebody who is left. */
  async function carryOn(tx: Tx): Promise<void> {
    if (await deps.grants.findForService(tx)) return deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'person'));
    await deps.installations.setStatus(tx, 'reauth_required');
  }
}

const DAY_MS = 86_400_000;

/**
 * A notice that comes late speaks of the installation before this one. Its stamp has no documented form: one that lies
 * far back is no stamp that can be believed, and the notice counts.
 */
function isLate(at: Date, installedAt: Date): boolean {
  return at < installedAt && installedAt.getTime() - at.getTime() < DAY_MS;
}
