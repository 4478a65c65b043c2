import type { SignatureBody } from '../../contract/settings.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ConflictError } from '../../kernel/errors.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { DeliveryStore } from '../ports/delivery-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { InstallationStore } from '../ports/installation-store.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import type { Principal } from '../principal.ts';
import { ensureWebhooksJob } from '../webhook-jobs.ts';

export interface ChangeSignatureDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly installations: Pick<InstallationStore, 'get' | 'setSignature'>;
  readonly deliveries: Pick<DeliveryStore, 'listSigned'>;
  readonly findings: Pick<FindingStore, 'resolve'>;
  readonly jobs: JobQueue;
  readonly audit: AuditLog;
}

/** So many of the last notifications tell whether a gateway signs them. */
const RECENT = 20;

export interface RecentSignatures {
  /** Notifications that were looked at; at most 20. */
  readonly of: number;
  readonly signed: number;
}

/** How many of the last notifications were signed, each with the right secret: others are not kept. */
export async function recentSignatures(
  deliveries: Pick<DeliveryStore, 'listSigned'>,
  tx: Tx,
): Promise<RecentSignatures> {
  const recent = await deliveries.listSigned(tx, RECENT);
  return { of: recent.length, signed: recent.filter(Boolean).length };
}

/**
 * An admin decides whether Pipedrive's notifications have to be signed, by a gateway that stands in front of this app.
 * Whatever is refused ten times gets a webhook banned, so it can be required only once all that came lately were signed.
 */
export function makeChangeSignature(deps: ChangeSignatureDeps) {
  /** @throws {ConflictError} when signatures are to be required, and not all of the last notifications were signed */
  return async function changeSignature(
    { installationId, userId }: Pick<Principal, 'installationId' | 'userId'>,
    { signature }: SignatureBody,
    requestId: string,
  ): Promise<void> {
    await deps.unitOfWork.within(installationId, async (tx) => {
      const before = (await deps.installations.get(tx)).signature;
      if (before === signature) return;
      const now = deps.clock.now();
      if (signature === 'required') refuseTooEarly(await recentSignatures(deps.deliveries, tx));
      await deps.installations.setSignature(tx, signature);
      await deps.findings.resolve(tx, 'delivery_refused', 'unsigned', now);
      // What was refused meanwhile may have got a webhook banned.
      if (signature === 'if-present') await deps.jobs.enqueueWithin(tx, ensureWebhooksJob(tx, 'person'));
      await deps.audit.append(tx, {
        verb: 'settings_changed',
        source: { system: 'orderline', key: 'notifications', version: null },
        target: `installation:${installationId}`,
        before: { signature: before },
        after: { signature },
        runId: null,
        requestId,
        userId,
        at: now,
      });
    });
  };
}

function refuseTooEarly({ of, signed }: RecentSignatures): void {
  if (of > 0 && signed === of) return;
  const seen = signed === 0 ? 'None of the last notifications was signed' : `${signed} of the last ${of} were signed`;
  throw new ConflictError(
    `${seen}. Signatures can be required once all are: what is refused too often, Pipedrive stops sending.`,
  );
}
