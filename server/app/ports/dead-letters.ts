import type { InstallationId } from '../../kernel/ids.ts';
import type { TaskName } from './job-queue.ts';

/** Told of every job that will not be tried again by itself, so that it surfaces where a person looks. */
export interface DeadLetters {
  report(job: { installationId: InstallationId; task: TaskName; payload: unknown; error: unknown }): Promise<void>;
}
