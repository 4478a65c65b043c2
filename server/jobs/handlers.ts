import type { JobPayloads, TaskName } from '../app/ports/job-queue.ts';
import { AppError } from '../kernel/errors.ts';
import type { ConnectionId, HandoffId, InstallationId } from '../kernel/ids.ts';

/** What a run is told beside its payload. */
export interface JobRun {
  readonly installationId: InstallationId;
  readonly signal: AbortSignal;
}

/** The use cases that jobs call. */
export interface JobUseCases {
  removeInstallation(id: InstallationId, signal: AbortSignal): Promise<void>;
  eraseAgain(id: InstallationId, connectionIds: readonly ConnectionId[]): Promise<void>;
  keepGrants(id: InstallationId, job: JobPayloads['grants.keep'], signal: AbortSignal): Promise<void>;
  ensureWebhooks(id: InstallationId, job: JobPayloads['webhooks.ensure'], signal: AbortSignal): Promise<void>;
  ensureFields(id: InstallationId, job: JobPayloads['fields.ensure'], signal: AbortSignal): Promise<void>;
  checkCertificate(id: InstallationId, connectionId: ConnectionId, signal: AbortSignal): Promise<void>;
  probeCapabilities(id: InstallationId, connectionId: ConnectionId, signal: AbortSignal): Promise<void>;
  ensureErpWebhook(id: InstallationId, connectionId: ConnectionId, signal: AbortSignal): Promise<void>;
  processDelivery(id: InstallationId, deliveryId: string): Promise<void>;
  reRead(id: InstallationId, job: JobPayloads['crm.re-read'], signal: AbortSignal): Promise<void>;
  purgeDeliveries(id: InstallationId, signal: AbortSignal): Promise<void>;
  considerDeal(id: InstallationId, dealId: number, signal: AbortSignal): Promise<void>;
  handOffOrder(id: InstallationId, handoffId: HandoffId, signal: AbortSignal): Promise<void>;
  writeBack(id: InstallationId, handoffId: HandoffId, signal: AbortSignal): Promise<void>;
  followDraft(id: InstallationId, handoffId: HandoffId, signal: AbortSignal): Promise<void>;
  sweepDeals(id: InstallationId): Promise<void>;
  fillGaps(id: InstallationId, signal: AbortSignal): Promise<void>;
  compareRecords(id: InstallationId, signal: AbortSignal): Promise<void>;
  syncInbound(id: InstallationId, job: JobPayloads['sync.inbound'], signal: AbortSignal): Promise<void>;
  writePartners(id: InstallationId, job: JobPayloads['crm.write-partners'], signal: AbortSignal): Promise<void>;
  writeItems(id: InstallationId, job: JobPayloads['crm.write-items'], signal: AbortSignal): Promise<void>;
}

type Handlers = { readonly [T in TaskName]: (run: JobRun, payload: JobPayloads[T]) => Promise<void> };

/** One handler a job; the queue has checked the payload's shape. */
export function createJobHandlers(use: JobUseCases): Handlers {
  return {
    'installation.remove': (run) => use.removeInstallation(run.installationId, run.signal),
    'installation.erase': (run, { connectionIds }) => use.eraseAgain(run.installationId, connectionIds),
    'grants.keep': (run, payload) => use.keepGrants(run.installationId, payload, run.signal),
    'webhooks.ensure': (run, payload) => use.ensureWebhooks(run.installationId, payload, run.signal),
    'fields.ensure': (run, payload) => use.ensureFields(run.installationId, payload, run.signal),
    'certificate.check': (run, { connectionId }) => use.checkCertificate(run.installationId, connectionId, run.signal),
    'capabilities.probe': (run, { connectionId }) =>
      use.probeCapabilities(run.installationId, connectionId, run.signal),
    'erp-webhooks.ensure': (run, { connectionId }) =>
      use.ensureErpWebhook(run.installationId, connectionId, run.signal),
    'delivery.process': (run, { deliveryIds }) => processEach(use, run, deliveryIds),
    'crm.re-read': (run, payload) => use.reRead(run.installationId, payload, run.signal),
    'deliveries.purge': (run) => use.purgeDeliveries(run.installationId, run.signal),
    'deal.consider': (run, { dealId }) => use.considerDeal(run.installationId, dealId, run.signal),
    'order.hand-off': (run, { handoffId }) => use.handOffOrder(run.installationId, handoffId, run.signal),
    'order.write-back': (run, { handoffId }) => use.writeBack(run.installationId, handoffId, run.signal),
    'draft.follow': (run, { handoffId }) => use.followDraft(run.installationId, handoffId, run.signal),
    'deals.sweep': (run) => use.sweepDeals(run.installationId),
    'crm.fill-gaps': (run) => use.fillGaps(run.installationId, run.signal),
    'crm.compare': (run) => use.compareRecords(run.installationId, run.signal),
    'sync.inbound': (run, payload) => use.syncInbound(run.installationId, payload, run.signal),
    'crm.write-partners': (run, payload) => use.writePartners(run.installationId, payload, run.signal),
    'crm.write-items': (run, payload) => use.writeItems(run.installationId, payload, run.signal),
  };
}

/** One that is a defect must not keep those that came with it from being processed; the job fails for it afterwards. */
async function processEach(
  use: Pick<JobUseCases, 'processDelivery'>,
  { installationId, signal }: JobRun,
  deliveryIds: readonly string[],
): Promise<void> {
  const defects: unknown[] = [];
  for (const deliveryId of deliveryIds) {
    signal.throwIfAborted();
    try {
      await use.processDelivery(installationId, deliveryId);
    } catch (error) {
      if (error instanceof AppError) throw error;
      defects.push(error);
    }
  }
  if (defects.length > 0) throw defects[0];
}
