import type { Clock } from '../../kernel/clock.ts';
import type { InstallationId } from '../../kernel/ids.ts';
import type { CrmGrant, GrantAccess, RefreshOutcome } from '../ports/crm-access.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Grant, GrantStore, InstallationStore } from '../ports/installation-store.ts';
import type { Tx, UnitOfWork } from '../ports/unit-of-work.ts';

export interface GrantAccessDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly installations: InstallationStore;
  readonly grants: GrantStore;
  readonly findings: FindingStore;
}

/** The stored grants, as the Pipedrive client needs them. A refresh holds the grant's row until its tokens are committed. */
export function createGrantAccess(deps: GrantAccessDeps): GrantAccess {
  return {
    load: (id, as) =>
      deps.unitOfWork.within(id, async (tx) => {
        const { status, apiDomain } = await deps.installations.get(tx);
        if (status === 'uninstalled') return undefined;
        const grant = as === 'service' ? await deps.grants.findForService(tx) : await deps.grants.findByUser(tx, as);
        return grant?.status === 'active' ? grantOf(grant, apiDomain) : undefined;
      }),

    refreshLocked: (id: InstallationId, userId: number, work: (current: CrmGrant) => Promise<RefreshOutcome>) =>
      deps.unitOfWork.within(id, async (tx) => {
        const grant = await deps.grants.lockByUser(tx, userId);
        if (grant?.status !== 'active') return undefined;
        const { apiDomain } = await deps.installations.get(tx);
        const current = grantOf(grant, apiDomain);
        const outcome = await work(current);
        if (outcome === 'keep') return current;
        if (outcome === 'refused') return refuse(tx, userId);
        await deps.grants.replaceTokens(tx, userId, outcome);
        await deps.installations.setApiDomain(tx, outcome.apiDomain);
        const renewed = await deps.grants.findByUser(tx, userId);
        return renewed ? grantOf(renewed, outcome.apiDomain) : undefined;
      }),
  };

  /** With the last good grant gone, everything waits for somebody to reconnect; a single person's refusal concerns them alone. */
  async function refuse(tx: Tx, userId: number): Promise<undefined> {
    await deps.grants.setStatus(tx, userId, 'refused');
    if (await deps.grants.findForService(tx)) return undefined;
    await deps.installations.setStatus(tx, 'reauth_required');
    await deps.findings.raise(
      tx,
      {
        kind: 'reconnect_pipedrive',
        subject: 'installation',
        message: 'Pipedrive no longer accepts this app’s access. Nothing is lost; everything waits.',
        action: 'An admin installs the app again from the app settings.',
        link: { resource: 'settings', id: null },
      },
      deps.clock.now(),
    );
    return undefined;
  }
}

function grantOf({ userId, tokens }: Grant, apiDomain: string): CrmGrant {
  return {
    userId,
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    expiresAt: tokens.expiresAt,
    apiDomain,
  };
}
