import type { Knex } from 'knex';
import type { Registry } from 'prom-client';
import { makeCheckCertificate } from './app/access/check-certificate.ts';
import { createErpAccess } from './app/access/erp-access.ts';
import { createGrantAccess } from './app/access/grant-access.ts';
import { createTokenAccounting } from './app/access/token-accounting.ts';
import { createDealAccess } from './app/deal-access.ts';
import { makeProcessDelivery } from './app/deliveries/process-delivery.ts';
import { makeReceiveDelivery } from './app/deliveries/receive-delivery.ts';
import { disposition } from './app/disposition.ts';
import { makeAnswerHandshake } from './app/erp-events/answer-handshake.ts';
import { makeEnsureErpWebhook } from './app/erp-events/ensure-erp-webhook.ts';
import { makeReceiveErpEvents } from './app/erp-events/receive-erp-events.ts';
import { makeSyncInbound } from './app/inbound-sync/sync-inbound.ts';
import { makeWriteItems } from './app/inbound-sync/write-items.ts';
import { makeWritePartners } from './app/inbound-sync/write-partners.ts';
import { makeAuthenticate } from './app/install/authenticate.ts';
import { makeCompleteInstall } from './app/install/complete-install.ts';
import { makeEnsureWebhooks } from './app/install/ensure-webhooks.ts';
import { makeFrameAncestors } from './app/install/frame-ancestors.ts';
import { makeIsAdminNow } from './app/install/is-admin-now.ts';
import { makeUninstall } from './app/install/uninstall.ts';
import { createDeadLetters } from './app/operations/dead-letters.ts';
import { makePlanWork } from './app/operations/plan-work.ts';
import { makeConsiderDeal } from './app/order-handoff/consider-deal.ts';
import { makeFollowDraft } from './app/order-handoff/follow-draft.ts';
import { makeHandOffOrder } from './app/order-handoff/hand-off-order.ts';
import { makeSendDeal, makeViewDealHandoff } from './app/order-handoff/send-deal.ts';
import { makeSweepDeals } from './app/order-handoff/sweep-deals.ts';
import { makeWriteBack } from './app/order-handoff/write-back.ts';
import { createLastKnown } from './app/panel/last-known.ts';
import { makeViewDealPanel } from './app/panel/view-deal-panel.ts';
import { makeViewOrganizationPanel, makeViewPersonPanel } from './app/panel/view-organization-panel.ts';
import type { Deadline } from './app/ports/deadline.ts';
import { makeEnsureFields } from './app/settings/ensure-fields.ts';
import { makeProbeCapabilities } from './app/settings/probe-capabilities.ts';
import { openSettingsRoutes } from './compose-settings.ts';
import type { Config } from './config.ts';
import { createAuditLog } from './db/audit-log.ts';
import { capabilityStore } from './db/capability-store.ts';
import { createConnectionStore } from './db/connection-store.ts';
import { connectionTrials } from './db/connection-trials.ts';
import { crmFieldStore } from './db/crm-field-store.ts';
import { createCrmWebhookStore } from './db/crm-webhook-store.ts';
import { dataKeyStore } from './db/data-key-store.ts';
import { deliveryStore } from './db/delivery-store.ts';
import { erpFieldStore } from './db/erp-field-store.ts';
import { createErpSlots } from './db/erp-slots.ts';
import { createErpWebhookStore } from './db/erp-webhook-store.ts';
import { findingStore } from './db/finding-store.ts';
import { createGrantStore } from './db/grant-store.ts';
import { handoffStore } from './db/handoff-store.ts';
import { createInstallationStore } from './db/installation-store.ts';
import { jobQueue } from './db/job-queue.ts';
import { lineDetailStore, linkStore } from './db/link-store.ts';
import { pendingMigrations } from './db/migrate.ts';
import { createOAuthStateStore } from './db/oauth-state-store.ts';
import { settingsStore } from './db/settings-store.ts';
import { cursorStore, syncRunStore } from './db/sync-store.ts';
import { createTenantDirectory } from './db/tenant-directory.ts';
import { tokenLedger } from './db/token-ledger.ts';
import { createUnitOfWork } from './db/unit-of-work.ts';
import type { UseCases } from './http/use-cases.ts';
import { createJobHandlers } from './jobs/handlers.ts';
import type { Clock } from './kernel/clock.ts';
import type { Logger } from './kernel/logger.ts';
import type { Random } from './kernel/random.ts';
import type { Sleep } from './net/sleep.ts';
import type { Elapsed } from './net/timer.ts';
import { createPipedrive } from './pipedrive/create-pipedrive.ts';
import { createJobRunner, type JobRunner } from './queue/job-runner.ts';
import { createErp } from './sap/erp.ts';
import { createVault } from './secrets/vault.ts';

export interface ComposeDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** How repeats and full windows wait. */
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly registry: Registry;
  /** As the application role. */
  readonly database: Knex;
  readonly databaseUrl: string;
  /** `own`: no other process asks SAP, so that nothing has to be agreed on. */
  readonly slots?: 'own';
  /** A stop watch, by which slow answers of SAP are noticed; the machine's unless a test brings its own. */
  readonly elapsed?: Elapsed;
  /** Wraps ports before any use case gets them. */
  readonly adapt?: (ports: Ports) => Ports;
}

export interface App {
  readonly useCases: UseCases;
  readonly jobs: JobRunner;
  /** Logs out of SAP and ends kept connections; jobs are to be stopped first. */
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;

/** The one place where every part meets. */
export function compose(config: Config, deps: ComposeDeps): App {
  const stores = openStores(config, deps);
  const clients = openClients(config, deps, stores);
  const { adapt = (ports: Ports) => ports } = deps;
  const all = {
    ...deps,
    ...adapt({ ...stores, ...clients }),
    deadline,
    publicUrl: config.publicUrl,
    clientId: config.pipedrive.clientId,
  };
  const access = createDealAccess(all);
  const jobs = openJobs(all);
  return {
    useCases: openUseCases(config, { ...all, access }),
    jobs,
    async close() {
      await clients.closeErp();
      await clients.closeCrm();
    },
  };
}

const deadline: Deadline = (milliseconds, ...signals) =>
  AbortSignal.any([...signals, AbortSignal.timeout(milliseconds)]);

type Stores = ReturnType<typeof openStores>;
type Clients = ReturnType<typeof openClients>;
/** What use cases are made from. */
export type Ports = Stores & Clients;
type All = ComposeDeps & Ports & { deadline: Deadline; publicUrl: string; clientId: string };

function openStores(config: Config, { database }: ComposeDeps) {
  const vault = createVault({ masterKeys: config.masterKeys, dataKeys: dataKeyStore });
  return {
    vault,
    unitOfWork: createUnitOfWork(database),
    directory: createTenantDirectory(database),
    oauthStates: createOAuthStateStore(database),
    installations: createInstallationStore(vault),
    grants: createGrantStore(vault),
    connections: createConnectionStore(vault),
    trials: connectionTrials,
    webhooks: createCrmWebhookStore(vault),
    erpWebhooks: createErpWebhookStore(vault),
    audit: createAuditLog(vault),
    settings: settingsStore,
    links: linkStore,
    lineDetails: lineDetailStore,
    cursors: cursorStore,
    runs: syncRunStore,
    deliveries: deliveryStore,
    handoffs: handoffStore,
    findings: findingStore,
    ledger: tokenLedger,
    crmFields: crmFieldStore,
    erpFields: erpFieldStore,
    capabilities: capabilityStore,
    jobs: jobQueue,
  };
}

function openClients(config: Config, deps: ComposeDeps, stores: Stores) {
  const { clientId, clientSecret, oauthUrl, domain, localHosts } = config.pipedrive;
  const grants = createGrantAccess({ ...deps, ...stores });
  const ledger = createTokenAccounting({ ...deps, ...stores });
  const pipedrive = createPipedrive({
    ...deps,

    clientId,
    clientSecret,
    oauthUrl,
    domain,
    localHosts,
    grants,
    ledger,
  });
  const sap = createErp({
    ...deps,
    network: config.sapNetwork,
    extraPorts: config.sapExtraPorts,
    access: createErpAccess({ ...deps, ...stores }),
    slots: deps.slots === 'own' ? undefined : createErpSlots(stores.unitOfWork),
  });
  return {
    crm: pipedrive.crm,
    oauth: pipedrive.oauth,
    closeCrm: () => pipedrive.close(),
    erp: sap,
    erpEvents: sap,
    onboarding: sap,
    capabilityProbe: sap,
    doctor: sap,
    closeErp: () => sap.closeAll(),
  };
}

function openJobs(all: All): JobRunner {
  const planWork = makePlanWork(all);
  const deadLetters = createDeadLetters(all);
  return createJobRunner({
    ...all,
    handlers: createJobHandlers({
      ensureWebhooks: makeEnsureWebhooks(all),
      ensureFields: makeEnsureFields(all),
      checkCertificate: makeCheckCertificate(all),
      probeCapabilities: makeProbeCapabilities(all),
      ensureErpWebhook: makeEnsureErpWebhook(all),
      processDelivery: makeProcessDelivery(all),
      considerDeal: makeConsiderDeal(all),
      handOffOrder: makeHandOffOrder(all),
      writeBack: makeWriteBack(all),
      followDraft: makeFollowDraft(all),
      sweepDeals: makeSweepDeals(all),
      syncInbound: makeSyncInbound(all),
      writePartners: makeWritePartners(all),
      writeItems: makeWriteItems(all),
    }),
    disposition: (error, attempt) => disposition(error, attempt, all.random),
    onExhausted: (job, error) => deadLetters.report({ ...job, error }),
    onSettled: (job) => deadLetters.settled(job),
    cron: [
      { name: 'sync', everyMs: 5 * MINUTE_MS, plan: planWork.sync },
      { name: 'deals.sweep', everyMs: 15 * MINUTE_MS, plan: planWork.sweep },
      { name: 'certificates.watch', everyMs: 15 * MINUTE_MS, plan: planWork.watchCertificates },
      { name: 'webhooks.watch', everyMs: 60 * MINUTE_MS, plan: planWork.watchWebhooks },
      { name: 'erp-webhooks.watch', everyMs: 60 * MINUTE_MS, plan: planWork.watchErpWebhooks },
      { name: 'capabilities.watch', everyMs: 60 * MINUTE_MS, plan: planWork.watchCapabilities },
      { name: 'fields.watch', everyMs: 60 * MINUTE_MS, plan: planWork.watchFields },
    ],
  });
}

function openUseCases(config: Config, all: All & { access: ReturnType<typeof createDealAccess> }): UseCases {
  const isAdminNow = makeIsAdminNow(all);
  const settings = openSettingsRoutes(all, isAdminNow);
  const panel = { ...all, lastKnown: createLastKnown(all.clock) };
  const viewDealPanel = makeViewDealPanel(panel);
  const viewOrganizationPanel = makeViewOrganizationPanel(panel);
  const viewPersonPanel = makeViewPersonPanel({ ...panel, viewOrganizationPanel });
  const viewDealHandoff = makeViewDealHandoff(all);
  const sendDeal = makeSendDeal(all);
  const uninstall = makeUninstall({ ...all, closeErp: (id) => all.erp.close(id) });
  return {
    oauth: all.oauth,
    oauthStates: all.oauthStates,
    completeInstall: makeCompleteInstall(all),
    uninstall,
    receiveDelivery: makeReceiveDelivery(all),
    receiveErpEvents: makeReceiveErpEvents(all),
    answerErpHandshake: makeAnswerHandshake(all),
    authenticate: makeAuthenticate(all),
    isAdminNow,
    frameAncestorsFor: makeFrameAncestors({ ...all, common: commonAncestors(config) }),
    readiness: () => readiness(all.database),
    api: {
      ...settings,
      viewDealPanel: (principal, { dealId }, { signal }) => viewDealPanel(principal, dealId, signal),
      viewDealHandoff: (principal, { dealId }, { signal }) => viewDealHandoff(principal, dealId, signal),
      sendDeal: (principal, { dealId }, { signal }) => sendDeal(principal, dealId, signal),
      viewOrganizationPanel: (principal, { organizationId }, { signal }) =>
        viewOrganizationPanel(principal, organizationId, signal),
      viewPersonPanel: (principal, { personId }, { signal }) => viewPersonPanel(principal, personId, signal),
    },
  };
}

function commonAncestors(config: Config): readonly string[] {
  const { domain, localHosts } = config.pipedrive;
  return [`https://app.${domain}`, ...[...localHosts].map((host) => `http://${host}`)];
}

async function readiness(database: Knex): Promise<{ database: boolean; migrations: boolean }> {
  try {
    const pending = await pendingMigrations(database);
    return { database: true, migrations: pending.length === 0 };
  } catch {
    return { database: false, migrations: false };
  }
}
