import type { InstallationStore } from '../ports/installation-store.ts';
import type { TenantDirectory, UnitOfWork } from '../ports/unit-of-work.ts';

export interface FrameAncestorsDeps {
  readonly unitOfWork: UnitOfWork;
  readonly directory: TenantDirectory;
  readonly installations: InstallationStore;
  /** e.g. `https://app.pipedrive.com`, and local hosts outside production. */
  readonly common: readonly string[];
}

/** Who may frame a company's pages: its own Pipedrive host, and those that belong to no single company. */
export function makeFrameAncestors(deps: FrameAncestorsDeps) {
  return async function frameAncestorsFor(companyId: string | undefined): Promise<readonly string[]> {
    const id = companyId === undefined ? undefined : await deps.directory.findByCompany(companyId);
    if (!id) return deps.common;
    const { apiDomain } = await deps.unitOfWork.within(id, (tx) => deps.installations.get(tx));
    // Of an erased company nothing is known any more, its host neither.
    return apiDomain === '' ? deps.common : [...new Set([apiDomain, ...deps.common])];
  };
}
