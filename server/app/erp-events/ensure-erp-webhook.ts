import { randomBytes } from 'node:crypto';
import { after, type Clock } from '../../kernel/clock.ts';
import { NotFoundError, RejectedError } from '../../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { ErpCaller } from '../ports/erp.ts';
import type { ErpEventCredential, ErpEvents } from '../ports/erp-events.ts';
import type { ErpWebhook, ErpWebhookStore } from '../ports/erp-webhook-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import { STREAMS, syncJob } from '../sync-jobs.ts';
import { findWorkplace, type TenantDeps } from '../tenant.ts';

export interface EnsureErpWebhookDeps extends TenantDeps {
  readonly clock: Clock;
  /** How SAP reaches this app, without a trailing slash. */
  readonly publicUrl: string;
  readonly erpWebhooks: ErpWebhookStore;
  readonly erpEvents: ErpEvents;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
}

/** Longer than an event can be under way. */
const EVENTS_KEPT_MS = 48 * 60 * 60_000;

/**
 * Makes the subscription in SAP be what the admin wants: made, at this app's address, running; or gone. Events are a
 * convenience, so that nothing else waits when SAP refuses: the admin is told and polling goes on as ever.
 */
export function makeEnsureErpWebhook(deps: EnsureErpWebhookDeps) {
  return async function ensureErpWebhook(
    id: InstallationId,
    connectionId: ConnectionId,
    signal: AbortSignal,
  ): Promise<void> {
    const workplace = await findWorkplace(deps, id, connectionId);
    const webhook = await find(id, connectionId);
    if (!webhook || workplace?.connection.status !== 'active') return;
    const caller: ErpCaller = { installationId: id, connectionId, priority: 'background', signal };
    if (webhook.state === 'unwanted') {
      await take(caller, webhook);
      return;
    }
    await attempt(caller, webhook);
  };

  async function attempt(caller: ErpCaller, webhook: ErpWebhook): Promise<void> {
    try {
      await subscribe(caller, webhook);
    } catch (error) {
      if (!(error instanceof RejectedError || error instanceof NotFoundError)) throw error;
      const words = error instanceof RejectedError ? error.words : error.message;
      // Once there is one, its deliveries prove themselves by what it was made with.
      const isNew = webhook.url === null;
      if (isNew && webhook.auth === 'hmac' && /authentication/i.test(words)) await attemptBasic(caller, webhook);
      else await refused(caller, webhook, withoutSecrets(words, webhook));
    }
  }

  /** Some servers take no HMAC: the address is as secret, and Basic credentials come with each delivery. */
  async function attemptBasic(caller: ErpCaller, webhook: ErpWebhook): Promise<void> {
    const password = randomBytes(32).toString('base64url');
    const changed = await deps.unitOfWork.within(caller.installationId, async (tx) =>
      (await deps.erpWebhooks.setBasic(tx, webhook, password))
        ? deps.erpWebhooks.find(tx, webhook.connectionId)
        : undefined,
    );
    if (changed) await attempt(caller, changed);
  }

  async function take(caller: ErpCaller, { webhookId }: ErpWebhook): Promise<void> {
    try {
      await deps.erpEvents.deleteSubscription(caller, webhookId);
    } catch (error) {
      // None there, or no right to it any more: SAP ends by itself what is answered 401.
      if (!(error instanceof RejectedError || error instanceof NotFoundError)) throw error;
    }
    await deps.unitOfWork.within(caller.installationId, (tx) =>
      deps.erpWebhooks.removeUnwanted(tx, caller.connectionId),
    );
  }

  async function subscribe(caller: ErpCaller, webhook: ErpWebhook): Promise<void> {
    const { webhookId } = webhook;
    const url = `${deps.publicUrl}/webhooks/sap/${webhook.secret.reveal()}`;
    const present = await deps.erpEvents.findSubscription(caller, webhookId);
    if (present && present.url !== url) await deps.erpEvents.deleteSubscription(caller, webhookId);
    if (present?.url !== url) await deps.erpEvents.createSubscription(caller, webhookId, url, credentialOf(webhook));
    else if (present.state === 'Inactive' || present.state === 'Exceptional') await resume(caller, webhookId);
    await settled(caller, webhook, url);
  }

  /** What happened while it stood still is not sent: it is read. */
  async function resume(caller: ErpCaller, webhookId: string): Promise<void> {
    await deps.erpEvents.resumeSubscription(caller, webhookId);
    await deps.unitOfWork.within(caller.installationId, async (tx) => {
      for (const stream of STREAMS) await deps.jobs.enqueueWithin(tx, syncJob(caller.connectionId, stream));
    });
  }

  async function settled(caller: ErpCaller, webhook: ErpWebhook, url: string): Promise<void> {
    const { installationId, connectionId } = caller;
    const now = deps.clock.now();
    const isGone = await deps.unitOfWork.within(installationId, async (tx) => {
      if (!(await deps.erpWebhooks.setActive(tx, webhook, url)))
        return (await deps.erpWebhooks.find(tx, connectionId)) === undefined;
      await deps.findings.resolve(tx, 'erp_events_refused', `connection:${connectionId}`, now);
      await deps.erpWebhooks.forgetEvents(tx, after(now, -EVENTS_KEPT_MS));
      return false;
    });
    // Switched meanwhile: the job of that switch follows. Disconnected meanwhile: nobody else comes to take it away.
    if (isGone) await deps.erpEvents.deleteSubscription(caller, webhook.webhookId).catch(() => undefined);
  }

  async function refused(
    { installationId, connectionId }: ErpCaller,
    webhook: ErpWebhook,
    words: string,
  ): Promise<void> {
    await deps.unitOfWork.within(installationId, async (tx) => {
      if (!(await deps.erpWebhooks.setRefused(tx, webhook, words))) return;
      await deps.findings.raise(
        tx,
        {
          kind: 'erp_events_refused',
          subject: `connection:${connectionId}`,
          message: `SAP does not send its events to this app: ${words}`,
          action:
            'Changes still arrive, some minutes later. Ask your SAP partner whether webhooks are switched on for the company and whether the server can reach this app, or switch them off in the app settings.',
          link: { resource: 'settings', id: null },
        },
        deps.clock.now(),
      );
    });
  }

  async function find(id: InstallationId, connectionId: ConnectionId): Promise<ErpWebhook | undefined> {
    return deps.unitOfWork.within(id, (tx) => deps.erpWebhooks.find(tx, connectionId));
  }
}

function credentialOf({ auth, webhookId, credential }: ErpWebhook): ErpEventCredential {
  return auth === 'hmac'
    ? { auth, key: credential.reveal() }
    : { auth, user: webhookId, password: credential.reveal() };
}

/** SAP's words may name the address that it was to call, also cut short: whoever knows it all is half way to forging a call. */
function withoutSecrets(words: string, { credential }: ErpWebhook): string {
  return words.replaceAll(credential.reveal(), '…').replace(/(\/webhooks\/sap\/)[\w-]+/g, '$1…');
}
