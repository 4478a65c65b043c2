import { createReplay } from './app/deliveries/replay-deliveries.ts';
import type { Vault } from './app/ports/secrets.ts';
import { assertApplicationRole } from './db/application-role.ts';
import { createAuditLog } from './db/audit-log.ts';
import { deliveryReplayStore } from './db/delivery-replay-store.ts';
import { createInstallationStore } from './db/installation-store.ts';
import { jobQueue } from './db/job-queue.ts';
import { openDatabase } from './db/open-database.ts';
import { createTenantDirectory } from './db/tenant-directory.ts';
import { createUnitOfWork } from './db/unit-of-work.ts';
import type { Clock } from './kernel/clock.ts';

async function locked(): Promise<never> {
  throw new Error('A replay opens no secret.');
}
const LOCKED: Vault = { seal: locked, open: locked, createDataKey: locked, destroyDataKey: locked };

/**
 * The operator's replay, for `npm run replay`. Needs the database alone.
 * @param databaseUrl of the application role
 * @throws {Error} for any other role
 */
export async function openReplay(databaseUrl: string, clock: Clock) {
  const database = openDatabase({ url: databaseUrl });
  await assertApplicationRole(database);
  const replay = createReplay({
    clock,
    unitOfWork: createUnitOfWork(database),
    directory: createTenantDirectory(database),
    installations: createInstallationStore(LOCKED),
    storedDeliveries: deliveryReplayStore,
    audit: createAuditLog(LOCKED),
    jobs: jobQueue,
  });
  return { ...replay, close: () => database.destroy() };
}
