import type { TaskName } from './ports/job-queue.ts';

/** Subject of the finding that a job leaves when it is given up; whoever does the same work later closes it. */
export function givenUpSubject(task: TaskName, about: string): string {
  return `job:${task}:${about}`;
}
