import { randomBytes } from 'node:crypto';
import { after, type Clock } from '../../kernel/clock.ts';
import { RejectedError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Crm, CrmCaller, CrmWebhookInfo } from '../ports/crm.ts';
import type { CrmWebhook, CrmWebhookStore } from '../ports/delivery-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { InstallationStore } from '../ports/installation-store.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';

/** What the app listens to. One narrow webhook each, so that a ban of one leaves the others. */
export const WEBHOOKS = [
  { object: 'deal', action: 'create' },
  { object: 'deal', action: 'change' },
  { object: 'deal', action: 'delete' },
] as const;

/** So long after the last unreadable delivery nobody needs to look any more. */
const QUIET_MS = 24 * 60 * 60_000;

export interface EnsureWebhooksDeps {
  readonly clock: Clock;
  /** How Pipedrive reaches this app, without a trailing slash. */
  readonly publicUrl: string;
  readonly unitOfWork: UnitOfWork;
  readonly installations: InstallationStore;
  readonly webhooks: CrmWebhookStore;
  readonly findings: FindingStore;
  readonly audit: AuditLog;
  readonly crm: Crm;
}

/**
 * Makes the app's webhooks exist and listen at the right address. The credentials of a new one are stored before it is
 * made, so that its first delivery is known.
 */
export function makeEnsureWebhooks(deps: EnsureWebhooksDeps) {
  return async function ensureWebhooks(id: InstallationId, signal: AbortSignal): Promise<void> {
    const caller: CrmCaller = { installationId: id, as: 'service', purpose: 'status', signal };
    const { secret, stored, active } = await deps.unitOfWork.within(id, async (tx) => ({
      secret: await deps.installations.findWebhookSecret(tx),
      stored: await deps.webhooks.list(tx),
      active: (await deps.installations.get(tx)).status === 'active',
    }));
    if (!secret || !active) return;
    const url = `${deps.publicUrl}/webhooks/pipedrive/${secret.reveal()}`;
    const present = await deps.crm.listWebhooks(caller);
    await removeStale(id, caller, stored, present, url);
    for (const wanted of WEBHOOKS) {
      const known = stored.some(
        (row) => row.object === wanted.object && row.action === wanted.action && isLive(row, present, url),
      );
      if (!known) await create(id, caller, url, wanted);
    }
    await deps.unitOfWork.within(id, async (tx) => {
      const now = deps.clock.now();
      await deps.findings.resolve(tx, 'webhooks_refused', 'installation', now);
      await deps.findings.resolveQuiet(tx, 'delivery_unreadable', after(now, -QUIET_MS), now);
    });
  };

  async function removeStale(
    id: InstallationId,
    caller: CrmCaller,
    stored: readonly CrmWebhook[],
    present: readonly CrmWebhookInfo[],
    url: string,
  ): Promise<void> {
    const live = stored.filter((row) => isLive(row, present, url));
    const liveIds = new Set(live.map((row) => row.webhookId));
    for (const webhook of present) {
      // Only ours are listed to an app; what is not known, or listens elsewhere, has credentials nobody can check.
      if (!liveIds.has(webhook.id)) await deps.crm.deleteWebhook(caller, webhook.id);
    }
    await deps.unitOfWork.within(id, async (tx) => {
      for (const row of stored) if (!live.includes(row)) await deps.webhooks.remove(tx, row.user);
    });
  }

  async function create(
    id: InstallationId,
    caller: CrmCaller,
    url: string,
    wanted: (typeof WEBHOOKS)[number],
  ): Promise<void> {
    const user = randomBytes(9).toString('hex');
    const password = randomBytes(32).toString('hex');
    await deps.unitOfWork.within(id, (tx) => deps.webhooks.add(tx, { ...wanted, user, password, webhookId: 0 }));
    try {
      const name = `Orderline ${wanted.object} ${wanted.action}`;
      const webhookId = await deps.crm.createWebhook(caller, { ...wanted, name, url, user, password });
      await deps.unitOfWork.within(id, async (tx) => {
        await deps.webhooks.setId(tx, user, webhookId);
        await deps.audit.append(tx, {
          verb: 'webhooks_created',
          source: { system: 'orderline', key: id, version: null },
          target: `webhook:${webhookId}`,
          before: null,
          after: { object: wanted.object, action: wanted.action },
          runId: null,
          requestId: null,
          userId: null,
          at: deps.clock.now(),
        });
      });
    } catch (error) {
      if (error instanceof RejectedError) await raise(id, error);
      throw error;
    }
  }

  async function raise(id: InstallationId, error: RejectedError): Promise<void> {
    await deps.unitOfWork.within(id, (tx) =>
      deps.findings.raise(
        tx,
        {
          kind: 'webhooks_refused',
          subject: 'installation',
          message: `Pipedrive refused to notify this app about deals: ${error.words}`,
          action: 'Check that the address of this app can be reached from the internet over HTTPS.',
          link: null,
        },
        deps.clock.now(),
      ),
    );
  }
}

function isLive(row: CrmWebhook, present: readonly CrmWebhookInfo[], url: string): boolean {
  return present.some((webhook) => webhook.id === row.webhookId && webhook.url === url && webhook.active);
}
