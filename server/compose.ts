import type { Knex } from 'knex';
import { createDealAccess } from './app/deal-access.ts';
import { createDeliveryCallers } from './app/deliveries/delivery-callers.ts';
import { createMissedDeliveries, makeReceiveAgain } from './app/deliveries/missed-deliveries.ts';
import { makeReceiveDelivery } from './app/deliveries/receive-delivery.ts';
import { makeTellRefusal } from './app/deliveries/tell-refusal.ts';
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
import { createSharedLines } from './app/panel/shared-lines.ts';
import { createSharedReads } from './app/panel/shared-reads.ts';
import { makeViewDealPanel } from './app/panel/view-deal-panel.ts';
import { type DealList, makeViewOrganizationPanel, makeViewPersonPanel } from './app/panel/view-organization-panel.ts';
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
  const memories = openMemories(all);
  const jobs = openJobs(all);
  const watchReceiver = makeWatchReceiver({ ...all, suspectGaps: makePlanWork(all).suspectGaps });
  return {
    useCases: openUseCases(config, { ...all, access, ...memories }),
    jobs,
    async watchReceiver() {
      // The same processes show panels.
      for (const memory of Object.values(memories)) memory.forgetOld();
      await watchReceiver();
    },
    async close() {
      await clients.closeErp();
      await clients.closeCrm();
    },
  };
}

const deadline: Deadline = (milliseconds, ...signals) =>
  AbortSignal.any([...signals, AbortSignal.timeout(milliseconds)]);

type Memories = ReturnType<typeof openMemories>;

/** What a process remembers of what people looked at, each for its own time. */
function openMemories({ crm, clock }: Pick<All, 'crm' | 'clock'>) {
  return {
    lastKnown: createLastKnown(clock),
    sharedLines: createSharedLines({ crm, clock }),
    sharedDeals: createSharedReads<DealList>(clock),
  };
}

function openUseCases(config: Config, all: All & { access: ReturnType<typeof createDealAccess> } & Memories): UseCases {
  const isAdminNow = makeIsAdminNow(all);
  const callers = createDeliveryCallers(all);
  const missed = createMissedDeliveries(all);
  const settings = openSettingsRoutes(all, isAdminNow);
  const viewDealPanel = makeViewDealPanel(all);
  const viewOrganizationPanel = makeViewOrganizationPanel(all);
  const viewPersonPanel = makeViewPersonPanel({ ...all, viewOrganizationPanel });
  const viewDealHandoff = makeViewDealHandoff(all);
  const sendDeal = makeSendDeal(all);
  const { leaving, removal } = openEnding(all);
  const explainFailure = makeExplainFailure(all);
  return {
    oauth: all.oauth,
    oauthStates: all.oauthStates,
    completeInstall: makeCompleteInstall(all),
    uninstall: leaving.uninstall,
    exportInstallation: makeExportInstallation(all),
    findDeliveryCaller: (proof) => callers.find(proof),
    receiveDelivery: makeReceiveAgain(
      missed,
      makeReceiveDelivery({ ...all, callers, tellRefusal: makeTellRefusal(all) }),
    ),
    noteMissedDelivery: (addressHash) => missed.note(addressHash),
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
      viewDealPanel: (principal, { dealId, refresh }, { signal }) =>
        viewDealPanel(principal, dealId, signal, refresh === 'yes'),
      viewDealHandoff: (principal, { dealId }, { signal }) => viewDealHandoff(principal, dealId, signal),
      sendDeal: (principal, { dealId }, { signal }) => sendDeal(principal, dealId, signal),
      viewOrganizationPanel: (principal, { organizationId, refresh }, { signal }) =>
        viewOrganizationPanel(principal, organizationId, signal, refresh === 'yes'),
      viewPersonPanel: (principal, { personId, refresh }, { signal }) =>
        viewPersonPanel(principal, personId, signal, refresh === 'yes'),
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
