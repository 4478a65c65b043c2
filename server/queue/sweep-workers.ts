import type pg from 'pg';
import { z } from 'zod';
import { inTransaction } from './transaction.ts';

/** A worker that has been silent for longer has died: four beats are missing. */
const SILENT_AFTER = '45 seconds';
/** One sweep at a time, over all processes. */
const SWEEP_LOCK = 7_302_003;
/** The lock that release_job shares (migrations, queue). */
const QUEUES_LOCK = 7_302_002;

const Locked = z.object({ locked: z.boolean() });
const Worker = z.object({ worker_id: z.string() });

/**
 * Frees what dead workers held, which the job library itself would do after four hours only: their jobs, and the serial
 * keys that these block. Also clears away the queues of serial keys that nothing waits for.
 * @returns ids of the workers that were given up
 */
export async function sweepWorkers(pool: pg.Pool): Promise<readonly string[]> {
  return inTransaction(pool, async (client) => {
    if (!(await tryLock(client, SWEEP_LOCK))) return [];
    const dead = [...(await removeSilent(client)), ...(await listUnknownHolders(client))];
    if (dead.length > 0) await client.query('select graphile_worker.force_unlock_workers($1)', [dead]);
    await collectIdleQueues(client);
    return dead;
  });
}

async function removeSilent(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query(
    `delete from worker_heartbeats where beat_at < clock_timestamp() - $1::interval returning worker_id`,
    [SILENT_AFTER],
  );
  return z
    .array(Worker)
    .parse(rows)
    .map((row) => row.worker_id);
}

/** Died before their first beat. */
async function listUnknownHolders(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query(
    `select distinct locked_by as worker_id from (
       select locked_by, locked_at from graphile_worker._private_jobs
       union all
       select locked_by, locked_at from graphile_worker._private_job_queues
     ) held
     where locked_at < clock_timestamp() - $1::interval
       and not exists (select from worker_heartbeats where worker_id = locked_by)`,
    [SILENT_AFTER],
  );
  return z
    .array(Worker)
    .parse(rows)
    .map((row) => row.worker_id);
}

async function collectIdleQueues(client: pg.PoolClient): Promise<void> {
  if (!(await tryLock(client, QUEUES_LOCK))) return;
  await client.query(
    `delete from graphile_worker._private_job_queues as queue
     where locked_at is null
       and not exists (select from graphile_worker._private_jobs where job_queue_id = queue.id)`,
  );
}

async function tryLock(client: pg.PoolClient, key: number): Promise<boolean> {
  const { rows } = await client.query('select pg_try_advisory_xact_lock($1) as locked', [key]);
  return Locked.parse(rows[0]).locked;
}
