import type { Knex } from 'knex';
import { dropTables } from './support/tenant-table.ts';

/** Held shared by whoever hands a job to the workers, and alone by whoever clears their idle queues away. */
const QUEUES_LOCK = 7_302_002;

/** Times a job may take its worker down with it before it is given up. Errors that a job throws do not count here. */
const MAX_CRASHES = 5;

const FUNCTIONS = [
  {
    // The shared lock: the library makes a queue first and its job after, and a clean-up in between would leave the job
    // without its queue, free to overlap.
    signature: 'release_job(p_task text, p_envelope jsonb)',
    returns: 'void',
    body: `
      begin
        perform pg_advisory_xact_lock_shared(${QUEUES_LOCK});
        perform graphile_worker.add_job(
          p_task,
          p_envelope::json,
          queue_name := p_envelope ->> 'serialKey',
          run_at := clock_timestamp(),
          max_attempts := ${MAX_CRASHES},
          job_key := p_envelope ->> 'foldKey',
          priority := (p_envelope ->> 'priority')::integer
        );
      end`,
  },
  {
    signature: 'job_is_waiting(p_fold_key text)',
    returns: 'boolean',
    body: `
      begin
        return p_fold_key is not null and exists (
          select from graphile_worker.jobs
          where key = p_fold_key and locked_at is null and attempts < max_attempts
        );
      end`,
  },
  {
    signature:
      'enqueue_job(p_task text, p_installation_id uuid, p_payload jsonb, p_serial_key text, p_fold_key text, p_priority integer, p_due_at timestamptz)',
    returns: 'void',
    body: `
      declare
        v_fold_key text := p_installation_id || ':' || p_task || ':' || p_fold_key;
        v_envelope jsonb := jsonb_build_object(
          'version', 1,
          'installationId', p_installation_id,
          'payload', p_payload,
          'attempt', 1,
          'serialKey', p_installation_id || ':' || p_serial_key,
          'foldKey', v_fold_key,
          'priority', p_priority
        );
      begin
        if p_due_at is null or public.job_is_waiting(v_fold_key) then
          delete from public.scheduled_jobs where fold_key = v_fold_key;
          perform public.release_job(p_task, v_envelope);
        else
          insert into public.scheduled_jobs (task, envelope, fold_key, due_at)
          values (p_task, v_envelope, v_fold_key, p_due_at)
          on conflict on constraint scheduled_jobs_one_per_fold_key
          do update set envelope = excluded.envelope, due_at = least(scheduled_jobs.due_at, excluded.due_at);
        end if;
      end`,
  },
  {
    signature: 'retry_job(p_task text, p_envelope jsonb, p_due_at timestamptz)',
    returns: 'void',
    body: `
      declare
        v_fold_key text := p_envelope ->> 'foldKey';
      begin
        if public.job_is_waiting(v_fold_key) then
          return;
        end if;
        insert into public.scheduled_jobs (task, envelope, fold_key, due_at)
        values (p_task, p_envelope, v_fold_key, p_due_at)
        on conflict on constraint scheduled_jobs_one_per_fold_key
        do update set due_at = least(scheduled_jobs.due_at, excluded.due_at);
      end`,
  },
  {
    // One statement ends the run and stores what follows from it: neither is lost, and neither happens twice. The job library
    // finds nothing left to do. A worker that was taken for dead no longer holds the job and changes nothing.
    signature:
      'finish_job(p_job_id bigint, p_worker_id text, p_task text, p_retry_envelope jsonb, p_retry_at timestamptz)',
    returns: 'boolean',
    body: `
      declare
        v_queue_id integer;
      begin
        delete from graphile_worker._private_jobs where id = p_job_id and locked_by = p_worker_id
        returning job_queue_id into v_queue_id;
        if not found then
          return false;
        end if;
        update graphile_worker._private_job_queues set locked_at = null, locked_by = null
        where id = v_queue_id and locked_by = p_worker_id;
        if p_retry_at is not null then
          perform public.retry_job(p_task, p_retry_envelope, p_retry_at);
        end if;
        return true;
      end`,
  },
  {
    signature: 'promote_due_jobs(p_now timestamptz, p_limit integer)',
    returns: 'integer',
    body: `
      declare
        v_job record;
        v_count integer := 0;
      begin
        for v_job in
          with due as (
            delete from public.scheduled_jobs where id = any(array(
              select id from public.scheduled_jobs where due_at <= p_now
              order by due_at, id limit p_limit for update skip locked
            )) returning id, task, envelope, due_at
          )
          select task, envelope from due order by due_at, id
        loop
          perform public.release_job(v_job.task, v_job.envelope);
          v_count := v_count + 1;
        end loop;
        return v_count;
      end`,
  },
];

/**
 * What our clock decides: jobs that are not due yet, and when each cron job ran last. Both belong to no tenant (an
 * installation is an id inside the envelope) and hold keys only. The functions are the one way into the job library's
 * tables; they call it by name, so its schema may be made later.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table scheduled_jobs (
      id bigint primary key generated always as identity,
      task text not null,
      envelope jsonb not null,
      fold_key text constraint scheduled_jobs_one_per_fold_key unique,
      due_at timestamptz not null
    )`);
  await knex.raw('create index scheduled_jobs_by_due_time on scheduled_jobs (due_at, id)');
  await knex.raw(`
    create table cron_runs (
      name text primary key,
      last_run_at timestamptz,
      claimed_until timestamptz
    )`);
  for (const table of ['scheduled_jobs', 'cron_runs'])
    await knex.raw(`grant select, insert, update, delete on ${table} to orderline_app`);
  for (const { signature, returns, body } of FUNCTIONS) {
    await knex.raw(`create function public.${signature} returns ${returns} language plpgsql as $$ ${body}; $$`);
    await knex.raw(`revoke execute on function public.${signature} from public`);
    await knex.raw(`grant execute on function public.${signature} to orderline_app`);
  }
}

export async function down(knex: Knex): Promise<void> {
  for (const { signature } of [...FUNCTIONS].reverse()) await knex.raw(`drop function public.${signature}`);
  await dropTables(knex, 'cron_runs', 'scheduled_jobs');
}
