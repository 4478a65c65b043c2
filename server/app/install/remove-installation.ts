import type { RemovalView } from '../../contract/removal.ts';
import { after, type Clock } from '../../kernel/clock.ts';
import { AppError, type ErrorKind, InvalidInputError, NotFoundError, RateLimitedError } from '../../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { AuditVerb } from '../ports/audit-log.ts';
import type { Crm, CrmOAuth } from '../ports/crm.ts';
import type { Deadline } from '../ports/deadline.ts';
import type { GrantStore } from '../ports/installation-store.ts';
import { REMOVAL_STEPS, type Removal, type RemovalStep } from '../ports/removal-store.ts';
import type { TenantDirectory, Tx } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { removeInstallationJob } from '../removal-jobs.ts';
import { type EraseInstallationDeps, makeEraseInstallation } from './erase-installation.ts';

export interface RemoveInstallationDeps extends EraseInstallationDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadline: Deadline;
  readonly directory: TenantDirectory;
  readonly grants: GrantStore;
  readonly crm: Pick<Crm, 'listWebhooks' | 'deleteWebhook'>;
  readonly oauth: Pick<CrmOAuth, 'revoke'>;
  /** Ends SAP's subscription to events, as well as it can. */
  readonly leaveErpEvents: (id: InstallationId, signal: AbortSignal) => Promise<void>;
}

/** So long Pipedrive and SAP are asked again and again to let go; what they do not answer to then is left behind. */
const PATIENCE_MS = 15 * 60_000;
const AGAIN_MS = 60_000;
/** Nobody waits longer for a SAP server that is to be left anyway. */
const LEAVE_MS = 10_000;

/** Accesses given back at a time: hundreds may have installed, and each may take its time. */
const TOGETHER = 8;

const WORTH_WAITING: readonly ErrorKind[] = ['unavailable', 'rate_limited', 'outcome_unknown'];

const SENTENCES = {
  webhooks: 'Pipedrive stops telling this app about changes',
  sap_events: 'SAP stops telling this app about changes',
  access: 'The access to Pipedrive is given back',
  data: 'What is stored is erased',
} as const satisfies Record<RemovalStep, string>;

/**
 * Removes everything of a company, at the wish of its admin or through the operator: webhooks, SAP's subscription, the access to
 * Pipedrive, then all that is stored (reference pipedrive-api.md, section 1.4). Each step may be repeated, and is noted when
 * it is done, so that the job goes on where it was, however often it is interrupted.
 */
export function makeRemoveInstallation(deps: RemoveInstallationDeps) {
  const ending = makeEraseInstallation(deps);

  const STEPS: Readonly<
    Record<Exclude<RemovalStep, 'data'>, (id: InstallationId, signal: AbortSignal) => Promise<void>>
  > = {
    async webhooks(id, signal) {
      const caller = { installationId: id, as: 'service', purpose: 'person', signal } as const;
      for (const { id: webhookId } of await deps.crm.listWebhooks(caller)) {
        await deps.crm.deleteWebhook(caller, webhookId).catch(unlessGone);
      }
    },
    sap_events: (id, signal) => deps.leaveErpEvents(id, deps.deadline(LEAVE_MS, signal)),
    async access(id, signal) {
      const tokens = await refreshTokens(id);
      const answers: PromiseSettledResult<void>[] = [];
      for (let at = 0; at < tokens.length; at += TOGETHER) {
        const some = tokens.slice(at, at + TOGETHER).map((token) => deps.oauth.revoke(token, signal));
        answers.push(...(await Promise.allSettled(some)));
      }
      // One that is not taken back keeps no other.
      const failed = answers.find((each) => each.status === 'rejected');
      if (failed) throw failed.reason;
    },
  };

  async function start(tx: Tx, askedBy: number, requestId: string): Promise<void> {
    const now = deps.clock.now();
    if (await deps.removals.start(tx, askedBy, now)) {
      await deps.removals.stopWork(tx);
      await append(tx, 'removal_asked', 'installation', { by: askedBy, requestId });
    }
    await deps.jobs.enqueueWithin(tx, removeInstallationJob(tx));
  }

  return {
    /** @throws {InvalidInputError} unless the name of the company was typed as it is */
    async askForRemoval(principal: Principal, typedName: string, requestId: string): Promise<void> {
      await deps.unitOfWork.within(principal.installationId, async (tx) => {
        const { companyName } = await deps.installations.get(tx);
        if (normal(typedName) !== normal(companyName)) throw wrongName(companyName);
        await start(tx, principal.userId, requestId);
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
        await take(id, step, removal, signal);
        if (step === 'data') return;
        await deps.unitOfWork.within(id, async (tx) => {
          await deps.removals.finish(tx, step);
          await append(tx, 'removal_step_done', step, { by: removal.askedBy, requestId: null });
        });
      }
    },

    /** Removals whose job was lost or given up go on. */
    async watchRemovals(): Promise<void> {
      for (const id of await deps.directory.listDue()) {
        await deps.unitOfWork.within(id, async (tx) => {
          if (await deps.removals.find(tx)) await deps.jobs.enqueueWithin(tx, removeInstallationJob(tx));
        });
      }
    },
  };

  async function take(id: InstallationId, step: RemovalStep, removal: Removal, signal: AbortSignal): Promise<void> {
    if (step === 'data') return ending.signOut(await eraseNow(id, removal));
    try {
      await STEPS[step](id, signal);
    } catch (error) {
      const now = deps.clock.now();
      const end = after(removal.askedAt, PATIENCE_MS);
      // A grant that is refused, or a right that is missing, never comes back by waiting.
      const hopeless = error instanceof AppError && !WORTH_WAITING.includes(error.kind);
      if (now < end && !hopeless) throw error instanceof AppError ? comeBack(error, now, end) : error;
      deps.logger.error('A step of a removal was left undone', error, { installationId: id, step });
    }
  }

  /** Of people who installed; a personal API token belongs to its owner, and there is nothing to give back. */
  async function refreshTokens(id: InstallationId): Promise<readonly string[]> {
    return deps.unitOfWork.within(id, async (tx) => {
      const tokens: string[] = [];
      for (const { userId, kind } of await deps.grants.list(tx)) {
        const grant = kind === 'oauth' ? await deps.grants.findByUser(tx, userId) : undefined;
        if (grant) tokens.push(grant.tokens.refreshToken.reveal());
      }
      return tokens;
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
    { by, requestId }: { by: number | null; requestId: string | null },
  ): Promise<void> {
    return deps.audit.append(tx, {
      verb,
      source: { system: 'orderline', key: tx.installationId, version: null },
      target,
      before: null,
      after: null,
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
    steps: REMOVAL_STEPS.map((step) => ({
      step,
      done: removal?.done.includes(step) ?? false,
      sentence: SENTENCES[step],
    })),
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
