import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditLog } from '../../../server/db/audit-log.ts';
import { FORGOTTEN_OF_HANDOFFS, KEPT_OF_HANDOFFS, KEPT_TABLES } from '../../../server/db/erase-installation.ts';
import { proveErasure } from '../../../server/db/erasure-proof.ts';
import { EXPORT_PARTS, NOT_EXPORTED } from '../../../server/db/export-parts.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { jobQueue } from '../../../server/db/job-queue.ts';
import { openDatabase } from '../../../server/db/open-database.ts';
import { listTenantTables } from '../../../server/db/tenant-tables.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';
import { fillEveryColumn, fillEveryTable } from './fill-every-table.ts';

const NOW = new Date('2026-11-24T08:00:00Z');

let database: FreshDatabase;
let world: TenantWorld;
let superuser: Knex;
let gone: Tenant;
let other: Tenant;

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
  superuser = openDatabase({ url: database.superuserUrl });
  gone = await world.addTenant();
  other = await world.addTenant();
  for (const tenant of [gone, other]) {
    await tenant.within(async (tx) => {
      await createAuditLog(world.vault).append(tx, {
        verb: 'connected',
        source: { system: 'orderline', key: 'x', version: null },
        target: 'connection',
        before: null,
        after: { userName: 'canary' },
        runId: null,
        requestId: null,
        userId: 1,
        at: NOW,
      });
      await jobQueue.enqueueWithin(tx, {
        task: 'webhooks.ensure',
        payload: {},
        serialKey: 'a',
        priority: 'person',
      });
      await jobQueue.enqueueWithin(tx, {
        task: 'deals.sweep',
        payload: {},
        serialKey: 'b',
        priority: 'background',
        dueAt: NOW,
      });
    });
  }
  await fillEveryTable(superuser, [gone.id, other.id]);
  await fillEveryColumn(superuser, 'installations');
  await fillEveryColumn(superuser, 'handoffs');
  await superuser('handoffs').update({
    state: 'posted',
    sent: true,
    draft: '{"canary":1}',
    draft_hash: 'canary',
    by_user_id: 1,
    problems: '[{"canary":1}]',
  });
});
afterAll(async () => {
  await superuser.destroy();
  await database.drop();
});

const rowsOf = async (tenant: Tenant): Promise<Record<string, number>> => {
  const { tables } = await tenant.within(proveErasure);
  return Object.fromEntries(tables.map(({ table, rows }) => [table, rows]));
};

describe('erasing an installation', () => {
  it('SE-20 leaves no row of it in any table that the database knows, but for what is named, and touches nobody else', async () => {
    const before = await rowsOf(gone);
    expect(Object.values(before).every((rows) => rows > 0)).toBe(true);
    expect(Object.keys(before).length).toBeGreaterThan(20);
    const others = await rowsOf(other);

    const erased = await gone.within((tx) => createInstallationStore(world.vault).erase(tx));
    expect(erased).toBeGreaterThan(Object.keys(before).length - KEPT_TABLES.length - 1);
    const proof = await gone.within(proveErasure);
    expect(proof.tables.filter(({ rows }) => rows > 0).map(({ table }) => table)).toEqual(
      proof.tables.filter(({ mayStay }) => mayStay).map(({ table }) => table),
    );
    expect(proof).toMatchObject({ dataKey: 'gone', tellingRows: 0, jobs: 0, chain: { intact: true }, erased: true });
    expect(await rowsOf(other)).toEqual(others);
    expect((await other.within(proveErasure)).jobs).toBe(2);
  });

  it('SE-20 keeps of a hand-off its key and where its document is, and nothing of its content', async () => {
    const [row] = await gone.within((tx) => queriesOf(tx)('handoffs').select('*'));
    expect(row).toMatchObject({ key: expect.any(String), deal_id: expect.any(String) });
    expect(row).toMatchObject({ draft: null, draft_hash: null, by_user_id: null, problems: [] });
  });

  it('SE-20 somebody has decided for every column of a hand-off whether it is kept', async () => {
    const columns = Object.keys((await superuser('handoffs').first()) ?? {});
    expect([...KEPT_OF_HANDOFFS, ...Object.keys(FORGOTTEN_OF_HANDOFFS)].sort()).toEqual(columns.sort());
  });

  it('SE-20 cannot read its audit trail any more, which still holds together', async () => {
    await gone.within(async (tx) => {
      const [entry] = await queriesOf(tx)('audit_entries').select('*');
      const place = { table: 'audit_entries', column: 'after', row: entry.id };
      await expect(world.vault.open(tx, place, entry.after)).rejects.toMatchObject({ name: 'DataKeyGoneError' });
    });
  });

  it('F26 what was under way is still recorded in the trail, without its values', async () => {
    await gone.within((tx) =>
      createAuditLog(world.vault).append(tx, {
        verb: 'handoff_posted',
        source: { system: 'pipedrive', key: 'deal:7', version: null },
        target: 'handoff:k',
        before: null,
        after: { docEntry: 7 },
        runId: null,
        requestId: null,
        userId: null,
        at: NOW,
      }),
    );
    const proof = await gone.within(proveErasure);
    expect(proof).toMatchObject({ chain: { intact: true, entries: 2 }, erased: true });
  });

  it('SE-20 the proof fails for whatever is written afterwards, and erasing again makes it hold', async () => {
    await gone.within((tx) =>
      queriesOf(tx)('token_budgets').insert({
        installation_id: gone.id,
        daily_limit: 1,
        remaining: 1,
        at: NOW,
      }),
    );
    expect((await gone.within(proveErasure)).erased).toBe(false);
    expect(await gone.within((tx) => createInstallationStore(world.vault).erase(tx))).toBe(1);
    expect((await gone.within(proveErasure)).erased).toBe(true);
    expect(await gone.within((tx) => createInstallationStore(world.vault).erase(tx))).toBe(0);
  });

  it('SE-20 a table that nobody thought of is emptied too', async () => {
    await superuser.raw(`create table planted (installation_id uuid not null, note text)`);
    await superuser.raw('grant select, insert, delete on planted to orderline_app');
    await superuser('planted').insert({ installation_id: gone.id, note: 'canary' });
    expect((await gone.within(proveErasure)).erased).toBe(false);
    await gone.within((tx) => createInstallationStore(world.vault).erase(tx));
    expect((await gone.within(proveErasure)).erased).toBe(true);
    await superuser.raw('drop table planted');
  });

  it('what belongs to no installation by a column holds nothing of one but jobs', async () => {
    const { rows } = await superuser.raw<{ rows: { name: string }[] }>(`
      select c.relname as name from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
         and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'installation_id') order by 1`);
    expect(rows.map(({ name }) => name)).toEqual([
      'cron_runs',
      'knex_migrations',
      'knex_migrations_lock',
      'oauth_states',
      'receiver_marks',
      'scheduled_jobs',
      'worker_heartbeats',
    ]);
  });

  it('somebody has decided for every table whether a company can take it along', async () => {
    const decided = [...EXPORT_PARTS.map(({ table }) => table), ...NOT_EXPORTED].sort();
    expect(decided).toEqual([...(await listTenantTables(superuser))].sort());
  });
});
