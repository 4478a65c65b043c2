import type { Clock } from '../kernel/clock.ts';
import { RejectedError } from '../kernel/errors.ts';
import type { ConnectionId, InstallationId } from '../kernel/ids.ts';
import type { CustomFields } from './ports/crm.ts';
import type { FindingStore } from './ports/finding-store.ts';
import type { JobPriority, JobQueue } from './ports/job-queue.ts';
import type { UnitOfWork } from './ports/unit-of-work.ts';
import { recheckFieldsJob } from './sync-jobs.ts';

export interface LeaveOutDeps {
  readonly clock: Clock;
  readonly unitOfWork: UnitOfWork;
  readonly findings: Pick<FindingStore, 'raise'>;
  readonly jobs: Pick<JobQueue, 'enqueueWithin'>;
}

export interface LeaveOutPlace {
  readonly installationId: InstallationId;
  readonly connectionId: ConnectionId;
  /** Of the look at the fields that follows. */
  readonly priority: JobPriority;
  /** What follows from a field's being left out, e.g. `your customers come without it`. */
  readonly consequence: string;
}

interface Values {
  readonly customFields?: CustomFields;
}

/** The fields that were refused in one job. */
export interface LeavingOut {
  /**
   * Sends the values. Pipedrive refuses a whole record for one custom field that it no longer has, or whose value it does
   * not take, and names the field: then again without it, and so for the rest of the job.
   * @throws whatever `send` throws otherwise
   */
  write<V extends Values, T>(values: V, send: (values: V) => Promise<T>): Promise<T>;
  /** True when these values hold a field that is left out, so that the record is to be written again later. */
  concerns(values: Values): boolean;
}

export function makeLeavingOut(deps: LeaveOutDeps, place: LeaveOutPlace): LeavingOut {
  const refused = new Set<string>();

  const without = <V extends Values>(values: V): V => {
    const kept = Object.entries(values.customFields ?? {}).filter(([code]) => !refused.has(code));
    return values.customFields ? { ...values, customFields: Object.fromEntries(kept) } : values;
  };

  return {
    concerns: ({ customFields = {} }) => Object.keys(customFields).some((code) => refused.has(code)),

    async write(values, send) {
      // Ends: each round leaves out one field more.
      for (;;) {
        const given = without(values);
        try {
          return await send(given);
        } catch (error) {
          const field = error instanceof RejectedError ? error.field : undefined;
          if (field === undefined || !(field in (given.customFields ?? {}))) throw error;
          refused.add(field);
          await report(field, error instanceof RejectedError ? error.words : '');
        }
      }
    },
  };

  /** One finding for the field, not one for each record; a field that is made anew closes it. */
  async function report(field: string, words: string): Promise<void> {
    await deps.unitOfWork.within(place.installationId, async (tx) => {
      await deps.jobs.enqueueWithin(tx, recheckFieldsJob(place.connectionId, place.priority));
      await deps.findings.raise(
        tx,
        {
          kind: 'record_refused',
          subject: `field:${field}`,
          message: `A field could not be written to Pipedrive, so ${place.consequence}: ${words}`,
          action:
            'If somebody deleted the field, nothing is to be done: it is made anew. Else see whether its type was changed.',
          link: null,
        },
        deps.clock.now(),
      );
    });
  }
}
