import { after, type Clock } from '../../kernel/clock.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import { settleGrantedScopes } from '../granted-scopes.ts';
import type { TokenAnswer } from '../ports/crm.ts';
import type { CrmGrant, GrantAccess } from '../ports/crm-access.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { Grant, GrantStore, Installation, InstallationStore } from '../ports/installation-store.ts';
import type { Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { MOST_DOUBTS, waitForReconnect } from '../reconnect-pipedrive.ts';
import { settleServiceAdmin } from '../service-admin.ts';

export interface GrantAccessDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unitOfWork: UnitOfWork;
  readonly installations: InstallationStore;
  readonly grants: GrantStore;
  readonly findings: FindingStore;
}

/** Doubts that follow one another faster count as one: a disturbance of some minutes must not end a grant. */
const DOUBT_EVERY_MS = 30 * 60_000;

/** The stored grants, as the Pipedrive client needs them. A refresh holds the grant's row until its tokens are committed. */
export function createGrantAccess(deps: GrantAccessDeps): GrantAccess {
  return {
    load: (id, as) =>
      deps.unitOfWork.within(id, async (tx) => {
        const installation = await deps.installations.get(tx);
        // Not "reconnect": nobody may come back, and what waits for it would wait for ever.
        if (installation.status === 'uninstalled') throw new NotFoundError('This company has removed the app.');
        const grant = as === 'service' ? await deps.grants.findForService(tx) : await deps.grants.findByUser(tx, as);
        return grant?.status === 'active' ? grantOf(grant, installation) : undefined;
      }),

    refreshLocked: (id, userId, work) =>
      deps.unitOfWork.within(id, async (tx) => {
        const grant = await deps.grants.lockByUser(tx, userId);
        if (grant?.status !== 'active') return undefined;
        const current = grantOf(grant, await deps.installations.get(tx));
        const outcome = await work(current);
        if (outcome === 'keep') return current;
        if (outcome === 'refused') return refuse(tx, userId);
        if (outcome === 'doubtful') return (await countDoubt(tx, grant)) ? undefined : 'doubtful';
        return renew(tx, grant, outcome);
      }),

    settleProof: (id, proven, proof) =>
      deps.unitOfWork.within(id, async (tx) => {
        const grant = await deps.grants.lockByUser(tx, proven.userId);
        if (grant?.status !== 'active') return undefined;
        // Refreshed or installed again meanwhile: what was proven is no longer what would be used.
        if (grant.tokens.accessToken.reveal() !== proven.accessToken.reveal()) return undefined;
        const { companyId } = await deps.installations.get(tx);
        if (proof.companyId !== companyId) return refuseForeign(tx, grant);
        const { userName, isAdmin } = proof;
        await deps.grants.setProven(tx, grant.userId, { userName, isAdmin, at: deps.clock.now() });
        if (isAdmin !== grant.isAdmin || grant.doubts > 0) await settleServiceAdmin(deps, tx, deps.clock.now());
        if (grant.pendingApiDomain !== null) await deps.installations.setApiDomain(tx, grant.pendingApiDomain);
        return reload(tx, grant.userId);
      }),

    doubt: (id, userId) =>
      deps.unitOfWork.within(id, async (tx) => {
        const grant = await deps.grants.lockByUser(tx, userId);
        if (grant?.status === 'active') await countDoubt(tx, grant);
      }),
  };

  async function renew(tx: Tx, { userId, tokens }: Grant, answer: TokenAnswer): Promise<CrmGrant | undefined> {
    const now = deps.clock.now();
    const { apiDomain } = await deps.installations.get(tx);
    // Stored before anything else is asked of it, since the old refresh token may be dead from here on.
    const pending = answer.apiDomain === apiDomain ? null : answer.apiDomain;
    await deps.grants.replaceTokens(tx, userId, answer, pending, now);
    if (answer.scopes.join() !== tokens.scopes.join()) await settleGrantedScopes(deps, tx, now);
    return reload(tx, userId);
  }

  async function reload(tx: Tx, userId: number): Promise<CrmGrant | undefined> {
    const grant = await deps.grants.findByUser(tx, userId);
    return grant && grantOf(grant, await deps.installations.get(tx));
  }

  /** @returns true when this was one too many, and the grant is refused now */
  async function countDoubt(tx: Tx, { userId, doubts, doubtedAt }: Grant): Promise<boolean> {
    const now = deps.clock.now();
    if (doubtedAt && now < after(doubtedAt, DOUBT_EVERY_MS)) return false;
    await deps.grants.setDoubts(tx, userId, doubts + 1, now);
    if (doubts + 1 < MOST_DOUBTS) {
      await settleServiceAdmin(deps, tx, now);
      return false;
    }
    await refuse(tx, userId);
    return true;
  }

  async function refuseForeign(tx: Tx, { userId, userName }: Grant): Promise<undefined> {
    deps.logger.error('Pipedrive says that a grant is of another company', new Error('foreign grant'), {
      installationId: tx.installationId,
      userId,
    });
    await deps.findings.raise(
      tx,
      {
        kind: 'reconnect_pipedrive',
        subject: `user:${userId}`,
        message: `The access of ${userName} belongs to another Pipedrive company now. It is no longer used.`,
        action: 'This person installs the app again, signed in to this company in Pipedrive.',
        link: { resource: 'settings', id: null },
      },
      deps.clock.now(),
    );
    return refuse(tx, userId);
  }

  /** A single person's refusal concerns them alone, unless theirs was the last good grant. */
  async function refuse(tx: Tx, userId: number): Promise<undefined> {
    const now = deps.clock.now();
    await deps.grants.setStatus(tx, userId, 'refused');
    await settleGrantedScopes(deps, tx, now);
    await settleServiceAdmin(deps, tx, now);
    if (!(await deps.grants.findForService(tx))) await waitForReconnect(deps, tx, now);
    return undefined;
  }
}

function grantOf(grant: Grant, { apiDomain, companyId }: Installation): CrmGrant {
  const { userId, kind, tokens, provenAt, pendingApiDomain } = grant;
  return {
    userId,
    kind,
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    expiresAt: tokens.expiresAt,
    apiDomain: pendingApiDomain ?? apiDomain,
    companyId,
    provenAt: pendingApiDomain === null ? provenAt : null,
  };
}
