import type { Knex } from 'knex';
import { Registry } from 'prom-client';
import { createDeliveryCallers, type DeliveryCallers } from '../../server/app/deliveries/delivery-callers.ts';
import { makeReceiveDelivery } from '../../server/app/deliveries/receive-delivery.ts';
import type { DeliveryInbox } from '../../server/app/ports/delivery-inbox.ts';
import type { Vault } from '../../server/app/ports/secrets.ts';
import { createCrmWebhookStore } from '../../server/db/crm-webhook-store.ts';
import { createDeliveryInbox } from '../../server/db/delivery-inbox.ts';
import { createInstallationStore } from '../../server/db/installation-store.ts';
import { createTenantDirectory } from '../../server/db/tenant-directory.ts';
import { createUnitOfWork } from '../../server/db/unit-of-work.ts';
import { createHttpApp, type HttpApp, type HttpDeps } from '../../server/http/create-app.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { silentLogger } from '../../server/kernel/logger.ts';
import { createSecret } from '../../server/secrets/secret.ts';
import { fakeUseCases } from '../integration/http/fake-use-cases.ts';

export interface ReceiverApp extends HttpApp {
  readonly callers: DeliveryCallers;
}

/** The web side with the receiver as it is in production; whatever else is asked of it is made up. */
export function receiverApp(
  db: Knex,
  vault: Vault,
  { limits = {}, inbox = createDeliveryInbox(db) }: { limits?: HttpDeps['webhooks']; inbox?: DeliveryInbox } = {},
): ReceiverApp {
  const callers = createDeliveryCallers({
    unitOfWork: createUnitOfWork(db),
    directory: createTenantDirectory(db),
    installations: createInstallationStore(vault),
    webhooks: createCrmWebhookStore(vault),
  });
  const http = createHttpApp({
    useCases: {
      ...fakeUseCases().useCases,
      findDeliveryCaller: (proof) => callers.find(proof),
      receiveDelivery: makeReceiveDelivery({ clock: systemClock, callers, inbox, tellRefusal: async () => undefined }),
    },
    settings: {
      publicUrl: 'https://app.example.com',
      trustProxy: 0,
      metricsToken: undefined,
      clientId: 'client',
      clientSecret: createSecret('client-secret'),
      jwtSecret: createSecret('jwt-secret'),
      oauthUrl: 'https://oauth.pipedrive.com',
      operator: { name: 'Operator', supportEmail: 'support@example.com' },
      extensionDir: import.meta.dirname,
    },
    clock: systemClock,
    logger: silentLogger,
    registry: new Registry(),
    webhooks: limits,
  });
  return { ...http, callers };
}
