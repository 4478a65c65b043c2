import { makeCheckCertificate } from './app/access/check-certificate.ts';
import { makeKeepGrants } from './app/access/keep-grants.ts';
import { makeApplyChanges } from './app/crm-changes/apply-changes.ts';
import { makeCompareRecords } from './app/crm-changes/compare-records.ts';
import { GAP_ROUND_MS, makeFillGaps } from './app/crm-changes/gap-fill.ts';
import { makeReRead } from './app/crm-changes/re-read.ts';
import { makeProcessDelivery } from './app/deliveries/process-delivery.ts';
import { makePurgeDeliveries } from './app/deliveries/purge-deliveries.ts';
import { disposition } from './app/disposition.ts';
import { makeEnsureErpWebhook } from './app/erp-events/ensure-erp-webhook.ts';
import { makeSwitchErpWebhook } from './app/erp-events/switch-erp-webhook.ts';
import { makeRecordsSeen } from './app/inbound-sync/records-seen.ts';
import { makeSyncInbound } from './app/inbound-sync/sync-inbound.ts';
import { makeWriteItems } from './app/inbound-sync/write-items.ts';
import { makeWritePartners } from './app/inbound-sync/write-partners.ts';
import { makeEnsureWebhooks } from './app/install/ensure-webhooks.ts';
import { makeEraseInstallation } from './app/install/erase-installation.ts';
import { makeRemoveInstallation } from './app/install/remove-installation.ts';
import { makeUninstall } from './app/install/uninstall.ts';
import { createDeadLetters } from './app/operations/dead-letters.ts';
import { makePlanWork } from './app/operations/plan-work.ts';
import { makeConsiderDeal } from './app/order-handoff/consider-deal.ts';
import { makeFollowDraft } from './app/order-handoff/follow-draft.ts';
import { makeHandOffOrder } from './app/order-handoff/hand-off-order.ts';
import { makeSweepDeals } from './app/order-handoff/sweep-deals.ts';
import { makeWriteBack } from './app/order-handoff/write-back.ts';
import { makeFindServiceAdmin } from './app/service-admin.ts';
import { makeEnsureFields } from './app/settings/ensure-fields.ts';
import { makeProbeCapabilities } from './app/settings/probe-capabilities.ts';
import type { All } from './compose-ports.ts';
import { createJobHandlers } from './jobs/handlers.ts';
import type { ConnectionId } from './kernel/ids.ts';
import { createJobRunner, type JobRunner } from './queue/job-runner.ts';

const MINUTE_MS = 60_000;

/** How an installation ends: for the notice of an uninstall, the settings page, and the jobs behind both. */
export function openEnding(all: All) {
  const deps = {
    ...all,
    closeErp: (id: ConnectionId) => all.erp.close(id),
    leaveErpEvents: makeSwitchErpWebhook(all).leave,
  };
  return {
    leaving: makeUninstall(deps),
    removal: makeRemoveInstallation(deps),
    erasing: makeEraseInstallation(deps),
  };
}

export function openJobs(all: All): JobRunner {
  const { removal, erasing, leaving } = openEnding(all);
  const planWork = makePlanWork(all);
  const considerDeal = makeConsiderDeal(all);
  const syncing = { ...all, findServiceAdmin: makeFindServiceAdmin(all) };
  const applyChanges = makeApplyChanges({ ...all, considerDeal, recordsSeen: makeRecordsSeen(syncing) });
  const deadLetters = createDeadLetters(all);
  return createJobRunner({
    ...all,
    handlers: createJobHandlers({
      removeInstallation: removal.removeInstallation,
      eraseAgain: erasing.eraseAgain,
      keepGrants: makeKeepGrants({ ...all, confirmUninstall: leaving.confirmUninstall }),
      ensureWebhooks: makeEnsureWebhooks(all),
      ensureFields: makeEnsureFields(all),
      checkCertificate: makeCheckCertificate(all),
      probeCapabilities: makeProbeCapabilities(all),
      ensureErpWebhook: makeEnsureErpWebhook(all),
      processDelivery: makeProcessDelivery(all),
      purgeDeliveries: makePurgeDeliveries(all),
      reRead: makeReRead({ ...all, applyChanges }),
      fillGaps: makeFillGaps({ ...all, applyChanges }),
      compareRecords: makeCompareRecords({ ...syncing, applyChanges }),
      considerDeal,
      handOffOrder: makeHandOffOrder(all),
      writeBack: makeWriteBack(all),
      followDraft: makeFollowDraft(all),
      sweepDeals: makeSweepDeals(all),
      syncInbound: makeSyncInbound(syncing),
      writePartners: makeWritePartners(syncing),
      writeItems: makeWriteItems(syncing),
    }),
    disposition: (error, attempt) => disposition(error, attempt, all.random),
    onExhausted: (job, error) => deadLetters.report({ ...job, error }),
    onSettled: (job) => deadLetters.settled(job),
    cron: [
      { name: 'sync', everyMs: 5 * MINUTE_MS, plan: planWork.sync },
      { name: 'tokens.watch', everyMs: 5 * MINUTE_MS, plan: planWork.watchTokens },
      { name: 'deals.sweep', everyMs: 15 * MINUTE_MS, plan: planWork.sweep },
      { name: 'crm.fill-gaps', everyMs: GAP_ROUND_MS, plan: planWork.fillGaps },
      { name: 'crm.compare', everyMs: 15 * MINUTE_MS, plan: planWork.compare },
      { name: 'removals.watch', everyMs: 15 * MINUTE_MS, plan: removal.watchRemovals },
      { name: 'certificates.watch', everyMs: 15 * MINUTE_MS, plan: planWork.watchCertificates },
      { name: 'changes.re-read', everyMs: 15 * MINUTE_MS, plan: planWork.reRead },
      { name: 'webhooks.watch', everyMs: 60 * MINUTE_MS, plan: planWork.watchWebhooks },
      { name: 'webhooks.watch-busy', everyMs: 20 * MINUTE_MS, plan: planWork.watchBusyWebhooks },
      { name: 'erp-webhooks.watch', everyMs: 60 * MINUTE_MS, plan: planWork.watchErpWebhooks },
      { name: 'capabilities.watch', everyMs: 60 * MINUTE_MS, plan: planWork.watchCapabilities },
      { name: 'grants.keep', everyMs: 24 * 60 * MINUTE_MS, plan: planWork.keepGrants },
      { name: 'deliveries.purge', dailyAt: '01:40', plan: planWork.purgeDeliveries },
      { name: 'fields.watch', everyMs: 60 * MINUTE_MS, plan: planWork.watchFields },
    ],
  });
}
