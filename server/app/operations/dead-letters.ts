import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { DeadLetters } from '../ports/dead-letters.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { TaskName } from '../ports/job-queue.ts';
import type { UnitOfWork } from '../ports/unit-of-work.ts';

const WHAT: Readonly<Record<TaskName, string>> = {
  'webhooks.ensure': 'Pipedrive could not be asked to notify this app',
  'fields.ensure': 'The fields could not be created',
  'delivery.process': 'A notification from Pipedrive could not be read',
  'deal.consider': 'A deal could not be checked',
  'order.hand-off': 'An order could not be brought to SAP',
  'order.write-back': 'The result could not be written to the deal',
  'deals.sweep': 'Won deals could not be looked for',
  'sync.inbound': 'SAP could not be read',
  'crm.write-partners': 'Customers could not be written to Pipedrive',
  'crm.write-items': 'Items could not be written to Pipedrive',
};

/** A job that is not tried again by itself becomes a finding, in words. */
export function createDeadLetters(deps: {
  clock: Clock;
  logger: Logger;
  unitOfWork: UnitOfWork;
  findings: FindingStore;
}): DeadLetters {
  return {
    async report({ installationId, task, payload, error }) {
      deps.logger.error('A job was given up', error, { installationId, task });
      const why =
        error instanceof AppError ? error.message : 'An unexpected error occurred; support can find it in the log.';
      await deps.unitOfWork.within(installationId, (tx) =>
        deps.findings.raise(
          tx,
          {
            kind: 'job_exhausted',
            subject: `job:${task}:${subjectOf(payload)}`,
            message: `${WHAT[task]}: ${why}`,
            action: 'It is tried again with the next regular run. If it stays, tell support.',
            link: linkOf(payload),
          },
          deps.clock.now(),
        ),
      );
    },
  };
}

function subjectOf(payload: unknown): string {
  const value =
    fieldOf(payload, 'dealId') ??
    fieldOf(payload, 'handoffId') ??
    fieldOf(payload, 'stream') ??
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
