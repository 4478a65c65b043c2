import type pg from 'pg';
import { z } from 'zod';
import type { Logger } from '../kernel/logger.ts';
import type { OnExhausted } from './job-types.ts';
import { Envelope, isTaskName } from './payload-schemas.ts';
import { inTransaction } from './transaction.ts';

const Row = z.object({
  id: z.string(),
  task: z.string(),
  key: z.string().nullable(),
  payload: z.unknown(),
});
type Row = z.infer<typeof Row>;

/**
 * Surfaces and removes the jobs that the job library has given up: their workers died again and again while they ran, or
 * what became of them could not be stored.
 */
export async function surfaceCrashedJobs(pool: pg.Pool, onExhausted: OnExhausted, logger: Logger): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query(
      `select job.id, task.identifier as task, job.key, job.payload
       from graphile_worker._private_jobs as job
       join graphile_worker._private_tasks as task on task.id = job.task_id
       where job.attempts >= job.max_attempts and job.locked_at is null
       order by job.id limit 20 for update of job skip locked`,
    );
    for (const row of z.array(Row).parse(rows)) {
      await surface(row, onExhausted, logger);
      await client.query('delete from graphile_worker._private_jobs where id = $1', [row.id]);
    }
  });
}

async function surface({ id, task, key, payload }: Row, onExhausted: OnExhausted, logger: Logger): Promise<void> {
  const envelope = Envelope.safeParse(payload);
  if (!envelope.success || !isTaskName(task)) {
    logger.error('a job that cannot be read was removed', envelope.error, { jobId: id, task });
    return;
  }
  // Its fold key was taken over by a newer job, which does all that this one would have done.
  if (envelope.data.foldKey !== null && key === null) return;
  const { installationId, attempt } = envelope.data;
  await onExhausted(
    { installationId, task, payload: envelope.data.payload, attempt, jobId: id },
    new Error('The workers that ran this job ended before it did.'),
  );
}
