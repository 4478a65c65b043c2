import type { Knex } from 'knex';
import { createDealAccess } from './app/deal-access.ts';
import { createDeliveryCallers } from './app/deliveries/delivery-callers.ts';
import { makeReceiveDelivery } from './app/deliveries/receive-delivery.ts';
import { makeAnswerHandshake } from './app/erp-events/answer-handshake.ts';
import { makeIsErpCaller } from './app/erp-events/find-caller.ts';
import { makeReceiveErpEvents } from './app/erp-events/receive-erp-events.ts';
import { makeExplainFailure } from './app/explain-failure.ts';
import { makeAuthenticate } from './app/install/authenticate.ts';
import { makeCompleteInstall } from './app/install/complete-install.ts';
import { makeExportInstallation } from './app/install/export-installation.ts';
import { makeFrameAncestors } from './app/install/frame-ancestors.ts';
import { makeIsAdminNow } from './app/install/is-admin-now.ts';
import { makePlanWork } from './app/operations/plan-work.ts';
import { makeWatchReceiver } from './app/operations/watch-receiver.ts';
import { makeSendDeal, makeViewDealHandoff } from './app/order-handoff/send-deal.ts';
import { createLastKnown } from './app/panel/last-known.ts';
import { makeViewDealPanel } from './app/panel/view-deal-panel.ts';
import { makeViewOrganizationPanel, makeViewPersonPanel } from './app/panel/view-organization-panel.ts';
import type { Deadline } from './app/ports/deadline.ts';
import { openEnding, openJobs } from './compose-jobs.ts';
import { type All, type ComposeDeps, openClients, openStores, type Ports } from './compose-ports.ts';
import { openSettingsRoutes } from './compose-settings.ts';
import type { Config } from './config.ts';
import { pendingMigrations } from './db/migrate.ts';
import type { UseCases } from './http/use-cases.ts';
import type { JobRunner } from './queue/job-runner.ts';

export interface App {
  readonly useCases: UseCases;
  readonly jobs: JobRunner;
  /** To be called every half minute by a process that takes webhooks, and once when it begins to. */
  watchReceiver(): Promise<void>;
  /** Logs out of SAP and ends kept connections; jobs are to be stopped first. */
  close(): Promise<void>;
}

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
    watchReceiver: makeWatchReceiver({ ...all, suspectGaps: makePlanWork(all).suspectGaps }),
    async close() {
      await clients.closeErp();
      await clients.closeCrm();
    },
  };
}

const deadline: Deadline = (milliseconds, ...signals) =>
  AbortSignal.any([...signals, AbortSignal.timeout(milliseconds)]);

function openUseCases(config: Config, all: All & { access: ReturnType<typeof createDealAccess> }): UseCases {
  const isAdminNow = makeIsAdminNow(all);
  const callers = createDeliveryCallers(all);
  const settings = openSettingsRoutes(all, isAdminNow);
  const panel = { ...all, lastKnown: createLastKnown(all.clock) };
  const viewDealPanel = makeViewDealPanel(panel);
  const viewOrganizationPanel = makeViewOrganizationPanel(panel);
  const viewPersonPanel = makeViewPersonPanel({ ...panel, viewOrganizationPanel });
  const viewDealHandoff = makeViewDealHandoff(all);
  const sendDeal = makeSendDeal(all);
  const { uninstall, removal } = openEnding(all);
  const explainFailure = makeExplainFailure(all);
  return {
    oauth: all.oauth,
    oauthStates: all.oauthStates,
    completeInstall: makeCompleteInstall(all),
    uninstall,
    exportInstallation: makeExportInstallation(all),
    findDeliveryCaller: (proof) => callers.find(proof),
    receiveDelivery: makeReceiveDelivery({ ...all, callers }),
    isErpCaller: makeIsErpCaller(all),
    receiveErpEvents: makeReceiveErpEvents(all),
    answerErpHandshake: makeAnswerHandshake(all),
    authenticate: makeAuthenticate(all),
    isAdminNow,
    frameAncestorsFor: makeFrameAncestors({ ...all, common: commonAncestors(config) }),
    readiness: () => readiness(all.database),
    explainFailure: ({ installationId }, error) => explainFailure(installationId, error),
    api: {
      ...settings,
      viewRemoval: (principal) => removal.viewRemoval(principal),
      async askForRemoval(principal, { companyName }, { requestId }) {
        await removal.askForRemoval(principal, companyName, requestId);
        return removal.viewRemoval(principal);
      },
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
