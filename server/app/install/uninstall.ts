import { after, type Clock } from '../../kernel/clock.ts';
import { UnavailableError } from '../../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import { proveGrantJob } from '../grant-jobs.ts';
import { settleGrantedScopes } from '../granted-scopes.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { GrantFacts, GrantStore, Installation } from '../ports/installation-store.ts';
import type { TenantDirectory, Tx } from '../ports/unit-of-work.ts';
import { isClearlyRefused, waitForReconnect } from '../reconnect-pipedrive.ts';
import { settleServiceAdmin } from '../service-admin.ts';
import { ensureWebhooksJob } from '../webhook-jobs.ts';
import { type EraseInstallationDeps, makeEraseInstallation } from './erase-installation.ts';

export interface UninstallDeps extends EraseInstallationDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly directory: TenantDirectory;
  readonly grants: GrantStore;
  readonly findings: FindingStore;
}

export interface UninstallNotice {
  readonly companyId: string;
  readonly userId: number | null;
  /** When it happened, by Pipedrive; null where that cannot be read. */
  readonly at: Date | null;
}

/** The database gives up one of two transactions that wait for each other: work under way may be the other. */
const ATTEMPTS = 3;

/** What was heard, or, when the hour of the notice left it open whether it is about this grant, what Pipedrive said since. */
type Leaving = UninstallNotice & { readonly isProven: boolean };

/**
 * A user removed the app. Their grant goes; with the last good one everything of the company goes too, but the keys that
 * keep a re-install from making a second order. Unknown companies and repeated notices change nothing.
 */
export function makeUninstall(deps: UninstallDeps) {
  const ending = makeEraseInstallation(deps);

  return {
    async uninstall(notice: UninstallNotice): Promise<void> {
      const id = await deps.directory.findByCompany(notice.companyId);
      if (id) await ending.signOut(await leave(id, { ...notice, isProven: false }));
    },

    /** Of a user whose notice could not be believed as it was: their grant is refused since, so they did leave. */
    async confirmUninstall(id: InstallationId, userId: number): Promise<void> {
      const { companyId } = await deps.unitOfWork.within(id, (tx) => deps.installations.get(tx));
      await ending.signOut(await leave(id, { companyId, userId, at: null, isProven: true }));
    },
  };

  /** Pipedrive says it once: what cannot be erased at once is at least shut, and erased by a job. */
  async function leave(id: InstallationId, notice: Leaving): Promise<readonly ConnectionId[]> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      try {
        return await deps.unitOfWork.within(id, async (tx) =>
          (await forget(tx, notice)) ? ending.eraseWithin(tx, notice.userId) : [],
        );
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
      }
    }
    deps.logger.warn('An uninstalled company could not be erased at once', { installationId: id });
    await deps.unitOfWork.within(id, async (tx) => {
      if (!(await forget(tx, notice))) return;
      await deps.installations.setUninstalled(tx);
      await ending.eraseSoon(tx);
    });
    return [];
  }

  /** @returns whether that was the last of the company */
  async function forget(tx: Tx, notice: Leaving): Promise<boolean> {
    const installation = await deps.installations.lock(tx);
    if (installation.status === 'uninstalled') return false;
    const grants = await deps.grants.list(tx);
    const leaving = grants.filter(({ userId }) => notice.userId === null || userId === notice.userId);
    if (leaving.length === 0 && grants.length > 0) return false;
    // Has installed again since, or Pipedrive is not sure.
    if (notice.isProven && !leaving.every(isClearlyRefused)) return false;
    const doubt = notice.at && doubtOf(notice.at, grantedAt(notice.userId, grants, installation), deps.clock.now());
    if (doubt) {
      await prove(tx, leaving, doubt);
      return false;
    }
    for (const { userId } of leaving) {
      await deps.grants.remove(tx, userId);
      await deps.findings.resolve(tx, 'reconnect_pipedrive', `user:${userId}`, deps.clock.now());
    }
    await deps.audit.append(tx, {
      verb: 'uninstalled',
      source: { system: 'pipedrive', key: `company:${notice.companyId}`, version: null },
      target: notice.userId === null ? 'company' : `user:${notice.userId}`,
      before: null,
      after: null,
      runId: null,
      requestId: null,
      userId: notice.userId,
      at: deps.clock.now(),
    });
    const left = grants.filter((grant) => !leaving.includes(grant));
    const wasInUse = notice.isProven || leaving.some(({ status }) => status === 'active');
    // Those whom Pipedrive has refused before cannot use the app, and may never be told of.
    if (left.length === 0 || (wasInUse && left.every(isClearlyRefused))) return true;
    await carryOn(tx, installation, left);
    return false;
  }

  /** Whether they still have access is for Pipedrive to say: their grants are refreshed, and a refused one is the uninstall. */
  async function prove(tx: Tx, leaving: readonly GrantFacts[], doubt: string): Promise<void> {
    const now = deps.clock.now();
    for (const { userId, status } of leaving) {
      deps.logger.warn('An uninstall was told for a time at which it cannot have been', {
        installationId: tx.installationId,
        userId,
        state: doubt,
      });
      if (status !== 'active') continue;
      await deps.grants.expire(tx, userId, now);
      await deps.jobs.enqueueWithin(tx, proveGrantJob(tx, userId));
    }
  }

  /** Pipedrive removes a person's webhooks with their grant; those of the company are made anew for somebody who is left. */
  async function carryOn(tx: Tx, { status }: Installation, left: readonly GrantFacts[]): Promise<void> {
    if (status === 'removing') return;
    const now = deps.clock.now();
    await settleGrantedScopes(deps, tx, now);
    await settleServiceAdmin(deps, tx, now);
    if (left.some((grant) => grant.status === 'active'))
      return deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'person'));
    await waitForReconnect(deps, tx, now);
  }
}

/** When the person who leaves came; for a whole company, and where that was not noted, when anybody last came. */
function grantedAt(userId: number | null, grants: readonly GrantFacts[], { installedAt }: Installation): Date {
  return grants.find((grant) => grant.userId === userId)?.grantedAt ?? installedAt;
}

const DAY_MS = 86_400_000;
/** So far Pipedrive's clock may be before ours. */
const SKEW_MS = 5 * 60_000;

/**
 * A notice from before the grant may speak of an installation before this one, or be stamped in another zone or by another
 * clock: the stamp has no documented form (reference pipedrive-api.md, section 1.4). One that lies far back is no stamp
 * that says anything, and the notice counts.
 */
function doubtOf(at: Date, grantedAt: Date, now: Date): 'before_install' | 'in_the_future' | undefined {
  if (at < grantedAt && grantedAt.getTime() - at.getTime() < DAY_MS) return 'before_install';
  return at > after(now, SKEW_MS) ? 'in_the_future' : undefined;
}
