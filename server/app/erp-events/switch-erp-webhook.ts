import { randomBytes } from 'node:crypto';
import type { SapEventsView } from '../../contract/sap-events.ts';
import type { Clock } from '../../kernel/clock.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import { ensureErpWebhookJob } from '../erp-webhook-jobs.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { ErpCaller } from '../ports/erp.ts';
import type { ErpEvents } from '../ports/erp-events.ts';
import type { ErpWebhook, ErpWebhookStore } from '../ports/erp-webhook-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Tx } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { findWorkplace, getWorkplace, type TenantDeps } from '../tenant.ts';

export interface SwitchErpWebhookDeps extends TenantDeps {
  readonly clock: Clock;
  readonly erpWebhooks: ErpWebhookStore;
  readonly erpEvents: ErpEvents;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
}

const STATES = {
  wanted: 'waiting',
  active: 'on',
  refused: 'refused',
  unwanted: 'off',
} as const satisfies Record<ErpWebhook['state'], SapEventsView['state']>;

/** Whether SAP shall tell us of changes by itself: an admin's decision. */
export function makeSwitchErpWebhook(deps: SwitchErpWebhookDeps) {
  async function append(tx: Tx, connectionId: ConnectionId, userId: number, requestId: string, enabled: boolean) {
    await deps.audit.append(tx, {
      verb: 'settings_changed',
      source: { system: 'orderline', key: `erp-events:${connectionId}`, version: null },
      target: `connection:${connectionId}`,
      before: null,
      after: { sapEvents: enabled },
      runId: null,
      requestId,
      userId,
      at: deps.clock.now(),
    });
  }

  return {
    /** @throws {NotFoundError} when SAP is not connected */
    async switchErpWebhook(principal: Principal, enabled: boolean, requestId: string): Promise<void> {
      const { connection, installation } = await getWorkplace(deps, principal.installationId);
      await deps.unitOfWork.within(principal.installationId, async (tx) => {
        const known = await deps.erpWebhooks.find(tx, connection.id);
        if (!enabled && !known) return;
        if (!enabled) {
          await deps.erpWebhooks.setUnwanted(tx, connection.id);
          await deps.findings.resolve(tx, 'erp_events_refused', `connection:${connection.id}`, deps.clock.now());
        } else if (known?.state !== 'active') {
          await deps.erpWebhooks.save(tx, connection.id, {
            // The same id as before: what an interrupted switch has left in SAP is found and taken over.
            webhookId: known?.webhookId ?? `orderline-${randomBytes(8).toString('hex')}`,
            secret: `${installation.companyId}-${randomBytes(32).toString('base64url')}`,
            auth: 'hmac',
            credential: randomBytes(32).toString('base64url'),
          });
        }
        await append(tx, connection.id, principal.userId, requestId, enabled);
        await deps.jobs.enqueueWithin(tx, ensureErpWebhookJob(connection.id, 'person'));
      });
    },

    /** Off, without a connection too. */
    async viewErpWebhook({ installationId }: Principal): Promise<SapEventsView> {
      const workplace = await findWorkplace(deps, installationId);
      const webhook =
        workplace &&
        (await deps.unitOfWork.within(installationId, (tx) => deps.erpWebhooks.find(tx, workplace.connection.id)));
      return {
        state: webhook ? STATES[webhook.state] : 'off',
        words: webhook?.refusedWords ?? null,
        lastEventAt: webhook?.lastEventAt?.toISOString() ?? null,
      };
    },

    /** Before a connection is given up, as well as it can be done: what is left behind ends by itself when nobody answers it. */
    async leave(id: InstallationId, signal: AbortSignal): Promise<boolean> {
      const workplace = await findWorkplace(deps, id);
      if (!workplace) return true;
      const { id: connectionId } = workplace.connection;
      const webhook = await deps.unitOfWork.within(id, (tx) => deps.erpWebhooks.find(tx, connectionId));
      if (!webhook) return true;
      const caller: ErpCaller = { installationId: id, connectionId, priority: 'person', signal };
      const isGone = await deps.erpEvents.deleteSubscription(caller, webhook.webhookId).then(
        () => true,
        (error: unknown) => error instanceof NotFoundError,
      );
      await deps.unitOfWork.within(id, (tx) => deps.erpWebhooks.remove(tx, connectionId));
      return isGone;
    },
  };
}
