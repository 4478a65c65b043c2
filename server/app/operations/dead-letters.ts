import { z } from 'zod';
import { after, type Clock } from '../../kernel/clock.ts';
import { AppError, ForbiddenError } from '../../kernel/errors.ts';
import { connectionId } from '../../kernel/ids.ts';
import type { Logger } from '../../kernel/logger.ts';
import { givenUpSubject } from '../given-up.ts';
import type { DeadLetters } from '../ports/dead-letters.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { JobQueue, TaskName } from '../ports/job-queue.ts';
import type { Tx, UnitOfWork } from '../ports/unit-of-work.ts';
import { crmWriteJob } from '../sync-jobs.ts';

const WHAT: Readonly<Record<TaskName, string>> = {
  'installation.remove': 'The removal of this company’s data could not go on',
  'installation.erase': 'What was left of an installation could not be erased',
  'grants.keep': 'Pipedrive could not be asked whether its access is still good',
  'webhooks.ensure': 'Pipedrive could not be asked to notify this app',
  'fields.ensure': 'The fields could not be created',
  'erp-webhooks.ensure': 'SAP could not be asked to send its events',
  'capabilities.probe': 'SAP could not be asked what it can do',
  'certificate.check': 'The certificate of the SAP server could not be looked at',
  'delivery.process': 'A notification from Pipedrive could not be read',
  'crm.re-read': 'What changed in Pipedrive could not be read',
  'deliveries.purge': 'Old notifications from Pipedrive could not be removed',
  'deal.consider': 'A deal could not be checked',
  'order.hand-off': 'An order could not be brought to SAP',
  'order.write-back': 'The result could not be written to the deal',
  'draft.follow': 'A draft in SAP could not be looked at',
  'deals.sweep': 'Deals that wait could not be looked for',
  'crm.fill-gaps': 'Changes in Pipedrive could not be looked for',
  'crm.compare': 'Linked records could not be compared with Pipedrive',
  'sync.inbound': 'SAP could not be read',
  'crm.write-partners': 'Customers could not be written to Pipedrive',
  'crm.write-items': 'Items could not be written to Pipedrive',
};

/** What such a job carries stands nowhere else: it comes back, however long the other side is away. */
const Writes = z.object({
  connectionId: z.uuid().transform(connectionId),
  keys: z.array(z.string()),
  runId: z.string(),
  givenUp: z.int().optional(),
});
const WRITES_AGAIN_MS = 15 * 60_000;

/** A run of these may end well with work left: they know themselves when all of it is done. */
const CLOSE_BY_THEMSELVES: ReadonlySet<TaskName> = new Set(['sync.inbound', 'crm.write-partners', 'crm.write-items']);

/** A job that is not tried again by itself becomes a finding, in words. */
export function createDeadLetters(deps: {
  clock: Clock;
  logger: Logger;
  unitOfWork: UnitOfWork;
  findings: FindingStore;
  jobs: JobQueue;
}): DeadLetters {
  return {
    async report({ installationId, task, payload, error }) {
      deps.logger.error('A job was given up', error, { installationId, task });
      const why =
        error instanceof AppError ? error.message : 'An unexpected error occurred; support can find it in the log.';
      await deps.unitOfWork.within(installationId, async (tx) => {
        await deps.findings.raise(
          tx,
          {
            kind: 'job_exhausted',
            subject: givenUpSubject(task, subjectOf(payload)),
            message: `${WHAT[task]}: ${why}`,
            action: actionFor(error),
            link: linkOf(payload),
          },
          deps.clock.now(),
        );
        if (task === 'crm.write-partners' || task === 'crm.write-items') await writeLater(tx, task, payload, error);
      });
    },

    async settled({ installationId, task, payload }) {
      if (CLOSE_BY_THEMSELVES.has(task)) return;
      await deps.unitOfWork.within(installationId, (tx) =>
        deps.findings.resolve(tx, 'job_exhausted', givenUpSubject(task, subjectOf(payload)), deps.clock.now()),
      );
    },
  };

  /** After a defect each record goes on alone, so that the one that causes it is found and no other waits for it. */
  async function writeLater(
    tx: Tx,
    task: 'crm.write-partners' | 'crm.write-items',
    payload: unknown,
    error: unknown,
  ): Promise<void> {
    const dueAt = after(deps.clock.now(), WRITES_AGAIN_MS);
    const job = Writes.parse(payload);
    const jobs =
      error instanceof AppError
        ? [job]
        : job.keys.map((key) => ({ ...job, keys: [key], givenUp: (job.givenUp ?? 0) + 1 }));
    for (const one of jobs) await deps.jobs.enqueueWithin(tx, { ...crmWriteJob(task, one), dueAt });
  }
}

function actionFor(error: unknown): string {
  return error instanceof ForbiddenError
    ? 'Let an admin of your Pipedrive company install the app too, or give the missing right. It is tried again by itself.'
    : 'It is tried again with the next regular run. If it stays, tell support.';
}

function subjectOf(payload: unknown): string {
  const value =
    fieldOf(payload, 'dealId') ??
    fieldOf(payload, 'handoffId') ??
    fieldOf(payload, 'stream') ??
    fieldOf(payload, 'entity') ??
    fieldOf(payload, 'connectionId');
  return String(value ?? 'installation');
}

function linkOf(payload: unknown): { resource: 'deal'; id: number } | null {
  const dealId = fieldOf(payload, 'dealId');
  return typeof dealId === 'number' ? { resource: 'deal', id: dealId } : null;
}

function fieldOf(payload: unknown, name: string): unknown {
  return typeof payload === 'object' && payload !== null ? Reflect.get(payload, name) : undefined;
}
