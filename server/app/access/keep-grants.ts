import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import { wantsKeeping } from '../grant-jobs.ts';
import { settleGrantedScopes } from '../granted-scopes.ts';
import type { Crm } from '../ports/crm.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { GrantFacts, GrantStore } from '../ports/installation-store.ts';
import type { JobPayloads } from '../ports/job-queue.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import { isClearlyRefused } from '../reconnect-pipedrive.ts';
import { settleServiceAdmin } from '../service-admin.ts';

export interface KeepGrantsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unitOfWork: UnitOfWork;
  readonly grants: GrantStore;
  readonly findings: FindingStore;
  readonly crm: Pick<Crm, 'getMe'>;
  /** That user is gone: they were said to have left, and their grant is refused. */
  readonly confirmUninstall: (id: InstallationId, userId: number) => Promise<void>;
}

/**
 * Uses every grant that lay idle once: its token is refreshed, and Pipedrive says whose it is and whether that person is
 * an admin. One that Pipedrive refuses is marked by the client; nobody is told, since that person may never come back.
 */
export function makeKeepGrants(deps: KeepGrantsDeps) {
  return async function keepGrants(
    id: InstallationId,
    { leaving }: JobPayloads['grants.keep'],
    signal: AbortSignal,
  ): Promise<void> {
    const grants = await deps.unitOfWork.within(id, (tx) => deps.grants.list(tx));
    const wanted = (grant: GrantFacts) =>
      leaving === undefined ? wantsKeeping(grant, deps.clock.now()) : grant.userId === leaving;
    let failure: AppError | undefined;
    for (const { userId } of grants.filter(wanted)) {
      signal.throwIfAborted();
      try {
        await deps.crm.getMe({
          installationId: id,
          as: userId,
          purpose: leaving === undefined ? 'status' : 'person',
          signal,
        });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        deps.logger.warn('An idle grant could not be used', { installationId: id, userId, kind: error.kind });
        // One person's dead grant is no reason to ask for the others again.
        if (error.kind !== 'reauth_required') failure ??= error;
      }
    }
    await deps.unitOfWork.within(id, async (tx) => {
      await settleGrantedScopes(deps, tx, deps.clock.now());
      await settleServiceAdmin(deps, tx, deps.clock.now());
    });
    if (failure) throw failure;
    if (leaving !== undefined && (await isRefused(id, leaving))) await deps.confirmUninstall(id, leaving);
  };

  async function isRefused(id: InstallationId, userId: number): Promise<boolean> {
    const grants = await deps.unitOfWork.within(id, (tx) => deps.grants.list(tx));
    return grants.some((grant) => grant.userId === userId && isClearlyRefused(grant));
  }
}
