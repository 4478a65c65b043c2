import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeExportInstallation } from '../../../server/app/install/export-installation.ts';
import { createAuditLog } from '../../../server/db/audit-log.ts';
import { EXPORT_PARTS } from '../../../server/db/export-parts.ts';
import { createExportStore } from '../../../server/db/export-store.ts';
import { createInstallationStore } from '../../../server/db/installation-store.ts';
import { openDatabase } from '../../../server/db/open-database.ts';
import { queriesOf } from '../../../server/db/unit-of-work.ts';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.ts';
import { type Tenant, type TenantWorld, tenantWorld } from '../../support/tenants.ts';
import { fillEveryColumn, fillEveryTable } from './fill-every-table.ts';

const NOW = new Date('2026-11-24T08:00:00Z');
const ODD_KEYS = [
  'A"1',
  "O'Neil",
  'Ü-100',
  '</script><img src=x onerror=alert(1)>',
  '=HYPERLINK()',
  'a\\b',
  'a,b',
  ' ',
];

let database: FreshDatabase;
let world: TenantWorld;
let tenant: Tenant;

beforeAll(async () => {
  database = await freshDatabase();
  world = tenantWorld(database.db);
  tenant = await world.addTenant();
});
afterAll(() => database.drop());

/** The file, and how large its largest piece was. */
async function download(of = tenant): Promise<{ name: string; text: string; largest: number }> {
  const exportInstallation = makeExportInstallation({
    clock: { now: () => NOW },
    unitOfWork: world.unitOfWork,
    installations: createInstallationStore(world.vault),
    exports: createExportStore(world.vault),
    audit: createAuditLog(world.vault),
  });
  const principal = { installationId: of.id, companyId: of.companyId, userId: 1, isAdmin: true };
  const { name, pieces } = await exportInstallation(principal, 'request');
  let text = '';
  let largest = 0;
  for await (const piece of pieces) {
    text += piece;
    largest = Math.max(largest, piece.length);
  }
  return { name, text, largest };
}

describe('the export', () => {
  it('gives every row once and in order, page by page, whatever their keys are', async () => {
    const keys = [...ODD_KEYS, ...Array.from({ length: 1_201 }, (_, at) => `C${String(at).padStart(5, '0')}`)];
    await tenant.within(async (tx) => {
      for (let at = 0; at < keys.length; at += 400)
        await queriesOf(tx)('entity_links').insert(
          keys.slice(at, at + 400).map((sap_key, index) => ({
            installation_id: tenant.id,
            connection_id: tenant.connectionId,
            kind: 'partner',
            sap_key,
            pipedrive_id: String(2 ** 53 - 1 - at - index),
            state: 'linked',
          })),
        );
    });
    const { name, text, largest } = await download();
    expect(name).toBe(`orderline-${tenant.companyId}-2026-11-24.json`);
    const { data, complete } = JSON.parse(text);
    expect(complete).toBe(true);
    const exported: string[] = data.entity_links.map(({ sap_key }: { sap_key: string }) => sap_key);
    expect(exported).toHaveLength(keys.length);
    expect(new Set(exported)).toEqual(new Set(keys));
    expect(data.entity_links.map(({ pipedrive_id }: { pipedrive_id: string }) => pipedrive_id)).toContain(
      String(2 ** 53 - 1),
    );
    // Never more than one page at a time.
    expect(largest).toBeLessThan(text.length / 2);
    expect(Object.keys(data)).toEqual(EXPORT_PARTS.map((part) => part.name));
  });

  it('names only columns that are there and hold no bytes, and never one of a secret (SE-13)', async () => {
    const superuser = openDatabase({ url: database.superuserUrl });
    try {
      await fillEveryTable(superuser, [tenant.id]);
      for (const { table } of EXPORT_PARTS) if (table !== 'audit_entries') await fillEveryColumn(superuser, table);
    } finally {
      await superuser.destroy();
    }
    const { data } = JSON.parse((await download()).text);
    for (const { name, columns, opened = [], hashes = [] } of EXPORT_PARTS) {
      const [row] = data[name];
      expect(Object.keys(row ?? {}), name).toEqual([...columns, ...opened, ...hashes]);
    }
    const named = EXPORT_PARTS.flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`));
    expect(
      named.filter((column) =>
        /token$|password|secret|credential|headers|body|wrapped|client_key|proxy_header_value/.test(column),
      ),
    ).toEqual([]);
    expect(named).not.toContain('crm_webhooks.user_name');
  });

  it('is given to a company that came back too: what was sealed before stays closed, and all else is there', async () => {
    const back = await world.addTenant();
    const audit = createAuditLog(world.vault);
    const entry = (target: string) => ({
      verb: 'settings_changed' as const,
      source: { system: 'orderline' as const, key: 'settings', version: null },
      target,
      before: null,
      after: { target },
      runId: null,
      requestId: null,
      userId: 1,
      at: NOW,
    });
    const installations = createInstallationStore(world.vault);
    await back.within((tx) => audit.append(tx, entry('first time')));
    await back.within((tx) => installations.erase(tx));
    await back.within(async (tx) => {
      const { companyId } = back;
      await installations.save(tx, { companyId, companyName: 'Back', apiDomain: 'https://x', installedAt: NOW });
      await world.vault.createDataKey(tx);
      await audit.append(tx, entry('second time'));
    });
    const { data, complete } = JSON.parse((await download(back)).text);
    expect(complete).toBe(true);
    const told = data.audit_entries.map(({ target, after }: Record<string, unknown>) => [target, after]);
    expect(told).toEqual([
      ['first time', null],
      ['second time', { target: 'second time' }],
      ['installation', null],
    ]);
  });

  it('fails for a part that is none', async () => {
    const store = createExportStore(world.vault);
    await expect(tenant.within((tx) => store.readPage(tx, randomUUID(), null))).rejects.toThrow(/no part/);
  });
});
