import type { Knex } from 'knex';

const SIGNATURE = 'take_deliveries(p_groups jsonb, p_bodies bytea[], p_wait boolean)';

/**
 * As `store_deliveries`, which processes of the version before still call; but whether signatures are required is asked of
 * the installation, what was stored says whether it was signed, and what is refused for want of a signature is told apart
 * from what is not ours.
 */
const BODY = `
      declare
        v_group record;
        v_required boolean;
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
            select i.signature = 'required' into v_required from public.installations i
              where i.installation_id = v_group.tenant and i.status <> 'uninstalled' for share;
          else
            select i.signature = 'required' into v_required from public.installations i
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

          v_addresses := array(
            select a.secret_hash
            from (select distinct d ->> 'secret_hash' as secret_hash from jsonb_array_elements(v_group.deliveries) d) a
            where public.find_installation_by_webhook_secret(decode(a.secret_hash, 'hex')) = v_group.tenant
          );

          with given as (
            select g.*, (
                exists (
                  select from public.crm_webhooks w
                  where w.installation_id = v_group.tenant and w.user_name = g.user_name
                )
                and g.secret_hash = any(v_addresses)
              ) as known,
              (g.signed or not v_required) as taken
            from jsonb_to_recordset(v_group.deliveries) as g(
              ordinal integer, id uuid, secret_hash text, user_name text, signed boolean, fingerprint text,
              received_at timestamptz, headers text, size integer, state text, to_be_read boolean)
          ), added as (
            insert into public.deliveries
              (installation_id, id, source, fingerprint, fingerprint_hash, received_at, headers, body, size, state, signed)
            select v_group.tenant, g.id, 'pipedrive', convert_to(g.fingerprint, 'UTF8'),
              sha256(convert_to(g.fingerprint, 'UTF8')), g.received_at, g.headers::json, p_bodies[g.ordinal], g.size, g.state,
              g.signed
            from given g where g.known and g.taken
            order by sha256(convert_to(g.fingerprint, 'UTF8'))
            on conflict on constraint deliveries_once do nothing
            returning deliveries.id
          )
          select array_agg(g.id),
            array_agg(case when not g.known then 'not_ours' when not g.taken then 'unsigned'
              when added.id is null then 'duplicate' else 'stored' end),
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
      end`;

/** Whether a delivery was signed is kept with it, and whether a company takes signed ones alone with the installation. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table installations
    add column signature text not null default 'if-present' check (signature in ('if-present', 'required'))`);
  await knex.raw('alter table deliveries add column signed boolean not null default false');
  await knex.raw(
    `create function public.${SIGNATURE} returns table (delivery_id uuid, outcome text) language plpgsql as $$ ${BODY}; $$`,
  );
  await knex.raw(`revoke execute on function public.${SIGNATURE} from public`);
  await knex.raw(`grant execute on function public.${SIGNATURE} to orderline_app`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`drop function public.${SIGNATURE}`);
  await knex.raw('alter table deliveries drop column signed');
  await knex.raw('alter table installations drop column signature');
}
