import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import { readBasic, sameText, signatureMatches } from '../authenticity.ts';
import type { CrmWebhook, CrmWebhookStore, DeliveryStore } from '../ports/delivery-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { ConnectionStore, Installation, InstallationStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { SettingsStore } from '../ports/settings-store.ts';
import type { TenantDirectory, Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { type DeliveryEvent, readDelivery } from './delivery-reader.ts';

export interface ReceiveDeliveryDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly directory: TenantDirectory;
  readonly installations: InstallationStore;
  readonly webhooks: CrmWebhookStore;
  readonly connections: ConnectionStore;
  readonly settings: SettingsStore;
  readonly deliveries: DeliveryStore;
  readonly findings: FindingStore;
  readonly jobs: JobQueue;
}

export interface ArrivedDelivery {
  /** The last part of the address it came to. */
  readonly secret: string;
  readonly authorization: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** As it came; of an oversized one the first 64 kB. */
  readonly body: Uint8Array;
  readonly size: number;
  readonly tooLarge: boolean;
  /** HMAC-SHA256 of all bytes that came, also of those not kept, with the secret as its key. */
  readonly mac: Uint8Array;
}

const SIGNATURE_HEADER = 'x-pipedrive-signature';
const NOT_KEPT = new Set(['authorization', 'cookie', 'proxy-authorization', SIGNATURE_HEADER]);

/**
 * Stores a delivery and its job in one transaction, or says that it is not ours. Nothing is read from the body before the
 * address and the credentials have named the installation, and nothing in it can make this fail.
 */
export function makeReceiveDelivery(deps: ReceiveDeliveryDeps) {
  return async function receiveDelivery(arrived: ArrivedDelivery): Promise<'stored' | 'duplicate' | 'not_ours'> {
    const id = await deps.directory.findByWebhookSecret(createHash('sha256').update(arrived.secret).digest());
    const basic = readBasic(arrived.authorization);
    if (!id || !basic) return 'not_ours';
    return deps.unitOfWork.within(id, async (tx) => {
      const installation = await deps.installations.get(tx);
      if (installation.status === 'uninstalled') return 'not_ours';
      const webhook = findWebhook(await deps.webhooks.list(tx), basic);
      if (!webhook || !(await signatureAccepted(tx, arrived))) return 'not_ours';
      const event = arrived.tooLarge ? undefined : readDelivery(arrived.body);
      if (event?.companyId && event.companyId !== installation.companyId) return 'not_ours';
      return store(tx, installation, webhook, arrived, event);
    });
  };

  async function signatureAccepted(tx: Tx, arrived: ArrivedDelivery): Promise<boolean> {
    const header = arrived.headers[SIGNATURE_HEADER];
    if (header) return signatureMatches(header, arrived.mac);
    const [connection] = await deps.connections.list(tx);
    if (!connection) return true;
    return (await deps.settings.get(tx, connection.id)).settings.signature === 'if-present';
  }

  async function store(
    tx: Tx,
    installation: Installation,
    webhook: CrmWebhook,
    arrived: ArrivedDelivery,
    event: DeliveryEvent | undefined,
  ): Promise<'stored' | 'duplicate'> {
    const now = deps.clock.now();
    const id = randomUUID();
    const state = arrived.tooLarge ? 'too_large' : event ? 'new' : 'unreadable';
    const added = await deps.deliveries.add(tx, {
      id,
      source: 'pipedrive',
      fingerprint: fingerprint(webhook, event, arrived.body),
      receivedAt: now,
      headers: Object.fromEntries(Object.entries(arrived.headers).filter(([name]) => !NOT_KEPT.has(name))),
      body: arrived.body,
      size: arrived.size,
      state,
    });
    if (!added) return 'duplicate';
    if (state === 'new') {
      await deps.jobs.enqueueWithin(tx, {
        task: 'delivery.process',
        payload: { deliveryId: id },
        serialKey: `delivery:${installation.id}`,
        priority: 'order',
      });
    } else {
      await deps.findings.raise(
        tx,
        { ...unreadableFinding(state, arrived.size), kind: 'delivery_unreadable', subject: 'deliveries', link: null },
        now,
      );
    }
    return 'stored';
  }
}

function findWebhook(
  webhooks: readonly CrmWebhook[],
  basic: { user: string; password: string },
): CrmWebhook | undefined {
  return webhooks.find((row) => sameText(row.user, basic.user) && sameText(row.password.reveal(), basic.password));
}

/** The event's own id, else everything that names it. The same event twice is one row. */
function fingerprint(webhook: CrmWebhook, event: DeliveryEvent | undefined, body: Uint8Array): string {
  const hash = createHash('sha256').update(webhook.user);
  if (event?.eventId) return hash.update(`\u0000event\u0000${event.eventId}`).digest('hex');
  if (event)
    hash.update(`\u0000${event.entity}\u0000${event.action}\u0000${event.entityId}\u0000${event.timestamp}\u0000`);
  return hash.update(body).digest('hex');
}

function unreadableFinding(state: 'too_large' | 'unreadable', size: number): { message: string; action: string } {
  const what = state === 'too_large' ? `larger than 1 MB (${size} bytes)` : 'not readable';
  return {
    message: `Pipedrive sent a notification that was ${what}. It was kept, but not understood.`,
    action: 'Nothing is lost: won deals are also looked for every 15 minutes. If it happens again, tell support.',
  };
}
