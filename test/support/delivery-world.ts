import { createHash, randomUUID } from 'node:crypto';
import type { InboxDelivery } from '../../server/app/ports/delivery-inbox.ts';
import { createCrmWebhookStore } from '../../server/db/crm-webhook-store.ts';
import { createInstallationStore } from '../../server/db/installation-store.ts';
import { queriesOf } from '../../server/db/unit-of-work.ts';
import type { Tenant, TenantWorld } from './tenants.ts';

/** A tenant that Pipedrive notifies. */
export interface NotifiedTenant extends Tenant {
  /** The last part of its webhooks' address. */
  readonly secret: string;
  readonly user: string;
  readonly password: string;
  readonly authorization: string;
  /** Its stored deliveries, oldest first. */
  rows(): Promise<readonly { id: string; state: string; body: Buffer; headers: unknown; size: number }[]>;
  /** The deliveries that its jobs are to read, one entry for each time. */
  jobs(): Promise<readonly string[]>;
}

export async function addNotifiedTenant(world: TenantWorld): Promise<NotifiedTenant> {
  const tenant = await world.addTenant();
  const secret = randomUUID() + randomUUID();
  const user = randomUUID();
  const password = randomUUID() + randomUUID();
  await tenant.within(async (tx) => {
    await createInstallationStore(world.vault).setWebhookSecret(tx, secret);
    const kind = { object: 'deal', action: 'change' } as const;
    await createCrmWebhookStore(world.vault).add(tx, { ...kind, user, password, webhookId: 1, madeAt: new Date() });
  });
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return {
    ...tenant,
    secret,
    user,
    password,
    authorization,
    rows: () =>
      tenant.within((tx) =>
        queriesOf(tx)('deliveries').where({ installation_id: tenant.id }).orderBy(['received_at', 'id']).select('*'),
      ),
    async jobs() {
      // Those that wait and those that are due later.
      const found = await tenant.within((tx) =>
        queriesOf(tx).raw<{ rows: { payload: { deliveryIds?: string[] } }[] }>(
          `select envelope -> 'payload' as payload from (
             select envelope, task from scheduled_jobs
             union all select payload::jsonb, t.identifier from graphile_worker._private_jobs j
               join graphile_worker._private_tasks t on t.id = j.task_id
           ) jobs where task = 'delivery.process' and envelope ->> 'installationId' = ?`,
          [tenant.id],
        ),
      );
      return found.rows.flatMap(({ payload }) => payload.deliveryIds ?? []);
    },
  };
}

/** As the receiver hands it to the inbox. */
export function inboxDelivery(tenant: NotifiedTenant, values: Partial<InboxDelivery> = {}): InboxDelivery {
  const id = values.id ?? randomUUID();
  return {
    installationId: tenant.id,
    secretHash: createHash('sha256').update(tenant.secret).digest(),
    user: tenant.user,
    signed: false,
    id,
    source: 'pipedrive',
    fingerprint: createHash('sha256').update(id).digest('hex'),
    receivedAt: new Date('2026-02-02T10:00:00Z'),
    headers: { 'user-agent': 'caf\u00e9 \u0007' },
    body: Uint8Array.from({ length: 256 }, (_, byte) => byte),
    size: 256,
    state: 'new',
    job: { task: 'delivery.process', serialKey: `delivery:${tenant.id}`, priority: 'order' },
    finding: null,
    ...values,
  };
}
