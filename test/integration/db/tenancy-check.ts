import type { Knex } from 'knex';

/** The functions that may run with their owner's rights; each gives ids alone. */
export const LOOKUP_FUNCTIONS = [
  'find_installation_by_company(text) uuid',
  'find_installation_by_webhook_secret(bytea) uuid',
  'list_due_installations() SETOF uuid',
];

/**
 * What is wrong with how tenants are kept apart, one sentence a fault; empty when all is well. Read from the catalogue,
 * so that a table or function added later is judged without anybody naming it here.
 */
export async function tenancyFaults(db: Knex): Promise<string[]> {
  return [...(await tableFaults(db)), ...(await functionFaults(db))];
}

/** Outside the queue's own schema, a tenant column is any that names an installation, a tenant or a company. */
async function tableFaults(db: Knex): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { name: string; forced: boolean; owner: string; policies: string[] }[] }>(`
    select c.oid::regclass::text as name, c.relrowsecurity and c.relforcerowsecurity as forced, c.relowner::regrole::text as owner,
      array(select case when p.polcmd = '*' and pg_get_expr(p.polqual, p.polrelid) like '%orderline.installation_id%'
                         and pg_get_expr(p.polwithcheck, p.polrelid) like '%orderline.installation_id%' then 'tenant'
                        when p.polcmd = 'r' and p.polroles = array['orderline_lookup'::regrole::oid] then 'lookup'
                        else 'named ' || p.polname end
              from pg_policy p where p.polrelid = c.oid order by 1) as policies
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'm', 'v', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'graphile_worker')
       and n.nspname not like 'pg_toast%'
       and exists (select from pg_attribute a where a.attrelid = c.oid and not a.attisdropped
                    and a.attname in ('installation_id', 'tenant_id', 'installation', 'tenant', 'company_id'))`);
  return rows.flatMap(({ name, forced, owner, policies }) => [
    ...(forced ? [] : [`${name}: row-level security is not forced`]),
    ...(owner === 'orderline_owner' ? [] : [`${name}: belongs to ${owner}`]),
    ...(policies.includes('tenant') ? [] : [`${name}: no policy with USING and WITH CHECK on the tenant`]),
    ...policies
      .filter((policy) => policy !== 'tenant' && !(policy === 'lookup' && name === 'installations'))
      .map((policy) => `${name}: a policy (${policy}) opens another way in`),
  ]);
}

async function functionFaults(db: Knex): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { fn: string; owner: string; open: boolean; path: string | null }[] }>(`
    select p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ') ' || pg_get_function_result(p.oid) as fn,
      p.proowner::regrole::text as owner, p.proconfig::text as path,
      exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) where grantee = 0) as open
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')`);
  const named = rows.map((row) => ({ ...row, fn: row.fn.replace(/\((?:\w+ )(\w+)\)/, '($1)') }));
  return [
    ...LOOKUP_FUNCTIONS.filter((fn) => !named.some((row) => row.fn === fn)).map((fn) => `${fn}: is missing`),
    ...named.flatMap(({ fn, owner, open, path }) => [
      ...(LOOKUP_FUNCTIONS.includes(fn) ? [] : [`${fn}: runs with its owner's rights`]),
      ...(owner === 'orderline_lookup' ? [] : [`${fn}: belongs to ${owner}`]),
      ...(open ? [`${fn}: anybody may call it`] : []),
      ...(path?.includes('search_path=pg_catalog') ? [] : [`${fn}: its search path is not fixed`]),
    ]),
  ];
}
