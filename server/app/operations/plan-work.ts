import type { Logger } from '../../kernel/logger.ts';
import { sweepJob } from '../handoff-jobs.ts';
import { CRM_FIELD_PURPOSES, type CrmFieldStore } from '../ports/crm-field-store.ts';
import type { ErpFieldStore } from '../ports/erp-field-store.ts';
import type { ConnectionStore, InstallationStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { TenantDirectory, Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { ensureFieldsJob, STREAMS, syncJob } from '../sync-jobs.ts';
import { ensureWebhooksJob } from '../webhook-jobs.ts';

export interface PlanWorkDeps {
  readonly logger: Logger;
  readonly unitOfWork: UnitOfWork;
  readonly directory: TenantDirectory;
  readonly installations: InstallationStore;
  readonly connections: ConnectionStore;
  readonly settings: SettingsStore;
  readonly crmFields: CrmFieldStore;
  readonly erpFields: ErpFieldStore;
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
    sweep: () => forEach((tx) => deps.jobs.enqueueWithin(tx, sweepJob(tx))),
    /** Connections that wait because of a certificate: its server may show the accepted one again. */
    watchCertificates: () =>
      forEach(async (tx) => {
        for (const { id, status } of await deps.connections.list(tx)) {
          if (status !== 'certificate_changed') continue;
          const key = `certificate:${id}`;
          await deps.jobs.enqueueWithin(tx, {
            task: 'certificate.check',
            payload: { connectionId: id },
            serialKey: key,
            foldKey: key,
            priority: 'status',
          });
        }
      }),
    /** Fields that were agreed to and could not be made yet, whatever became of the job that was to make them. */
    watchFields: () =>
      forEach(async (tx) => {
        const codes = await deps.crmFields.get(tx);
        const crmLacksSome = CRM_FIELD_PURPOSES.some((purpose) => codes[purpose] === undefined);
        for (const { id, status } of await deps.connections.list(tx)) {
          if (status !== 'active') continue;
          const { settings } = await deps.settings.get(tx, id);
          const erpLacksIt = settings.erpFieldAgreed && !(await deps.erpFields.hasKeyField(tx, id));
          if (erpLacksIt || (settings.crmFieldsAgreed && crmLacksSome))
            await deps.jobs.enqueueWithin(tx, ensureFieldsJob(id, 'background'));
        }
      }),
    watchWebhooks: () => forEach((tx) => deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'status'))),
  };
}
