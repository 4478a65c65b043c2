import type { Clock } from '../../kernel/clock.ts';
import { AppError, ReauthRequiredError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Crm } from '../ports/crm.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { GrantStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { settleServiceAdmin } from '../service-admin.ts';
import { ensureWebhooksJob } from '../webhook-jobs.ts';

export interface IsAdminNowDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unitOfWork: UnitOfWork;
  readonly grants: GrantStore;
  readonly findings: Pick<FindingStore, 'raise' | 'resolve'>;
  readonly jobs: JobQueue;
  readonly crm: Pick<Crm, 'getMe'>;
}

export type IsAdminNow = (principal: Principal, signal: AbortSignal) => Promise<boolean>;

const KEPT_MS = 5 * 60_000;
const MOST = 5_000;

/**
 * Asks Pipedrive with the person's own grant, at most every five minutes, and keeps what it says with the grant. Where
 * Pipedrive cannot say, what it said last counts: an outage must not keep an admin from disconnecting SAP. Whose grant
 * is refused is no admin here.
 */
export function makeIsAdminNow(deps: IsAdminNowDeps): IsAdminNow {
  const known = new Map<string, { readonly isAdmin: boolean; readonly until: number }>();

  return async function isAdminNow(principal, signal) {
    const { installationId, userId } = principal;
    const key = `${installationId}:${userId}`;
    const now = deps.clock.now().getTime();
    const kept = known.get(key);
    if (kept && now < kept.until) return kept.isAdmin;
    const answer = await ask(principal, signal);
    if (answer === 'refused') return false;
    if (answer === 'not_known') return principal.isAdmin;
    const isAdmin = answer === 'admin';
    if (known.size >= MOST) known.clear();
    known.set(key, { isAdmin, until: now + KEPT_MS });
    if (isAdmin !== principal.isAdmin)
      await deps.unitOfWork.within(installationId, async (tx) => {
        await deps.grants.setAdmin(tx, userId, isAdmin);
        await settleServiceAdmin(deps, tx, deps.clock.now());
        await deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'status'));
      });
    return isAdmin;
  };

  async function ask(
    { installationId, userId }: Principal,
    signal: AbortSignal,
  ): Promise<'admin' | 'other' | 'refused' | 'not_known'> {
    try {
      const me = await deps.crm.getMe({ installationId, as: userId, purpose: 'person', signal });
      return me.isAdmin ? 'admin' : 'other';
    } catch (error) {
      if (error instanceof ReauthRequiredError) return 'refused';
      if (!(error instanceof AppError) && !(error instanceof DOMException)) throw error;
      deps.logger.warn('Whether a person is an admin could not be asked', { installationId });
      return 'not_known';
    }
  }
}
