import type { RemovalView } from '../../contract/removal.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { after, type Clock } from '../../kernel/clock.ts';
import { AppError, type ErrorKind, InvalidInputError, NotFoundError, RateLimitedError } from '../../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { AuditVerb } from '../ports/audit-log.ts';
import type { Crm, CrmOAuth } from '../ports/crm.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { GrantStore } from '../ports/installation-store.ts';
import { type OutsideStep, REMOVAL_STEPS, type Removal } from '../ports/removal-store.ts';
import type { TenantDirectory, Tx } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { erasedAt, waitForReconnect } from '../reconnect-pipedrive.ts';
import { removeInstallationJob } from '../removal-jobs.ts';
import { type EraseInstallationDeps, makeEraseInstallation } from './erase-installation.ts';
import { BY_HAND, SENTENCES } from './removal-words.ts';

export interface RemoveInstallationDeps extends EraseInstallationDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadline: Deadline;
  readonly directory: TenantDirectory;
  readonly grants: GrantStore;
  readonly findings: Pick<FindingStore, 'raise'>;
  readonly crm: Pick<Crm, 'listWebhooks' | 'deleteWebhook'>;
  readonly oauth: Pick<CrmOAuth, 'revoke'>;
  /** Ends SAP's subscription to events, as well as it can. @returns whether there is none any more */
  readonly leaveErpEvents: (id: InstallationId, signal: AbortSignal) => Promise<boolean>;
}

/** So long Pipedrive and SAP are asked again and again to let go; what they do not answer to then is left behind. */
const PATIENCE_MS = 15 * 60_000;
const AGAIN_MS = 60_000;
/** Nobody waits longer for a system that is to be left anyway. */
const LEAVE_MS = 10_000;

/** Accesses given back at a time: hundreds may have installed. Each keeps a connection to the database meanwhile. */
const TOGETHER = 3;

const WORTH_WAITING: readonly ErrorKind[] = ['unavailable', 'rate_limited', 'outcome_unknown'];

/**
 * Removes everything of a company, at the wish of its admin, through the operator, or long after its access ended: webhooks, SAP's subscription, the access to
 * Pipedrive, then all that is stored (reference pipedrive-api.md, section 1.4). Each step may be repeated, and is noted when
 * it is done, so that the job goes on where it was, however often it is interrupted.
 */
export function makeRemoveInstallation(deps: RemoveInstallationDeps) {
  const ending = makeEraseInstallation(deps);

  const STEPS: Readonly<Record<OutsideStep, (id: InstallationId, signal: AbortSignal) => Promise<boolean>>> = {
    async webhooks(id, signal) {
      const caller = { installationId: id, as: 'service', purpose: 'person', signal } as const;
      for (const { id: webhookId } of await deps.crm.listWebhooks(caller)) {
        await deps.crm.deleteWebhook(caller, webhookId).catch(unlessGone);
      }
      return true;
    },
    sap_events: (id, signal) => deps.leaveErpEvents(id, deps.deadline(LEAVE_MS, signal)),
    async access(id, signal) {
      const all = await deps.unitOfWork.within(id, (tx) => deps.grants.list(tx));
      // A personal API token belongs to its owner, and there is nothing to give back.
      const users = all.filter(({ kind }) => kind === 'oauth').map(({ userId }) => userId);
      const answers: PromiseSettledResult<void>[] = [];
      for (let at = 0; at < users.length; at += TOGETHER) {
        const some = users.slice(at, at + TOGETHER).map((userId) => giveBack(id, userId, signal));
        answers.push(...(await Promise.allSettled(some)));
      }
      // One that is not taken back keeps no other.
      const failed = answers.find((each) => each.status === 'rejected');
      if (failed) throw failed.reason;
      return true;
    },
  };

  async function start(tx: Tx, by: number | null, why: { requestId: string | null; reason: Json }): Promise<void> {
    const now = deps.clock.now();
    if (await deps.removals.start(tx, by, now)) {
      await deps.removals.stopWork(tx);
      await append(tx, 'removal_asked', 'installation', { by, ...why });
    }
    await deps.jobs.enqueueWithin(tx, removeInstallationJob(tx));
  }

  return {
    /** @throws {InvalidInputError} unless the name of the company was typed as it is */
    async askForRemoval(principal: Principal, typedName: string, requestId: string): Promise<void> {
      await deps.unitOfWork.within(principal.installationId, async (tx) => {
        const { companyName } = await deps.installations.get(tx);
        if (normal(typedName) !== normal(companyName)) throw wrongName(companyName);
        await start(tx, principal.userId, { requestId, reason: null });
      });
    },

    async viewRemoval({ installationId }: Principal): Promise<RemovalView> {
      return deps.unitOfWork.within(installationId, async (tx) => {
        const { companyName } = await deps.installations.get(tx);
        return viewOf(companyName, await deps.removals.find(tx));
      });
    },

    /** The job. @throws {RateLimitedError} while there is patience left: it comes back then */
    async removeInstallation(id: InstallationId, signal: AbortSignal): Promise<void> {
      for (;;) {
        const removal = await deps.unitOfWork.within(id, (tx) => deps.removals.find(tx));
        const step = removal && REMOVAL_STEPS.find((each) => !removal.done.includes(each));
        if (!step) return;
        if (step === 'data') return ending.signOut(await eraseNow(id, removal));
        const left = await take(id, step, removal, signal);
        await deps.unitOfWork.within(id, async (tx) => {
          await deps.removals.finish(tx, step, left ? 'left' : 'done');
          await append(tx, left ? 'removal_step_left' : 'removal_step_done', step, {
            by: removal.askedBy,
            requestId: null,
            reason: left ? { reason: left } : null,
          });
        });
      }
    },

    /** Removals whose job was lost or given up go on, and companies that have had no access for too long are removed; where its end was missed, it is noted. */
    async watchRemovals(): Promise<void> {
      for (const id of await deps.directory.listDue()) {
        try {
          await deps.unitOfWork.within(id, watch);
        } catch (error) {
          deps.logger.error('It could not be seen whether a company is to be removed', error, { installationId: id });
        }
      }
    },
  };

  async function watch(tx: Tx): Promise<void> {
    if (await deps.removals.find(tx)) return deps.jobs.enqueueWithin(tx, removeInstallationJob(tx));
    const isOver = await isOverdue(tx);
    if (!isOver && !(await isUntold(tx))) return;
    // Somebody may install at this very moment: asked again when nobody can any more.
    await deps.installations.lock(tx);
    if (await isUntold(tx)) return waitForReconnect(deps, tx, deps.clock.now());
    const since = await isOverdue(tx);
    if (since) await start(tx, null, { requestId: null, reason: { reason: 'no_access', since: since.toISOString() } });
  }

  /**
   * Whether there is no access any more and nobody noted since when: two grants that are refused at the same moment do not
   * see one another, and a process of an older version notes no time.
   */
  async function isUntold(tx: Tx): Promise<boolean> {
    const grants = await deps.grants.list(tx);
    if (grants.length === 0 || grants.some(({ status }) => status === 'active')) return false;
    const { status } = await deps.installations.get(tx);
    return status === 'active' || (status === 'reauth_required' && !(await deps.removals.findWaitingSince(tx)));
  }

  /** @returns since when there has been no access, where that is too long ago */
  async function isOverdue(tx: Tx): Promise<Date | undefined> {
    const since = await deps.removals.findWaitingSince(tx);
    const end = erasedAt(since, await deps.grants.list(tx));
    return end && end <= deps.clock.now() ? since : undefined;
  }

  /** @returns the kind of failure for which the step was left undone; undefined: it was done */
  async function take(
    id: InstallationId,
    step: OutsideStep,
    removal: Removal,
    signal: AbortSignal,
  ): Promise<ErrorKind | 'defect' | undefined> {
    try {
      return (await STEPS[step](id, signal)) ? undefined : 'unavailable';
    } catch (error) {
      const now = deps.clock.now();
      const end = after(removal.askedAt, PATIENCE_MS);
      // A grant that is refused, or a right that is missing, never comes back by waiting.
      const hopeless = error instanceof AppError && !WORTH_WAITING.includes(error.kind);
      if (now < end && !hopeless) throw error instanceof AppError ? comeBack(error, now, end) : error;
      deps.logger.error('A step of a removal was left undone', error, { installationId: id, step });
      return error instanceof AppError ? error.kind : 'defect';
    }
  }

  /**
   * Nobody refreshes it meanwhile, which would bring a token that is given back by nobody, and nobody uses it afterwards.
   * One of somebody who has installed again is left alone.
   */
  async function giveBack(id: InstallationId, userId: number, signal: AbortSignal): Promise<void> {
    await deps.unitOfWork.within(id, async (tx) => {
      const grant = await deps.grants.lockByUser(tx, userId);
      if (!grant || !(await deps.removals.find(tx))) return;
      await deps.oauth.revoke(grant.tokens.refreshToken.reveal(), deps.deadline(LEAVE_MS, signal));
      await deps.grants.setStatus(tx, userId, 'refused');
    });
  }

  async function eraseNow(id: InstallationId, { askedBy }: Removal): Promise<readonly ConnectionId[]> {
    return deps.unitOfWork.within(id, async (tx) => {
      await deps.installations.lock(tx);
      return (await deps.removals.find(tx)) ? ending.eraseWithin(tx, askedBy) : [];
    });
  }

  function append(
    tx: Tx,
    verb: AuditVerb,
    target: string,
    { by, requestId, reason }: { by: number | null; requestId: string | null; reason: Json },
  ): Promise<void> {
    return deps.audit.append(tx, {
      verb,
      source: { system: 'orderline', key: tx.installationId, version: null },
      target,
      before: null,
      after: reason,
      runId: null,
      requestId,
      userId: by,
      at: deps.clock.now(),
    });
  }
}

function viewOf(companyName: string, removal: Removal | undefined): RemovalView {
  return {
    state: removal ? 'running' : 'none',
    companyName,
    askedAt: removal?.askedAt.toISOString() ?? null,
    steps: REMOVAL_STEPS.map((step) => {
      if (step !== 'data' && removal?.left.includes(step)) return { step, state: 'left', sentence: BY_HAND[step] };
      const state = removal?.done.includes(step) ? 'done' : 'waiting';
      return { step, state, sentence: SENTENCES[step] };
    }),
  };
}

/** Waiting is not failing: the job is told when to come back, and no later than its patience ends. */
function comeBack(cause: AppError, now: Date, end: Date): RateLimitedError {
  const again = cause instanceof RateLimitedError ? cause.retryAt : after(now, AGAIN_MS);
  return new RateLimitedError(cause.message, again < end ? again : end, { cause });
}

const normal = (name: string): string => name.normalize('NFC').trim().replaceAll(/\s+/g, ' ');

const wrongName = (companyName: string): InvalidInputError =>
  new InvalidInputError([
    { code: 'company_name', message: `Type the name of your company as it is: ${companyName}`, at: 'companyName' },
  ]);

function unlessGone(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}
