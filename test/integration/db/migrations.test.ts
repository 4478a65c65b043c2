import { afterEach, describe, expect, it } from 'vitest';
import { listedMigrations } from '../../../server/db/listed-migrations.ts';
import { migrate, pendingMigrations, rollBackAll } from '../../../server/db/migrate.ts';
import { openDatabase } from '../../../server/db/open-database.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';

let database: FreshDatabase;
afterEach(() => database.drop());

/** Everything that migrations make, as text that can be compared. */
async function shapeOf({ db }: FreshDatabase): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { thing: string }[] }>(`
    select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable as thing
      from information_schema.columns where table_schema = 'public' and table_name not like 'knex_%'
    union all select conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
      where connamespace = 'public'::regnamespace and conrelid::regclass::text not like 'knex_%' and contype <> 'n'
    union all select tablename || ' ' || indexdef from pg_indexes where schemaname = 'public' and tablename not like 'knex_%'
    union all select tablename || ' policy ' || policyname || ' ' || roles::text || qual || coalesce(with_check, '') from pg_policies
    union all select tgrelid::regclass::text || ' ' || tgname from pg_trigger where not tgisinternal
    union all select proname || ' ' || prosrc || proacl::text from pg_proc where pronamespace = 'public'::regnamespace
    union all select relname || ' ' || relacl::text || relrowsecurity || relforcerowsecurity from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not like 'knex_%'
    order by 1`);
  return rows.map((row) => row.thing);
}

describe('migrations', () => {
  it('go up, down to nothing and up again to the same tables', async () => {
    database = await freshDatabase({ migrated: false });
    const empty = await shapeOf(database);
    await migrate(database.ownerUrl);
    const full = await shapeOf(database);
    expect(full.length).toBeGreaterThan(100);

    await rollBackAll(database.ownerUrl);
    expect(await shapeOf(database)).toEqual(empty);

    await migrate(database.ownerUrl);
    expect(await shapeOf(database)).toEqual(full);
  });

  it('are pending on an empty database and not on a migrated one', async () => {
    database = await freshDatabase({ migrated: false });
    expect(await pendingMigrations(database.db)).toEqual(await listedMigrations.getMigrations([]));
    expect(await migrate(database.ownerUrl)).toEqual(await listedMigrations.getMigrations([]));
    expect(await pendingMigrations(database.db)).toEqual([]);
    expect(await migrate(database.ownerUrl)).toEqual([]);
  });

  it('run once when three start at the same time, and go on after one was killed', async () => {
    database = await freshDatabase({ migrated: false });
    const { ownerUrl } = database;
    const ran = await Promise.all([migrate(ownerUrl), migrate(ownerUrl), migrate(ownerUrl)]);
    expect(ran.map((names) => names.length).sort()).toEqual([0, 0, (await listedMigrations.getMigrations([])).length]);

    await rollBackAll(ownerUrl);
    const owner = openDatabase({ url: ownerUrl, role: 'orderline_owner' });
    await owner('knex_migrations_lock').update({ is_locked: 1 });
    await owner.destroy();
    expect(await migrate(ownerUrl)).toEqual(await listedMigrations.getMigrations([]));
  });

  it("run the queue's own migrations with the same login", async () => {
    database = await freshDatabase();
    const asked: string[] = [];
    await migrate(database.ownerUrl, async (url) => {
      asked.push(url);
    });
    expect(asked).toEqual([database.ownerUrl]);
  });
});
