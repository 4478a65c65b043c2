import { after, type Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';
import { probeCapabilitiesJob } from '../capability-jobs.ts';
import { certificateJob } from '../certificate-jobs.ts';
import { ensureErpWebhookJob } from '../erp-webhook-jobs.ts';
import { sweepJob } from '../handoff-jobs.ts';
import { CRM_FIELD_PURPOSES, type CrmFieldStore } from '../ports/crm-field-store.ts';
import type { CapabilityStore } from '../ports/erp-capabilities.ts';
import type { ErpFieldStore } from '../ports/erp-field-store.ts';
import type { ErpWebhookStore } from '../ports/erp-webhook-store.ts';
import type { ConnectionStore, InstallationStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { TenantDirectory, Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { ensureFieldsJob, STREAMS, syncJob } from '../sync-jobs.ts';
import { ensureWebhooksJob } from '../webhook-jobs.ts';

const DAY_MS = 86_400_000;

export interface PlanWorkDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unitOfWork: UnitOfWork;
  readonly directory: TenantDirectory;
  readonly installations: InstallationStore;
  readonly connections: ConnectionStore;
  readonly settings: SettingsStore;
  readonly crmFields: CrmFieldStore;
  readonly erpFields: ErpFieldStore;
  readonly capabilities: CapabilityStore;
  readonly erpWebhooks: ErpWebhookStore;
  readonly jobs: JobQueue;
}

/** A little less than a day: the hourly look then finds it due at the same time every day. */
const CAPABILITIES_KEPT_MS = 23.5 * 60 * 60_000;

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
    /** Certificates that a connection waits for, since its server may show an accepted one again; all others once a day. */
    watchCertificates: () =>
      forEach(async (tx) => {
        for (const { id, status, look } of await deps.connections.list(tx)) {
          const dayOld = !look || after(look.at, DAY_MS) <= deps.clock.now();
          if (status !== 'certificate_changed' && !dayOld) continue;
          await deps.jobs.enqueueWithin(tx, certificateJob(id));
        }
      }),
    /** Systems that were not asked for a day, or never. */
    watchCapabilities: () =>
      forEach(async (tx) => {
        for (const { id, status } of await deps.connections.list(tx)) {
          const known = status === 'active' ? await deps.capabilities.find(tx, id) : undefined;
          const fresh = known && deps.clock.now() < after(known.at, CAPABILITIES_KEPT_MS);
          if (status === 'active' && !fresh) await deps.jobs.enqueueWithin(tx, probeCapabilitiesJob(id, 'background'));
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
          const known = settings.erpLedgerAgreed ? await deps.capabilities.find(tx, id) : undefined;
          const ledgerIsMissing = settings.erpLedgerAgreed && known?.record.ledger !== 'yes';
          if (erpLacksIt || ledgerIsMissing || (settings.crmFieldsAgreed && crmLacksSome))
            await deps.jobs.enqueueWithin(tx, ensureFieldsJob(id, 'background'));
        }
      }),
    /** Subscriptions to SAP's events: one that SAP has stopped is started again. */
    watchErpWebhooks: () =>
      forEach(async (tx) => {
        for (const { id, status } of await deps.connections.list(tx)) {
          const webhook = status === 'active' ? await deps.erpWebhooks.find(tx, id) : undefined;
          if (webhook && webhook.state !== 'refused')
            await deps.jobs.enqueueWithin(tx, ensureErpWebhookJob(id, 'background'));
        }
      }),
    watchWebhooks: () => forEach((tx) => deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'status'))),
  };
}
