import type { Logger } from '../../kernel/logger.ts';
import type { ConnectionStore, InstallationStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { TenantDirectory, Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { STREAMS, syncJob } from '../sync-jobs.ts';
import { ensureWebhooksJob } from '../webhook-jobs.ts';

export interface PlanWorkDeps {
  readonly logger: Logger;
  readonly unitOfWork: UnitOfWork;
  readonly directory: TenantDirectory;
  readonly installations: InstallationStore;
  readonly connections: ConnectionStore;
  readonly jobs: JobQueue;
}

/** What cron calls: plans work for every installation; the jobs themselves do it. */
export function makePlanWork(deps: PlanWorkDeps) {
  /** One installation that cannot be planned for keeps nobody else waiting. */
  async function forEach(work: (tx: Tx) => Promise<void>): Promise<void> {
    for (const id of await deps.directory.listDue()) {
      try {
        await deps.unitOfWork.within(id, async (tx) => {
          if ((await deps.installations.get(tx)).status === 'active') await work(tx);
        });
      } catch (error) {
        deps.logger.error('Work for an installation could not be planned', error, { installationId: id });
      }
    }
  }

  return {
    sync: () =>
      forEach(async (tx) => {
        for (const connection of await deps.connections.list(tx)) {
          if (connection.status !== 'active') continue;
          for (const stream of STREAMS) await deps.jobs.enqueueWithin(tx, syncJob(connection.id, stream));
        }
      }),
    sweep: () =>
      forEach((tx) =>
        deps.jobs.enqueueWithin(tx, {
          task: 'deals.sweep',
          payload: {},
          serialKey: `sweep:${tx.installationId}`,
          foldKey: `sweep:${tx.installationId}`,
          priority: 'order',
        }),
      ),
    watchWebhooks: () => forEach((tx) => deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'status'))),
  };
}
