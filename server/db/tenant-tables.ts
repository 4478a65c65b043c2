import type { Knex } from 'knex';

/**
 * Every table with an `installation_id`, from the database's own catalogue, so that a table that is added later is never
 * forgotten; those that refer to others come before them.
 */
export async function listTenantTables(db: Knex): Promise<readonly string[]> {
  const { rows: tables } = await db.raw<{ rows: { name: string }[] }>(`
    select c.relname as name from pg_catalog.pg_class c
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'installation_id' and not a.attisdropped
     where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by 1`);
  const { rows: references } = await db.raw<{ rows: { from: string; to: string }[] }>(`
    select child.relname as "from", parent.relname as "to" from pg_catalog.pg_constraint k
      join pg_catalog.pg_class child on child.oid = k.conrelid
      join pg_catalog.pg_class parent on parent.oid = k.confrelid
     where k.contype = 'f' and child.relnamespace = 'public'::regnamespace and child.oid <> parent.oid`);
  return referringFirst(
    tables.map(({ name }) => name),
    references,
  );
}

/** @throws {Error} when tables refer to each other in a ring: then no order of deleting works */
function referringFirst(
  tables: readonly string[],
  references: readonly { from: string; to: string }[],
): readonly string[] {
  const ordered: string[] = [];
  let left = [...tables];
  while (left.length > 0) {
    const free = left.filter((table) => !references.some(({ from, to }) => to === table && left.includes(from)));
    if (free.length === 0) throw new Error(`These tables refer to each other in a ring: ${left.join(', ')}.`);
    ordered.push(...free);
    left = left.filter((table) => !free.includes(table));
  }
  return ordered;
}
