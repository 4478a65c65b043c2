import type { Knex } from 'knex';

const STATUS = 'installations_status_check';

/**
 * A company's data can be removed at an admin's wish, step by step; and a late notice of an uninstall is told by when that
 * user installed, not by when anybody did. `remove_jobs` takes away what waits in the queue for one installation: the one
 * job that ends it is kept.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table installations
      drop constraint ${STATUS},
      add constraint ${STATUS} check (status in ('active', 'reauth_required', 'removing', 'uninstalled')),
      add column removal_asked_at timestamptz,
      add column removal_asked_by bigint,
      add column removal_done text[] not null default '{}'`);
  await knex.raw('alter table grants add column granted_at timestamptz');
  await knex.raw(`
    create function public.remove_jobs(p_installation_id uuid, p_kept_task text) returns integer language plpgsql as $$
    declare
      v_scheduled integer;
      v_ready integer;
    begin
      delete from public.scheduled_jobs
      where envelope ->> 'installationId' = p_installation_id::text and task <> p_kept_task;
      get diagnostics v_scheduled = row_count;
      -- A job that runs is left to its worker: it finds nothing any more.
      delete from graphile_worker._private_jobs as job using graphile_worker._private_tasks as task
      where task.id = job.task_id and job.locked_at is null
        and job.payload ->> 'installationId' = p_installation_id::text and task.identifier <> p_kept_task;
      get diagnostics v_ready = row_count;
      return v_scheduled + v_ready;
    end $$`);
  await knex.raw(`
    create function public.count_jobs(p_installation_id uuid, p_kept_task text) returns integer language plpgsql as $$
    begin
      return (select count(*) from public.scheduled_jobs
              where envelope ->> 'installationId' = p_installation_id::text and task <> p_kept_task)
           + (select count(*) from graphile_worker._private_jobs as job
              join graphile_worker._private_tasks as task on task.id = job.task_id
              where job.payload ->> 'installationId' = p_installation_id::text and task.identifier <> p_kept_task);
    end $$`);
  for (const name of ['remove_jobs', 'count_jobs']) {
    await knex.raw(`revoke execute on function public.${name}(uuid, text) from public`);
    await knex.raw(`grant execute on function public.${name}(uuid, text) to orderline_app`);
  }
}

/** What was being removed is taken for a connection that waits: the version before knows no other word for it. */
export async function down(knex: Knex): Promise<void> {
  for (const name of ['count_jobs', 'remove_jobs']) await knex.raw(`drop function public.${name}(uuid, text)`);
  await knex.raw('alter table grants drop column granted_at');
  // Row-level security is forced on the owner as well, who has no policy: lifted for one statement.
  await knex.raw('alter table installations no force row level security');
  await knex.raw(`update installations set status = 'reauth_required' where status = 'removing'`);
  await knex.raw('alter table installations force row level security');
  await knex.raw(`
    alter table installations
      drop constraint ${STATUS},
      add constraint ${STATUS} check (status in ('active', 'reauth_required', 'uninstalled')),
      drop column removal_asked_at,
      drop column removal_asked_by,
      drop column removal_done`);
}
