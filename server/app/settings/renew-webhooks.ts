import type { Clock } from '../../kernel/clock.ts';
import { ConflictError } from '../../kernel/errors.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { InstallationStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { renewWebhooksJob } from '../webhook-jobs.ts';

export interface RenewWebhooksDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly installations: Pick<InstallationStore, 'hasOldWebhookSecret'>;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
}

/** An admin suspects that somebody knows the address or the credentials of the notifications: all are made anew, soon. */
export function makeRenewWebhooks(deps: RenewWebhooksDeps) {
  /** @throws {ConflictError} while the ones of before the last renewal are still taken */
  return async function renewWebhooks(
    { installationId, userId }: Pick<Principal, 'installationId' | 'userId'>,
    requestId: string,
  ): Promise<void> {
    await deps.unitOfWork.within(installationId, async (tx) => {
      if (await deps.installations.hasOldWebhookSecret(tx))
        throw new ConflictError(
          'They are being made anew already. Once the old ones have ended, within two hours, you can do it again.',
        );
      await deps.jobs.enqueueWithin(tx, renewWebhooksJob(tx, 'person'));
      await deps.audit.append(tx, {
        verb: 'webhooks_renewal_asked',
        source: { system: 'orderline', key: installationId, version: null },
        target: 'webhooks',
        before: null,
        after: null,
        runId: null,
        requestId,
        userId,
        at: deps.clock.now(),
      });
    });
  };
}
