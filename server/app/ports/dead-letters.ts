import type { InstallationId } from '../../kernel/ids.ts';
import type { TaskName } from './job-queue.ts';

interface AJob {
  readonly installationId: InstallationId;
  readonly task: TaskName;
  readonly payload: unknown;
}

export interface DeadLetters {
  /** Told of every job that will not be tried again by itself, so that it surfaces where a person looks. */
  report(job: AJob & { readonly error: unknown }): Promise<void>;
  /** Told of every job that came to its end, so that what an earlier one left behind is closed. */
  settled(job: AJob): Promise<void>;
}
