import { after, type Clock } from '../../kernel/clock.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { ConnectionStore, InstallationStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { RemovalStore } from '../ports/removal-store.ts';
import type { Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { eraseInstallationJob } from '../removal-jobs.ts';

export interface EraseInstallationDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly installations: InstallationStore;
  readonly connections: ConnectionStore;
  readonly removals: RemovalStore;
  readonly audit: AuditLog;
  readonly jobs: JobQueue;
  /** Logs out of SAP and drops its sockets. */
  readonly closeErp: (connectionId: ConnectionId) => Promise<void>;
}

/** Longer than a request to SAP may take: whatever was under way has written what it had to say. */
const LOOK_AGAIN_MS = 3 * 60_000;
/** Where the first attempt fails: secrets are to be gone within a minute. */
const SOON_MS = 20_000;

/** The end of an installation: what erases it now, and what looks again until nothing is left. */
export function makeEraseInstallation(deps: EraseInstallationDeps) {
  return {
    /**
     * In the transaction that ends the installation: everything goes, and a job will look whether work that was under way
     * has written anything since.
     * @returns the connections to sign out of, once the transaction has committed
     */
    async eraseWithin(tx: Tx, by: number | null): Promise<readonly ConnectionId[]> {
      const now = deps.clock.now();
      const connectionIds = (await deps.connections.list(tx)).map(({ id }) => id);
      const orderIsOut = await deps.removals.hasOrderOut(tx, now);
      await deps.audit.append(tx, {
        verb: 'erased',
        source: { system: 'orderline', key: tx.installationId, version: null },
        target: 'installation',
        before: null,
        after: null,
        runId: null,
        requestId: null,
        userId: by,
        at: now,
      });
      await deps.installations.erase(tx);
      await deps.jobs.enqueueWithin(tx, eraseInstallationJob(tx, connectionIds, after(now, LOOK_AGAIN_MS)));
      // An order that is on its way to SAP ends by itself and is recorded; its socket is not cut.
      return orderIsOut ? [] : connectionIds;
    },

    /** Where erasing at once did not work: soon again. */
    eraseSoon: (tx: Tx): Promise<void> =>
      deps.jobs.enqueueWithin(tx, eraseInstallationJob(tx, [], after(deps.clock.now(), SOON_MS))),

    async signOut(connectionIds: readonly ConnectionId[]): Promise<void> {
      for (const connectionId of connectionIds) await deps.closeErp(connectionId);
    },

    /** The job: as often as there was something to erase. An installation that has come back meanwhile is left alone. */
    async eraseAgain(id: InstallationId, connectionIds: readonly ConnectionId[]): Promise<void> {
      const all = await deps.unitOfWork.within(id, async (tx) => {
        if ((await deps.installations.lock(tx)).status !== 'uninstalled') return [];
        const now = deps.clock.now();
        const known = [...new Set([...connectionIds, ...(await deps.connections.list(tx)).map((one) => one.id)])];
        const orderIsOut = await deps.removals.hasOrderOut(tx, now);
        const erased = await deps.installations.erase(tx);
        if (erased === 0 && !orderIsOut) return known;
        await deps.jobs.enqueueWithin(tx, eraseInstallationJob(tx, known, after(now, LOOK_AGAIN_MS)));
        return orderIsOut ? [] : known;
      });
      for (const connectionId of all) await deps.closeErp(connectionId);
    },
  };
}
