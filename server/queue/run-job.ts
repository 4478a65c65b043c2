import type { Task } from 'graphile-worker';
import type pg from 'pg';
import { z } from 'zod';
import type { TaskName } from '../app/ports/job-queue.ts';
import { after, type Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { JobContext, JobDisposition, JobHandlers, OnExhausted, OnSettled } from './job-types.ts';
import { Envelope, payloadSchemas } from './payload-schemas.ts';
import type { RunningJobs } from './running-jobs.ts';

export interface RunJobDeps {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly handlers: JobHandlers;
  readonly disposition: (error: unknown, attempt: number) => JobDisposition;
  readonly onExhausted: OnExhausted;
  readonly onSettled?: OnSettled;
  readonly running: RunningJobs;
}

/** A parked job is woken when Pipedrive is reconnected; this is for a wake-up that got lost. */
const PARKED_MS = 60 * 60_000;

/** The run that follows a failed one. */
interface Retry {
  readonly envelope: Envelope;
  readonly at: Date;
}

/**
 * One task as the job library runs it. It never fails because its handler did: what becomes of the job then is decided
 * here and stored as a new job, so that the library's own retries are left for workers that died and a database that was
 * away.
 */
export function makeTask<T extends TaskName>(task: T, deps: RunJobDeps): Task {
  const { handlers, pool, running } = deps;

  async function handle(context: JobContext, payload: unknown): Promise<void> {
    await handlers[task](context, payloadSchemas[task].parse(payload));
  }

  return async (raw, { job: { id: jobId, locked_by: workerId } }) => {
    const envelope = Envelope.parse(raw);
    const { installationId, attempt, payload } = envelope;
    const job = running.begin();
    let retry: Retry | undefined;
    try {
      await handle({ installationId, attempt, jobId, signal: job.signal }, payload);
      await tellSettled(deps, { installationId, task, payload });
    } catch (error) {
      if (!job.isLost()) retry = await settle(deps, { task, jobId, envelope, error, signal: job.signal });
    } finally {
      job.end();
    }
    // Were this no error, the library would take the job away from the worker that holds it by now.
    if (!(await finish(pool, { jobId, workerId, task, retry })))
      throw new Error('The job was given to another worker before it ended.');
  };
}

/** What is done is done: whoever listens cannot make the job fail. */
async function tellSettled({ onSettled, logger }: RunJobDeps, job: Parameters<OnSettled>[0]): Promise<void> {
  try {
    await onSettled?.(job);
  } catch (error) {
    logger.error('a job that went well could not be told of', error, { task: job.task });
  }
}

interface Failure {
  readonly task: TaskName;
  readonly jobId: string;
  readonly envelope: Envelope;
  readonly error: unknown;
  readonly signal: AbortSignal;
}

async function settle(deps: RunJobDeps, failure: Failure): Promise<Retry | undefined> {
  const { task, jobId, envelope, error } = failure;
  const { installationId, attempt, payload } = envelope;
  const { parked: _, ...going } = envelope;
  const verdict = judge(deps, failure);
  const fields = { task, installationId, jobId, attempt, act: verdict.act };
  if (error instanceof AppError) deps.logger.warn(`job failed: ${error.kind}`, fields);
  else deps.logger.error('job failed', error, fields);

  switch (verdict.act) {
    case 'retry':
      return { envelope: { ...going, attempt: attempt + 1 }, at: after(deps.clock.now(), verdict.delayMs) };
    case 'run_at':
      return { envelope: going, at: verdict.at };
    case 'park':
      return { envelope: { ...going, parked: true }, at: after(deps.clock.now(), PARKED_MS) };
    case 'surface':
      await deps.onExhausted({ installationId, task, payload, attempt, jobId }, error);
      return undefined;
    case 'drop':
      return undefined;
    default:
      return verdict satisfies never;
  }
}

/** A handler that stopped because we asked it to has not failed. */
function judge({ clock, disposition }: RunJobDeps, { error, signal, envelope }: Failure): JobDisposition {
  if (signal.aborted && !(error instanceof AppError)) return { act: 'run_at', at: clock.now() };
  return disposition(error, envelope.attempt);
}

const Finished = z.object({ finished: z.boolean() });

/** @returns false if this worker does not hold the job any more; then nothing has changed */
async function finish(
  pool: pg.Pool,
  run: { jobId: string; workerId: string | null; task: TaskName; retry: Retry | undefined },
): Promise<boolean> {
  const { jobId, workerId, task, retry } = run;
  const { rows } = await pool.query('select finish_job($1, $2, $3, $4, $5) as finished', [
    jobId,
    workerId,
    task,
    retry ? JSON.stringify(retry.envelope) : null,
    retry?.at ?? null,
  ]);
  return Finished.parse(rows[0]).finished;
}
