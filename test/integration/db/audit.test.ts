import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry, AuditLog } from '../../../server/app/ports/audit-log.ts';
import { verifyAuditChain } from '../../../server/db/audit-chain.ts';
import { createAuditLog } from '../../../server/db/audit-log.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { openDatabase } from '../../../server/db/open-database.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';

let database: FreshDatabase;
let world: TenantWorld;
let audit: AuditLog;
let tenant: Tenant;
/** Somebody with all rights on the server, who has switched the triggers off. */
let intruder: Knex;

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
  audit = createAuditLog(world.vault);
  intruder = openDatabase({ url: database.superuserUrl, poolSize: 1 });
  await intruder.raw('set session_replication_role = replica');
});
beforeEach(async () => {
  tenant = await world.addTenant();
});
afterAll(async () => {
  await intruder.destroy();
  await database.drop();
});

const anEntry = (values: Partial<AuditEntry> = {}): AuditEntry => ({
  verb: 'record_updated',
  source: { system: 'sap', key: 'BusinessPartners/C20000', version: '2026-01-05 08:00:00' },
  target: 'organization:12',
  before: null,
  after: { name: 'Ann Canary', creditLimit: '5000' },
  runId: randomUUID(),
  requestId: null,
  userId: 7,
  at: new Date('2026-01-05T08:00:00.123Z'),
  ...values,
});

const append = (entries: number) =>
  tenant.within(async (tx) => {
    for (let count = 0; count < entries; count += 1) await audit.append(tx, anEntry({ target: `deal:${count}` }));
  });
const verify = () => tenant.within(verifyAuditChain);
const ofTenant = (table = 'audit_entries') => intruder(table).where({ installation_id: tenant.id });

describe('the audit trail (SE-39)', () => {
  it('is a chain of its own for each installation, over transactions', async () => {
    await append(3);
    await append(2);
    const other = await world.addTenant();
    await other.within((tx) => audit.append(tx, anEntry()));
    expect(await verify()).toEqual({ intact: true, entries: 5 });
    expect(await other.within(verifyAuditChain)).toEqual({ intact: true, entries: 1 });
  });

  it('is walked page by page', async () => {
    await append(1203);
    expect(await verify()).toEqual({ intact: true, entries: 1203 });
    await ofTenant().where({ seq: 1100 }).update({ target: 'deal:0' });
    expect(await verify()).toEqual({ intact: false, brokenAt: 1100, reason: 'changed' });
  });

  it('is empty and intact in the beginning', async () => {
    expect(await verify()).toEqual({ intact: true, entries: 0 });
  });

  it.each([
    'verb',
    'source_key',
    'source_version',
    'target',
    'after',
    'before',
    'run_id',
    'request_id',
    'user_id',
    'at',
    'id',
  ])('shows that %s was changed, at that entry', async (column) => {
    await append(4);
    const values: Record<string, unknown> = {
      after: Buffer.of(1),
      before: Buffer.of(1),
      user_id: 8,
      at: new Date(0),
      id: randomUUID(),
    };
    await ofTenant()
      .where({ seq: 3 })
      .update({ [column]: values[column] ?? 'installed' });
    expect(await verify()).toEqual({ intact: false, brokenAt: 3, reason: 'changed' });
  });

  it('shows that an entry was removed: within, at the beginning, at the end, or all of them', async () => {
    await append(4);
    await ofTenant().where({ seq: 4 }).delete();
    expect(await verify()).toEqual({ intact: false, brokenAt: 4, reason: 'missing' });
    await ofTenant().where({ seq: 2 }).delete();
    expect(await verify()).toEqual({ intact: false, brokenAt: 2, reason: 'missing' });
    await ofTenant().where({ seq: 1 }).delete();
    expect(await verify()).toEqual({ intact: false, brokenAt: 1, reason: 'missing' });
    await ofTenant().delete();
    expect(await verify()).toEqual({ intact: false, brokenAt: 1, reason: 'missing' });
  });

  it('shows that an entry was replaced by one with a hash that fits its text', async () => {
    await append(3);
    const own = await ofTenant().where({ seq: 2 }).first();
    const stranger = await world.addTenant();
    await stranger.within((tx) => audit.append(tx, anEntry()));
    const foreign = await intruder('audit_entries').where({ installation_id: stranger.id }).first();
    await ofTenant().where({ seq: 2 }).update({ hash: foreign.hash, prev_hash: foreign.prev_hash });
    expect(await verify()).toMatchObject({ intact: false, brokenAt: 2 });
    await ofTenant().where({ seq: 2 }).update({ hash: own.hash, prev_hash: own.prev_hash });
    expect(await verify()).toEqual({ intact: true, entries: 3 });
  });

  it('is only ever added to, also by the application and by the tables’ owner', async () => {
    await append(1);
    for (const change of [
      'update audit_entries set target = target',
      'delete from audit_entries',
      'truncate audit_entries',
    ]) {
      await expect(tenant.within((tx) => queriesOf(tx).raw(change))).rejects.toThrow(/permission denied/);
      const owner = openDatabase({ url: database.ownerUrl, role: 'orderline_owner' });
      await expect(owner.raw(change)).rejects.toThrow(/only ever added to/);
      await owner.destroy();
    }
    expect(await verify()).toEqual({ intact: true, entries: 1 });
  });

  it('stays one chain when many transactions append at once, whatever else they lock', async () => {
    const work = Array.from({ length: 60 }, (_, index) =>
      tenant.within(async (tx) => {
        // Half append before they lock the row that the others lock first: no order of theirs may deadlock.
        const lock = () => queriesOf(tx).raw('select from installations for update');
        const write = () => audit.append(tx, anEntry({ target: `deal:${index}` }));
        for (const step of index % 2 === 0 ? [lock, write] : [write, lock]) await step();
      }),
    );
    await Promise.all(work);
    expect(await verify()).toEqual({ intact: true, entries: 60 });
  });

  it('keeps nothing of a transaction that failed', async () => {
    const failing = tenant.within(async (tx) => {
      await audit.append(tx, anEntry());
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await verify()).toEqual({ intact: true, entries: 0 });
  });

  it('holds personal values encrypted; erasing makes them unreadable and leaves the chain verifiable (SE-20)', async () => {
    await append(2);
    const row = await ofTenant().where({ seq: 1 }).first();
    expect(JSON.stringify(row)).not.toContain('Canary');
    const place = { table: 'audit_entries', column: 'after', row: row.id };
    await tenant.within(async (tx) =>
      expect((await world.vault.open(tx, place, row.after)).reveal()).toBe(
        '{"creditLimit":"5000","name":"Ann Canary"}',
      ),
    );
    await tenant.within(async (tx) => {
      await createInstallationStore(world.vault).erase(tx);
      await audit.append(tx, anEntry({ verb: 'erased', after: null }));
    });
    await tenant.within((tx) => expect(world.vault.open(tx, place, row.after)).rejects.toThrow('no data key'));
    expect(await verify()).toEqual({ intact: true, entries: 3 });
  });
});
