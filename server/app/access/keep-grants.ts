import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import { wantsKeeping } from '../grant-jobs.ts';
import { settleGrantedScopes } from '../granted-scopes.ts';
import type { Crm } from '../ports/crm.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { GrantStore } from '../ports/installation-store.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';

export interface KeepGrantsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unitOfWork: UnitOfWork;
  readonly grants: GrantStore;
  readonly findings: FindingStore;
  readonly crm: Pick<Crm, 'getMe'>;
}

/**
 * Uses every grant that lay idle once: its token is refreshed, and Pipedrive says whose it is and whether that person is
 * an admin. One that Pipedrive refuses is marked by the client; nobody is told, since that person may never come back.
 */
export function makeKeepGrants(deps: KeepGrantsDeps) {
  return async function keepGrants(id: InstallationId, signal: AbortSignal): Promise<void> {
    const grants = await deps.unitOfWork.within(id, (tx) => deps.grants.list(tx));
    let failure: AppError | undefined;
    for (const { userId } of grants.filter((grant) => wantsKeeping(grant, deps.clock.now()))) {
      signal.throwIfAborted();
      try {
        await deps.crm.getMe({ installationId: id, as: userId, purpose: 'status', signal });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        deps.logger.warn('An idle grant could not be used', { installationId: id, userId, kind: error.kind });
        // One person's dead grant is no reason to ask for the others again.
        if (error.kind !== 'reauth_required') failure ??= error;
      }
    }
    await deps.unitOfWork.within(id, (tx) => settleGrantedScopes(deps, tx, deps.clock.now()));
    if (failure) throw failure;
  };
}
