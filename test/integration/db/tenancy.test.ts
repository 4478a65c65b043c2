import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crmFieldStore } from '../../../server/db/crm-field-store.ts';
import { findingStore } from '../../../server/db/finding-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { openDatabase } from '../../../server/db/open-database.ts';
import { createTenantDirectory } from '../../../server/db/tenant-directory.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { sha256 } from '../../../server/kernel/canonical-json.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';
import { tenancyFaults } from './tenancy-check.ts';

let database: FreshDatabase;
let world: TenantWorld;
let owner: Knex;
let left: Tenant;
let right: Tenant;

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
  owner = openDatabase({ url: database.ownerUrl, role: 'orderline_owner' });
  left = await world.addTenant();
  right = await world.addTenant();
});
afterAll(async () => {
  await owner.destroy();
  await database.drop();
});

/** Plants something as the owner of the tables, judges, and takes it away again. */
async function faultsWith(plant: string, remove: string): Promise<string[]> {
  await owner.raw(plant);
  try {
    return await tenancyFaults(owner);
  } finally {
    await owner.raw(remove);
  }
}

const FIELD = {
  purpose: 'deal.sap_link',
  name: 'SAP link',
  type: 'varchar',
  own: true,
  options: [],
  seenAt: null,
} as const;

describe('tables of tenants (SE-29)', () => {
  it('all force row-level security with USING and WITH CHECK, and only the look-up functions get around it', async () => {
    expect(await tenancyFaults(owner)).toEqual([]);
  });

  it('are found out when a new one has no policy', async () => {
    const faults = await faultsWith('create table planted (installation_id uuid)', 'drop table planted');
    expect(faults).toEqual([
      'planted: row-level security is not forced',
      'planted: no policy with USING and WITH CHECK on the tenant',
    ]);
  });

  it('are found out when security is not forced, when reading alone is checked, and when another policy opens them', async () => {
    expect(
      await faultsWith('alter table grants no force row level security', 'alter table grants force row level security'),
    ).toEqual(['grants: row-level security is not forced']);
    const check = `installation_id = current_setting('orderline.installation_id')::uuid`;
    const readOnly = `create table planted (installation_id uuid); alter table planted enable row level security;
      alter table planted force row level security; create policy tenant on planted using (${check}) with check (true)`;
    expect(await faultsWith(readOnly, 'drop table planted')).toContain(
      'planted: no policy with USING and WITH CHECK on the tenant',
    );
    expect(
      await faultsWith('create policy all_of_it on grants using (true)', 'drop policy all_of_it on grants'),
    ).toEqual(['grants: a policy (named all_of_it) opens another way in']);
  });

  it('are found out when another function runs with its owner’s rights', async () => {
    const plant = `create function planted() returns setof installations language sql security definer as 'select * from installations'`;
    expect(await faultsWith(plant, 'drop function planted()')).toContain(
      "planted() SETOF installations: runs with its owner's rights",
    );
  });
});

describe('a query without a tenant (SE-31)', () => {
  it('is an error on every table, on a new connection and on one that has served a tenant', async () => {
    const { rows } = await owner.raw<{ rows: { name: string }[] }>(
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relkind = 'r' and a.attname = 'installation_id' and c.relnamespace = 'public'::regnamespace`,
    );
    expect(rows.length).toBeGreaterThan(15);
    const pool = openDatabase({ url: database.appUrl, poolSize: 1 });
    try {
      for (const { name } of rows)
        await expect(pool(name).select('installation_id'), name).rejects.toThrow(/installation_id/);
      await pool.transaction((tx) => tx.raw(`select set_config('orderline.installation_id', ?, true)`, [left.id]));
      for (const { name } of rows) await expect(pool(name).select('installation_id'), name).rejects.toThrow(/uuid/);
    } finally {
      await pool.destroy();
    }
  });

  it('writes nothing for another tenant', async () => {
    const steal = left.within((tx) =>
      queriesOf(tx)('crm_fields').insert({
        installation_id: right.id,
        purpose: 'deal.sap_status',
        field_code: 'x',
        made_by_us: true,
      }),
    );
    await expect(steal).rejects.toThrow(/row-level security/);
    await right.within(async (tx) => expect(await crmFieldStore.get(tx)).toEqual({}));
  });

  it('never sees foreign rows in 10,000 mixed requests on one pool', { timeout: 180_000 }, async () => {
    const tenants = [left, right, await world.addTenant(), await world.addTenant()];
    for (const tenant of tenants)
      await tenant.within((tx) => crmFieldStore.save(tx, { ...FIELD, code: `field of ${tenant.id}` }));
    let foreign = 0;
    let bare = 0;

    async function request(index: number): Promise<void> {
      const tenant = tenants[index % tenants.length] ?? left;
      if (index % 17 === 0) {
        await expect(database.db('crm_fields').select('field_code')).rejects.toThrow();
        bare += 1;
      } else if (index % 13 === 0) {
        await expect(tenant.within((tx) => queriesOf(tx).raw('select 1/0'))).rejects.toThrow(/zero/);
      } else {
        const rows = await tenant.within((tx) =>
          queriesOf(tx)<{ field_code: string }>('crm_fields').select('field_code'),
        );
        if (rows.length !== 1 || rows[0]?.field_code !== `field of ${tenant.id}`) foreign += 1;
      }
    }

    for (let start = 0; start < 10_000; start += 100)
      await Promise.all(Array.from({ length: 100 }, (_, offset) => request(start + offset)));
    expect(foreign).toBe(0);
    expect(bare).toBeGreaterThan(500);
  });
});

describe('look-ups before a tenant is known', () => {
  it('give the id alone, and none for an uninstalled company’s webhook', async () => {
    const directory = createTenantDirectory(database.db);
    const installations = createInstallationStore(world.vault);
    await left.within((tx) => installations.setWebhookSecret(tx, 'path secret'));
    const hash = Buffer.from(sha256('path secret'), 'hex');

    expect(await directory.findByWebhookSecret(hash)).toBe(left.id);
    expect(await directory.findByWebhookSecret(Buffer.from(sha256('other'), 'hex'))).toBeUndefined();
    expect(await directory.findByCompany(right.companyId)).toBe(right.id);
    expect(await directory.findByCompany('no such company')).toBeUndefined();
    expect(await directory.listDue()).toEqual(expect.arrayContaining([left.id, right.id]));

    await left.within((tx) => installations.setUninstalled(tx));
    expect(await directory.findByWebhookSecret(hash)).toBeUndefined();
    expect(await directory.listDue()).not.toContain(left.id);
    expect(await directory.findByCompany(left.companyId)).toBe(left.id);
  });

  it('cannot be used to read tables: their owner may see six columns of one table and nothing else', async () => {
    const { rows } = await owner.raw<{ rows: { what: string }[] }>(
      `select table_name || '.' || column_name || ' ' || privilege_type as what from information_schema.column_privileges
        where grantee = 'orderline_lookup' order by 1`,
    );
    expect(rows.map((row) => row.what)).toEqual(
      ['company_id', 'installation_id', 'installed_at', 'old_webhook_secret_hash', 'status', 'webhook_secret_hash'].map(
        (column) => `installations.${column} SELECT`,
      ),
    );
  });
});

describe('a unit of work', () => {
  it('keeps nothing of what failed', async () => {
    const failing = right.within(async (tx) => {
      await findingStore.raise(
        tx,
        { kind: 'field_missing', subject: 'a', message: 'm', action: 'a', link: null },
        new Date('2026-01-01T00:00:00Z'),
      );
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    await right.within(async (tx) => expect(await findingStore.countOpen(tx)).toBe(0));
  });

  it('says unavailable when the database cannot be reached, and never names values in its errors (SE-34)', async () => {
    const closed = openDatabase({ url: 'postgres://nobody:secret@127.0.0.1:1/none' });
    await expect(tenantWorld(closed).addTenant()).rejects.toMatchObject({ kind: 'unavailable' });
    await closed.destroy();

    const values = { installation_id: right.id, user_id: 1, user_name: 'a canary', is_admin: 'no boolean' };
    const failure = await right.within((tx) => queriesOf(tx)('grants').insert(values)).catch(String);
    expect(failure).toContain('boolean');
    expect(failure).not.toContain('canary');
    expect(failure).not.toContain(right.id);
  });
});
