import type { JobPayloads, TaskName } from '../app/ports/job-queue.ts';
import type { InstallationId } from '../kernel/ids.ts';

export interface JobContext {
  readonly installationId: InstallationId;
  /** 1 for the first run; waiting for a told time does not count. */
  readonly attempt: number;
  readonly jobId: string;
  /** Aborted when the process has to end, or when the job was given to another worker. */
  readonly signal: AbortSignal;
}

/** May run again at any point, also after it succeeded: it looks before it writes. */
export type JobHandler<T extends TaskName> = (context: JobContext, payload: JobPayloads[T]) => Promise<void>;
export type JobHandlers = { readonly [T in TaskName]: JobHandler<T> };

/** What becomes of a job that failed. */
export type JobDisposition =
  | { readonly act: 'retry'; readonly delayMs: number }
  | { readonly act: 'run_at'; readonly at: Date }
  /** Until it is woken; looked at again now and then all the same. */
  | { readonly act: 'park' }
  | { readonly act: 'drop' }
  | { readonly act: 'surface' };

/** A job that is not tried again by itself. */
export interface ExhaustedJob {
  readonly installationId: InstallationId;
  readonly task: TaskName;
  readonly payload: unknown;
  readonly attempt: number;
  readonly jobId: string;
}

/** May be called twice for one job if the process dies in between. */
export type OnExhausted = (job: ExhaustedJob, error: unknown) => Promise<void>;

/** Told of every job whose handler came to its end. */
export type OnSettled = (job: Pick<ExhaustedJob, 'installationId' | 'task' | 'payload'>) => Promise<void>;
