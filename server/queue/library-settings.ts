import { Logger as LibraryLogger } from 'graphile-worker';
import type { Logger } from '../kernel/logger.ts';

/** The job library's own warnings and errors in our log; its talk about every single job is left out. */
export function libraryLogger(logger: Logger): LibraryLogger {
  return new LibraryLogger(() => (level, message) => {
    if (level === 'error' || level === 'warning') logger.warn(`job library: ${firstLine(message)}`);
  });
}

/** The rest is a stack. */
const firstLine = (message: string): string => message.split('\n', 1)[0] ?? '';

/**
 * Without a batch the library does not look at whether a job's end could be stored: a database that is away for a moment
 * would end the process with an unhandled rejection.
 */
export const BATCHED = { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } } as const;
