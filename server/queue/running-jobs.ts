/** The jobs that this process is working on. */
export interface RunningJobs {
  begin(): RunningJob;
  /** Asks all to stop: the process has to end. */
  abortAll(): void;
  /** Asks all to stop: they were given to other workers. */
  loseAll(): void;
}

export interface RunningJob {
  readonly signal: AbortSignal;
  isLost(): boolean;
  end(): void;
}

export function createRunningJobs(): RunningJobs {
  const jobs = new Set<{ controller: AbortController; lost: boolean }>();

  return {
    begin() {
      const job = { controller: new AbortController(), lost: false };
      jobs.add(job);
      return {
        signal: job.controller.signal,
        isLost: () => job.lost,
        end: () => void jobs.delete(job),
      };
    },
    abortAll() {
      for (const job of jobs) job.controller.abort(new Error('The process is ending.'));
    },
    loseAll() {
      for (const job of jobs) {
        job.lost = true;
        job.controller.abort(new Error('The job was given to another worker.'));
      }
    },
  };
}
