import { isNightlyDue } from '../../domain/nightly.ts';
import { after, type Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';
import { probeCapabilitiesJob } from '../capability-jobs.ts';
import { certificateJob } from '../certificate-jobs.ts';
import { reReadJob } from '../crm-change-jobs.ts';
import { compareJob, fillGapsJob } from '../crm-reading-jobs.ts';
import { purgeDeliveriesJob } from '../delivery-jobs.ts';
import { ensureErpWebhookJob } from '../erp-webhook-jobs.ts';
import { keepGrantsJob, wantsKeeping } from '../grant-jobs.ts';
import { sweepJob } from '../handoff-jobs.ts';
import type { CrmChangeStore } from '../ports/crm-changes.ts';
import type { CrmComparisonStore } from '../ports/crm-comparisons.ts';
import { CRM_FIELD_PURPOSES, type CrmFieldStore } from '../ports/crm-field-store.ts';
import type { CrmReadingStore } from '../ports/crm-readings.ts';
import type { CapabilityStore } from '../ports/erp-capabilities.ts';
import type { ErpFieldStore } from '../ports/erp-field-store.ts';
import type { ErpWebhookStore } from '../ports/erp-webhook-store.ts';
import type { ConnectionStore, GrantStore, InstallationStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { TenantDirectory, Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { suspectFailures } from '../suspect-gap.ts';
import { ensureFieldsJob, recheckFieldsJob, STREAMS, syncJob } from '../sync-jobs.ts';
import { makeWatchTokens, type WatchTokensDeps } from '../token-alerts.ts';
import { ensureWebhooksJob } from '../webhook-jobs.ts';

const DAY_MS = 86_400_000;
const BUSY_MS = 60 * 60_000;

export interface PlanWorkDeps extends WatchTokensDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unitOfWork: UnitOfWork;
  readonly directory: TenantDirectory;
  readonly installations: InstallationStore;
  readonly grants: Pick<GrantStore, 'list'>;
  readonly connections: ConnectionStore;
  readonly settings: SettingsStore;
  readonly crmFields: CrmFieldStore;
  readonly erpFields: ErpFieldStore;
  readonly capabilities: CapabilityStore;
  readonly erpWebhooks: ErpWebhookStore;
  readonly changes: Pick<CrmChangeStore, 'listEntitiesWaiting'>;
  readonly readings: CrmReadingStore;
  readonly comparisons: CrmComparisonStore;
  readonly jobs: JobQueue;
}

/** A little less than a day: the hourly look then finds it due at the same time every day. */
const CAPABILITIES_KEPT_MS = 23.5 * 60 * 60_000;

/** What cron calls: plans work for every installation; the jobs themselves do it. */
export function makePlanWork(deps: PlanWorkDeps) {
  const watchTokens = makeWatchTokens(deps);
  /** One installation that cannot be planned for keeps nobody else waiting. */
  async function forEach(work: (tx: Tx) => Promise<void>, { parked = false } = {}): Promise<void> {
    for (const id of await deps.directory.listDue()) {
      try {
        await deps.unitOfWork.within(id, async (tx) => {
          const { status } = await deps.installations.get(tx);
          if (status === 'active' || (parked && status === 'reauth_required')) await work(tx);
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
    /**
     * Fields that were agreed to and could not be made yet, whatever became of the job that was to make them; and once a
     * day all of them, since people rename and delete fields, and SAP's groups change.
     */
    watchFields: () =>
      forEach(async (tx) => {
        const known = await deps.crmFields.list(tx);
        const crmLacksSome = CRM_FIELD_PURPOSES.some((wanted) => !known.some(({ purpose }) => purpose === wanted));
        const dayOld = known.some(({ seenAt }) => seenAt === null || after(seenAt, DAY_MS) <= deps.clock.now());
        for (const { id, status } of await deps.connections.list(tx)) {
          if (status !== 'active') continue;
          const { settings } = await deps.settings.get(tx, id);
          if (settings.crmFieldsAgreed && dayOld) await deps.jobs.enqueueWithin(tx, recheckFieldsJob(id, 'background'));
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
    /** Access that lay idle for weeks would run out; most is in use, and nothing is to be done for it. */
    keepGrants: () =>
      forEach(async (tx) => {
        const grants = await deps.grants.list(tx);
        if (grants.some((grant) => wantsKeeping(grant, deps.clock.now())))
          await deps.jobs.enqueueWithin(tx, keepGrantsJob(tx));
      }),
    /** Also of those that wait for somebody to connect Pipedrive again. */
    purgeDeliveries: () =>
      forEach((tx) => deps.jobs.enqueueWithin(tx, purgeDeliveriesJob(tx.installationId)), { parked: true }),
    /** Changes that were noted and whose reading was given up, or ended while there was no access. */
    reRead: () =>
      forEach(async (tx) => {
        for (const entity of await deps.changes.listEntitiesWaiting(tx))
          await deps.jobs.enqueueWithin(tx, reReadJob(tx, entity, deps.clock.now()));
      }),
    /** Changes in Pipedrive that were not notified. */
    fillGaps: () =>
      forEach(async (tx) => {
        const connections = await deps.connections.list(tx);
        if (connections.length > 0) await deps.jobs.enqueueWithin(tx, fillGapsJob(tx));
      }),
    /** No process took notifications for longer than Pipedrive repeats them. */
    suspectGaps: () => forEach((tx) => suspectFailures(deps, tx)),
    /** Linked records held against Pipedrive, once a night where SAP stands. */
    compare: () =>
      forEach(async (tx) => {
        const [connection] = await deps.connections.list(tx);
        if (!connection) return;
        const last = await deps.comparisons.find(tx);
        const begun = last?.startedAt ?? (await deps.installations.get(tx)).installedAt;
        if (isNightlyDue(tx.installationId, connection.timeZone, begun, deps.clock.now()))
          await deps.jobs.enqueueWithin(tx, compareJob(tx));
      }),
    /** Alerts on the day's budget, from our own rows alone; none outlives its day while Pipedrive has to be connected again. */
    watchTokens: () => forEach(watchTokens, { parked: true }),
    watchWebhooks: () => forEach((tx) => deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'status'))),
    /**
     * More often where Pipedrive has notified lately, or deals have changed: a ban is over after half an hour, and with the
     * next notification there is nothing left to see of it.
     */
    watchBusyWebhooks: () =>
      forEach(async (tx) => {
        const since = after(deps.clock.now(), -BUSY_MS);
        const deals = (await deps.readings.list(tx)).find(({ list }) => list === 'deals');
        const changed = deals?.mark.newest ?? null;
        if ((changed && changed >= since) || (await deps.readings.heardSince(tx, since)))
          await deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'status'));
      }),
  };
}
