import type { Knex } from 'knex';
import type { Registry } from 'prom-client';
import { createErpAccess } from './app/access/erp-access.ts';
import { createGrantAccess } from './app/access/grant-access.ts';
import { createTokenAccounting } from './app/access/token-accounting.ts';
import type { Deadline } from './app/ports/deadline.ts';
import type { Config } from './config.ts';
import { createAuditLog } from './db/audit-log.ts';
import { capabilityStore } from './db/capability-store.ts';
import { createConnectionStore } from './db/connection-store.ts';
import { connectionTrials } from './db/connection-trials.ts';
import { crmChangeStore, crmViewStore } from './db/crm-change-store.ts';
import { crmComparisonStore } from './db/crm-comparisons.ts';
import { crmFieldStore } from './db/crm-field-store.ts';
import { createGateBooks } from './db/crm-gate.ts';
import { crmReadingStore } from './db/crm-readings.ts';
import { createCrmWebhookStore } from './db/crm-webhook-store.ts';
import { dataKeyStore } from './db/data-key-store.ts';
import { createDeliveryInbox } from './db/delivery-inbox.ts';
import { deliveryReplayStore } from './db/delivery-replay-store.ts';
import { deliveryStore } from './db/delivery-store.ts';
import { erpFieldStore } from './db/erp-field-store.ts';
import { createErpSlots } from './db/erp-slots.ts';
import { createErpWebhookStore } from './db/erp-webhook-store.ts';
import { createExportStore } from './db/export-store.ts';
import { findingStore } from './db/finding-store.ts';
import { createGrantStore } from './db/grant-store.ts';
import { handoffStore } from './db/handoff-store.ts';
import { createInstallationStore } from './db/installation-store.ts';
import { jobQueue, parkedJobs } from './db/job-queue.ts';
import { lineDetailStore, linkStore } from './db/link-store.ts';
import { createOAuthStateStore } from './db/oauth-state-store.ts';
import { createReceiverMarks } from './db/receiver-marks.ts';
import { removalStore } from './db/removal-store.ts';
import { settingsStore } from './db/settings-store.ts';
import { cursorStore, syncRunStore } from './db/sync-store.ts';
import { createTenantDirectory } from './db/tenant-directory.ts';
import { tokenLedger } from './db/token-ledger.ts';
import { createUnitOfWork } from './db/unit-of-work.ts';
import type { Clock } from './kernel/clock.ts';
import type { Logger } from './kernel/logger.ts';
import type { Random } from './kernel/random.ts';
import type { Sleep } from './net/sleep.ts';
import type { Elapsed } from './net/timer.ts';
import { createPipedrive } from './pipedrive/create-pipedrive.ts';
import { createErp } from './sap/erp.ts';
import { createVault } from './secrets/vault.ts';
import { countingTokens } from './token-metrics.ts';

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
  /** `own`: no other process asks SAP or Pipedrive, so that nothing has to be agreed on. */
  readonly slots?: 'own';
  /** A stop watch, by which slow answers of SAP are noticed; the machine's unless a test brings its own. */
  readonly elapsed?: Elapsed;
  /** Wraps ports before any use case gets them. */
  readonly adapt?: (ports: Ports) => Ports;
}

type Stores = ReturnType<typeof openStores>;
type Clients = ReturnType<typeof openClients>;
/** What use cases are made from. */
export type Ports = Stores & Clients;
export type All = ComposeDeps & Ports & { deadline: Deadline; publicUrl: string; clientId: string };

export function openStores(config: Config, { database }: ComposeDeps) {
  const vault = createVault({ masterKeys: config.masterKeys, dataKeys: dataKeyStore });
  return {
    vault,
    unitOfWork: createUnitOfWork(database),
    directory: createTenantDirectory(database),
    oauthStates: createOAuthStateStore(database),
    installations: createInstallationStore(vault),
    removals: removalStore,
    exports: createExportStore(vault),
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
    inbox: createDeliveryInbox(database),
    storedDeliveries: deliveryReplayStore,
    handoffs: handoffStore,
    changes: crmChangeStore,
    views: crmViewStore,
    findings: findingStore,
    ledger: tokenLedger,
    crmFields: crmFieldStore,
    erpFields: erpFieldStore,
    capabilities: capabilityStore,
    readings: crmReadingStore,
    comparisons: crmComparisonStore,
    receiverMarks: createReceiverMarks(database),
    jobs: jobQueue,
    parkedJobs,
  };
}

export function openClients(config: Config, deps: ComposeDeps, stores: Stores) {
  const { clientId, clientSecret, oauthUrl, domain, localHosts } = config.pipedrive;
  const grants = createGrantAccess({ ...deps, ...stores });
  const ledger = countingTokens(createTokenAccounting({ ...deps, ...stores }), deps.registry);
  const pipedrive = createPipedrive({
    ...deps,

    clientId,
    clientSecret,
    oauthUrl,
    domain,
    localHosts,
    grants,
    ledger,
    gateBooks: deps.slots === 'own' ? undefined : createGateBooks(stores.unitOfWork),
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
