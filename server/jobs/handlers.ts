import type { JobPayloads, TaskName } from '../app/ports/job-queue.ts';
import type { ConnectionId, HandoffId, InstallationId } from '../kernel/ids.ts';

/** What a run is told beside its payload. */
export interface JobRun {
  readonly installationId: InstallationId;
  readonly signal: AbortSignal;
}

/** The use cases that jobs call. */
export interface JobUseCases {
  ensureWebhooks(id: InstallationId, signal: AbortSignal): Promise<void>;
  ensureFields(id: InstallationId, job: JobPayloads['fields.ensure'], signal: AbortSignal): Promise<void>;
  checkCertificate(id: InstallationId, connectionId: ConnectionId, signal: AbortSignal): Promise<void>;
  probeCapabilities(id: InstallationId, connectionId: ConnectionId, signal: AbortSignal): Promise<void>;
  ensureErpWebhook(id: InstallationId, connectionId: ConnectionId, signal: AbortSignal): Promise<void>;
  processDelivery(id: InstallationId, deliveryId: string): Promise<void>;
  considerDeal(id: InstallationId, dealId: number, signal: AbortSignal): Promise<void>;
  handOffOrder(id: InstallationId, handoffId: HandoffId, signal: AbortSignal): Promise<void>;
  writeBack(id: InstallationId, handoffId: HandoffId, signal: AbortSignal): Promise<void>;
  followDraft(id: InstallationId, handoffId: HandoffId, signal: AbortSignal): Promise<void>;
  sweepDeals(id: InstallationId, signal: AbortSignal): Promise<void>;
  syncInbound(id: InstallationId, job: JobPayloads['sync.inbound'], signal: AbortSignal): Promise<void>;
  writePartners(id: InstallationId, job: JobPayloads['crm.write-partners'], signal: AbortSignal): Promise<void>;
  writeItems(id: InstallationId, job: JobPayloads['crm.write-items'], signal: AbortSignal): Promise<void>;
}

type Handlers = { readonly [T in TaskName]: (run: JobRun, payload: JobPayloads[T]) => Promise<void> };

/** One handler a job; the queue has checked the payload's shape. */
export function createJobHandlers(use: JobUseCases): Handlers {
  return {
    'webhooks.ensure': (run) => use.ensureWebhooks(run.installationId, run.signal),
    'fields.ensure': (run, payload) => use.ensureFields(run.installationId, payload, run.signal),
    'certificate.check': (run, { connectionId }) => use.checkCertificate(run.installationId, connectionId, run.signal),
    'capabilities.probe': (run, { connectionId }) =>
      use.probeCapabilities(run.installationId, connectionId, run.signal),
    'erp-webhooks.ensure': (run, { connectionId }) =>
      use.ensureErpWebhook(run.installationId, connectionId, run.signal),
    'delivery.process': (run, { deliveryId }) => use.processDelivery(run.installationId, deliveryId),
    'deal.consider': (run, { dealId }) => use.considerDeal(run.installationId, dealId, run.signal),
    'order.hand-off': (run, { handoffId }) => use.handOffOrder(run.installationId, handoffId, run.signal),
    'order.write-back': (run, { handoffId }) => use.writeBack(run.installationId, handoffId, run.signal),
    'draft.follow': (run, { handoffId }) => use.followDraft(run.installationId, handoffId, run.signal),
    'deals.sweep': (run) => use.sweepDeals(run.installationId, run.signal),
    'sync.inbound': (run, payload) => use.syncInbound(run.installationId, payload, run.signal),
    'crm.write-partners': (run, payload) => use.writePartners(run.installationId, payload, run.signal),
    'crm.write-items': (run, payload) => use.writeItems(run.installationId, payload, run.signal),
  };
}
