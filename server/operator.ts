import type { RemovalStep } from './app/ports/removal-store.ts';
import type { Vault } from './app/ports/secrets.ts';
import { eraseInstallationJob, removeInstallationJob } from './app/removal-jobs.ts';
import { assertApplicationRole } from './db/application-role.ts';
import { createAuditLog } from './db/audit-log.ts';
import { type ErasureProof, proveErasure } from './db/erasure-proof.ts';
import { createInstallationStore } from './db/installation-store.ts';
import { jobQueue } from './db/job-queue.ts';
import { openDatabase } from './db/open-database.ts';
import { removalStore } from './db/removal-store.ts';
import { createTenantDirectory } from './db/tenant-directory.ts';
import { createUnitOfWork } from './db/unit-of-work.ts';
import type { Clock } from './kernel/clock.ts';
import { NotFoundError } from './kernel/errors.ts';

interface RemovalStatus {
  readonly status: string;
  /** Those that are over, done or not. */
  readonly done: readonly RemovalStep[];
  /** Those that had to be left undone; also when all is erased. */
  readonly left: readonly RemovalStep[];
}

/** What an operator does by command, at a customer's wish. Needs the database alone: no key, and no secret of anybody. */
export interface Operator {
  /**
   * Begins the removal of all data of a company; a running worker carries it out. Where a company has uninstalled and
   * something is left of it, that is erased.
   * @throws {NotFoundError} for a company that has never installed the app, or is erased already
   */
  startRemoval(companyId: string): Promise<void>;
  /** @throws {NotFoundError} for a company that has never installed the app */
  statusOf(companyId: string): Promise<RemovalStatus>;
  /** @throws {NotFoundError} for a company that has never installed the app */
  proofFor(companyId: string): Promise<ErasureProof>;
  close(): Promise<void>;
}

/** @param databaseUrl of the application role. @throws {Error} for any other role */
export async function openOperator(databaseUrl: string, clock: Clock): Promise<Operator> {
  const database = openDatabase({ url: databaseUrl });
  await assertApplicationRole(database);
  const unitOfWork = createUnitOfWork(database);
  const directory = createTenantDirectory(database);
  const installations = createInstallationStore(LOCKED);
  const audit = createAuditLog(LOCKED);

  async function idOf(companyId: string) {
    const id = await directory.findByCompany(companyId);
    if (!id) throw new NotFoundError(`Company ${companyId} has never installed this app.`);
    return id;
  }

  return {
    async startRemoval(companyId) {
      const id = await idOf(companyId);
      await unitOfWork.within(id, async (tx) => {
        const now = clock.now();
        const { status } = await installations.get(tx);
        if (status === 'uninstalled') {
          if ((await proveErasure(tx)).erased)
            throw new NotFoundError(`The data of company ${companyId} is erased already.`);
          // Uninstalled, and something could not be erased then, or was written since.
          return jobQueue.enqueueWithin(tx, eraseInstallationJob(tx, [], now));
        }
        if (await removalStore.start(tx, null, now)) {
          await removalStore.stopWork(tx);
          await audit.append(tx, {
            verb: 'removal_asked',
            source: { system: 'orderline', key: id, version: null },
            target: 'installation',
            before: null,
            after: null,
            runId: null,
            requestId: null,
            userId: null,
            at: now,
          });
        }
        await jobQueue.enqueueWithin(tx, removeInstallationJob(tx));
      });
    },

    async statusOf(companyId) {
      return unitOfWork.within(await idOf(companyId), async (tx) => {
        const { status } = await installations.get(tx);
        const done = (await removalStore.find(tx))?.done ?? [];
        return { status, done, left: await removalStore.listLeft(tx) };
      });
    },

    proofFor: async (companyId) => unitOfWork.within(await idOf(companyId), proveErasure),
    close: () => database.destroy(),
  };
}

async function locked(): Promise<never> {
  throw new Error('An operator’s command opens no secret.');
}
const LOCKED: Vault = { seal: locked, open: locked, createDataKey: locked, destroyDataKey: locked };
