import type { Knex } from 'knex';
import { APP_ROLE } from './roles.ts';

/**
 * The start-up check that tenants are kept apart by the database itself.
 * @throws Error that says what is wrong with the role of `DATABASE_URL` and what to do
 */
export async function assertApplicationRole(db: Knex): Promise<void> {
  const faults = await applicationRoleFaults(db);
  if (faults.length === 0) return;
  throw new Error(
    `DATABASE_URL must name a role that cannot get around row-level security, such as ${APP_ROLE}. This one ${faults.join(', ')}. docs/operations.md tells how to make it.`,
  );
}

async function applicationRoleFaults(db: Knex): Promise<string[]> {
  const { rows } = await db.raw<{
    rows: { rolsuper: boolean; rolbypassrls: boolean; member: boolean; owned: string | null }[];
  }>(
    `select r.rolsuper, r.rolbypassrls,
            coalesce((select pg_has_role(r.oid, a.oid, 'usage') from pg_roles a where a.rolname = ?), false) as member,
            (select min(c.oid::regclass::text) from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where c.relkind in ('r', 'p') and n.nspname = 'public' and pg_has_role(r.oid, c.relowner, 'member')) as owned
       from pg_roles r where r.rolname = current_user`,
    [APP_ROLE],
  );
  const role = rows[0];
  if (!role) return ['is unknown to the server'];
  return [
    ...(role.rolsuper ? ['is a superuser'] : []),
    ...(role.rolbypassrls ? ['bypasses row-level security'] : []),
    ...(role.owned !== null ? [`owns tables (${role.owned}), itself or through a membership`] : []),
    ...(role.member ? [] : [`is not a member of ${APP_ROLE}`]),
  ];
}
