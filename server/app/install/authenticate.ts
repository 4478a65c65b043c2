import { ForbiddenError, NotFoundError } from '../../kernel/errors.ts';
import type { GrantStore, InstallationStore } from '../ports/installation-store.ts';
import type { OutsideStep, RemovalStore } from '../ports/removal-store.ts';
import type { TenantDirectory, UnitOfWork } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { BY_HAND } from './removal-words.ts';

export interface AuthenticateDeps {
  readonly unitOfWork: UnitOfWork;
  readonly directory: TenantDirectory;
  readonly installations: InstallationStore;
  readonly grants: GrantStore;
  readonly removals: Pick<RemovalStore, 'listLeft'>;
}

/** Turns a verified token's claims into somebody who has installed the app. */
export function makeAuthenticate(deps: AuthenticateDeps) {
  /**
   * @throws {NotFoundError} when the company has not installed the app; it says what a removal had to leave to be done by hand
   * @throws {ForbiddenError} when this person has not
   */
  return async function authenticate(claims: { companyId: string; userId: number }): Promise<Principal> {
    const id = await deps.directory.findByCompany(claims.companyId);
    const found =
      id &&
      (await deps.unitOfWork.within(id, async (tx) => {
        const { status } = await deps.installations.get(tx);
        return status === 'uninstalled'
          ? { left: await deps.removals.listLeft(tx) }
          : { left: undefined, grant: await deps.grants.findByUser(tx, claims.userId) };
      }));
    if (!id || !found || found.left) throw notInstalled(found?.left ?? []);
    if (!found.grant)
      throw new ForbiddenError('You have not installed this app yourself. Each person installs it once.');
    return { installationId: id, companyId: claims.companyId, userId: claims.userId, isAdmin: found.grant.isAdmin };
  };
}

function notInstalled(left: readonly OutsideStep[]): NotFoundError {
  if (left.length === 0)
    return new NotFoundError('Your company has not installed this app. Install it from the Pipedrive Marketplace.');
  const words = left.map((step) => BY_HAND[step]).join(' ');
  return new NotFoundError(`What this app kept of your company was erased. ${words} To use it again, install it anew.`);
}
