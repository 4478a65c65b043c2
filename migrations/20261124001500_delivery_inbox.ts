import type { Knex } from 'knex';

/** As in the migration of the queue: held shared by whoever hands a job to the workers. */
const QUEUES_LOCK = 7_302_002;
const MAX_CRASHES = 5;

const FUNCTIONS = [
  {
    // As enqueue_job, for many that have no fold key and are due at once. The library looks through all its jobs with
    // each call, whatever the number it is given: many in one call cost little more than one. New queues are made in
    // one order, so that two processes that make the same ones do not wait for each other.
    signature: 'enqueue_jobs(p_jobs jsonb)',
    returns: 'void',
    body: `
      begin
        if p_jobs = '[]' then
          return;
        end if;
        perform pg_advisory_xact_lock_shared(${QUEUES_LOCK});
        insert into graphile_worker._private_job_queues (queue_name)
          select distinct j.tenant || ':' || j.serial_key from jsonb_to_recordset(p_jobs) as j(tenant uuid, serial_key text)
          where not exists (
            select from graphile_worker._private_job_queues q where q.queue_name = j.tenant || ':' || j.serial_key
          ) order by 1
          on conflict do nothing;
        perform graphile_worker.add_jobs(array(
          select (
            j.task,
            json_build_object(
              'version', 1,
              'installationId', j.tenant,
              'payload', j.payload,
              'attempt', 1,
              'serialKey', j.tenant || ':' || j.serial_key,
              'foldKey', null,
              'priority', j.priority
            ),
            j.tenant || ':' || j.serial_key, clock_timestamp(), ${MAX_CRASHES}, null, j.priority, null
          )::graphile_worker.job_spec
          from jsonb_to_recordset(p_jobs) as j(task text, tenant uuid, payload jsonb, serial_key text, priority integer)
        ));
      end`,
  },
  {
    // A group of deliveries in one transaction, each under its own tenant: it runs with its caller's rights, and row-level
    // security holds each turn of the loop to its tenant. What the receiver knew when it let the body in (address,
    // credentials, signature) is looked at again, so that a removed app or webhook counts at once, whatever a process
    // remembers. A tenant that somebody else is changing is busy unless p_wait: the others need not wait for it.
    // synchronous_commit is set whatever the server's default: an answer of 200 must outlive a crash.
    signature: 'store_deliveries(p_groups jsonb, p_bodies bytea[], p_wait boolean)',
    returns: 'table (delivery_id uuid, outcome text)',
    body: `
      declare
        v_group record;
        v_signature text;
        v_installed boolean;
        v_addresses text[];
        v_ids uuid[];
        v_outcomes text[];
        v_to_read jsonb;
        v_jobs jsonb := '[]';
      begin
        perform set_config('synchronous_commit', 'on', true);
        perform set_config('lock_timeout', case when p_wait then '5s' else '2s' end, true);
        for v_group in
          select g.tenant, g.deliveries, g.job
          from jsonb_to_recordset(p_groups) as g(tenant uuid, deliveries jsonb, job jsonb) order by g.tenant
        loop
          perform set_config('orderline.installation_id', v_group.tenant::text, true);
          if p_wait then
            perform from public.installations i
              where i.installation_id = v_group.tenant and i.status <> 'uninstalled' for share;
          else
            perform from public.installations i
              where i.installation_id = v_group.tenant and i.status <> 'uninstalled' for share skip locked;
          end if;
          if not found then
            v_installed := not p_wait and exists (
              select from public.installations i where i.installation_id = v_group.tenant and i.status <> 'uninstalled'
            );
            return query select g.id, case when v_installed then 'busy' else 'not_ours' end
              from jsonb_to_recordset(v_group.deliveries) as g(id uuid);
            continue;
          end if;

          v_signature := (
            select s.values ->> 'signature'
            from (
              select c.id from public.connections c
              where c.installation_id = v_group.tenant and c.status <> 'disconnected' order by c.position limit 1
            ) first_connection
            join public.settings s on s.installation_id = v_group.tenant and s.connection_id = first_connection.id
            order by s.version desc limit 1
          );

          v_addresses := array(
            select a.secret_hash
            from (select distinct d ->> 'secret_hash' as secret_hash from jsonb_array_elements(v_group.deliveries) d) a
            where public.find_installation_by_webhook_secret(decode(a.secret_hash, 'hex')) = v_group.tenant
          );

          with given as (
            select g.*, (
                (g.signed or v_signature is distinct from 'required')
                and exists (
                  select from public.crm_webhooks w
                  where w.installation_id = v_group.tenant and w.user_name = g.user_name
                )
                and g.secret_hash = any(v_addresses)
              ) as ours
            from jsonb_to_recordset(v_group.deliveries) as g(
              ordinal integer, id uuid, secret_hash text, user_name text, signed boolean, fingerprint text,
              received_at timestamptz, headers text, size integer, state text, to_be_read boolean)
          ), added as (
            insert into public.deliveries
              (installation_id, id, source, fingerprint, fingerprint_hash, received_at, headers, body, size, state)
            select v_group.tenant, g.id, 'pipedrive', convert_to(g.fingerprint, 'UTF8'),
              sha256(convert_to(g.fingerprint, 'UTF8')), g.received_at, g.headers::json, p_bodies[g.ordinal], g.size, g.state
            from given g where g.ours
            order by sha256(convert_to(g.fingerprint, 'UTF8'))
            on conflict on constraint deliveries_once do nothing
            returning deliveries.id
          )
          select array_agg(g.id),
            array_agg(case when not g.ours then 'not_ours' when added.id is null then 'duplicate' else 'stored' end),
            jsonb_agg(g.id order by g.ordinal) filter (where added.id is not null and g.to_be_read)
          into v_ids, v_outcomes, v_to_read
          from given g left join added on added.id = g.id;

          if v_to_read is not null then
            v_jobs := v_jobs || jsonb_build_object('tenant', v_group.tenant, 'task', v_group.job ->> 'task',
              'serial_key', v_group.job ->> 'serialKey', 'priority', (v_group.job ->> 'priority')::integer,
              'payload', jsonb_build_object('deliveryIds', v_to_read));
          end if;
          return query select * from unnest(v_ids, v_outcomes);
        end loop;
        perform public.enqueue_jobs(v_jobs);
      end`,
  },
  {
    // Those of a tenant that a job is still there for, and will be run by somebody.
    signature: 'waiting_deliveries(p_tenant uuid)',
    returns: 'setof uuid',
    body: `
      begin
        return query select listed.id::uuid
          from (
            select s.envelope as envelope from public.scheduled_jobs s where s.task = 'delivery.process'
            union all
            select j.payload::jsonb from graphile_worker._private_jobs j
              join graphile_worker._private_tasks t on t.id = j.task_id
              where t.identifier = 'delivery.process' and (j.attempts < j.max_attempts or j.locked_at is not null)
          ) jobs
          cross join lateral jsonb_array_elements_text(jobs.envelope -> 'payload' -> 'deliveryIds') as listed(id)
          where jobs.envelope ->> 'installationId' = p_tenant::text;
      end`,
  },
];

/** Deliveries are stored by the group, with one job for all of a tenant; and found by their age, to be purged or replayed. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('create index deliveries_by_age on deliveries (installation_id, received_at, id)');
  for (const { signature, returns, body } of FUNCTIONS) {
    await knex.raw(`create function public.${signature} returns ${returns} language plpgsql as $$ ${body}; $$`);
    await knex.raw(`revoke execute on function public.${signature} from public`);
    await knex.raw(`grant execute on function public.${signature} to orderline_app`);
  }
}

export async function down(knex: Knex): Promise<void> {
  for (const { signature } of [...FUNCTIONS].reverse()) await knex.raw(`drop function public.${signature}`);
  await knex.raw('drop index deliveries_by_age');
}
