import { z } from 'zod';
import { createGrantAccess } from '../../server/app/access/grant-access.ts';
import { dataKeyStore } from '../../server/db/data-key-store.ts';
import { findingStore } from '../../server/db/finding-store.ts';
import { createGrantStore } from '../../server/db/grant-store.ts';
import { createInstallationStore } from '../../server/db/installation-store.ts';
import { openDatabase } from '../../server/db/open-database.ts';
import { createUnitOfWork } from '../../server/db/unit-of-work.ts';
import { installationId } from '../../server/kernel/ids.ts';
import { silentLogger } from '../../server/kernel/logger.ts';
import { createPipedrive } from '../../server/pipedrive/create-pipedrive.ts';
import { parseMasterKeys } from '../../server/secrets/master-keys.ts';
import { createSecret } from '../../server/secrets/secret.ts';
import { createVault } from '../../server/secrets/vault.ts';
import { memoryLedger } from '../integration/pipedrive/bench.ts';
import { movableClock } from './movable-clock.ts';

/** A process that asks Pipedrive many things at once whenever it is told what time it is, and says how many were answered. */
const Settings = z.object({
  databaseUrl: z.string(),
  masterKeys: z.string(),
  oauthUrl: z.string(),
  localHosts: z.array(z.string()),
  installation: z.uuid().transform(installationId),
  calls: z.int(),
});

const Order = z.object({ now: z.coerce.date() });

const settings = Settings.parse(JSON.parse(process.env['GRANT_CALLER'] ?? '{}'));
const clock = movableClock();
const db = openDatabase({ url: settings.databaseUrl });
const vault = createVault({ masterKeys: parseMasterKeys(settings.masterKeys), dataKeys: dataKeyStore });
const { crm } = createPipedrive({
  clock,
  random: Math.random,
  sleep: async () => undefined,
  logger: silentLogger,
  clientId: 'client',
  clientSecret: createSecret('client-secret'),
  oauthUrl: settings.oauthUrl,
  domain: 'pipedrive.com',
  localHosts: new Set(settings.localHosts),
  grants: createGrantAccess({
    clock,
    logger: silentLogger,
    unitOfWork: createUnitOfWork(db),
    installations: createInstallationStore(vault),
    grants: createGrantStore(vault),
    findings: findingStore,
  }),
  ledger: memoryLedger(),
});

process.on('disconnect', () => process.exit());
process.on('message', async (message) => {
  clock.set(Order.parse(message).now);
  const calls = Array.from({ length: settings.calls }, () =>
    crm.getOrganization(
      {
        installationId: settings.installation,
        as: 'service',
        purpose: 'person',
        signal: AbortSignal.timeout(25_000),
      },
      1,
    ),
  );
  const answered = (await Promise.allSettled(calls)).filter(({ status }) => status === 'fulfilled').length;
  process.send?.({ answered });
});
process.send?.('ready');
