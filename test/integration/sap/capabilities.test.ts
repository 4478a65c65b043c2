import { afterEach, describe, expect, it } from 'vitest';
import { LEDGER_TABLE } from '../../../server/domain/key-sheet.ts';
import { connectErp, postToSap, type Sap, startSap } from './sap-bench.ts';

let bench: Sap;
afterEach(() => bench?.close());

async function open(settings: Partial<Sap['office']['settings']> = {}, path = '/b1s/v2') {
  bench = await startSap();
  Object.assign(bench.office.settings, settings);
  const { erp, caller } = connectErp(bench, { address: `${bench.sap.url}${path}` });
  return { erp, caller };
}

async function probe(settings: Partial<Sap['office']['settings']> = {}, path = '/b1s/v2') {
  const { erp, caller } = await open(settings, path);
  return erp.probeCapabilities(caller, null);
}

describe('what a SAP system can do, found by asking it', () => {
  it('is told by real answers, and nothing is changed in SAP', async () => {
    const record = await probe();
    expect(record).toMatchObject({
      dialect: 'v2',
      companyName: 'Nordlicht Büromöbel GmbH',
      localCurrency: 'EUR',
      batch: 'yes',
      etag: 'yes',
      collectionSelect: 'yes',
      preview: 'yes',
      itemPrice: 'yes',
      userTables: 'yes',
      keyField: 'no',
      ledger: 'no',
      sqlQueries: 'yes',
      webhooks: 'no',
      approvals: 'yes',
      branches: 'no',
      decimals: { totals: 2, prices: 6, quantities: 6, rates: 6, percentages: 6 },
    });
    const written = bench.sap.log
      .all()
      .filter(({ method, path }) => method !== 'GET' && !/Login|\$batch|GetItemPrice|OrdersService_Preview/.test(path));
    expect(written.map(({ path }) => path)).toEqual([]);
    expect(bench.sap.log.all().length).toBeLessThanOrEqual(25);
  });

  it('speaks version 1 where the server has only that', async () => {
    expect(await probe({}, '/b1s/v1')).toMatchObject({ dialect: 'v1', approvals: 'yes', webhooks: 'no', batch: 'yes' });
  });

  it('finds what an older server lacks', async () => {
    const record = await probe({
      missing: ['OrdersService_Preview', 'UserTablesMD', '$batch'],
      rejectsCollectionSelect: true,
      sqlQueries: 'absent',
      pageSizes: 'always_20',
      adminInfo: { EnableApprovalProcedureInDI: 'tNO' },
    });
    expect(record).toMatchObject({
      batch: 'no',
      preview: 'no',
      userTables: 'no',
      collectionSelect: 'no',
      sqlQueries: 'no',
      itemPrice: 'yes',
      approvals: 'no',
      pageSize: 20,
    });
  });

  it('takes a refusal of the trial’s own data for a sign that the operation is there', async () => {
    const { erp, caller } = await open();
    const noSuchTerms = { code: -2028, status: 404, message: 'No matching records found [ORDR.GroupNum] (ODBC -2028)' };
    bench.sap.faults.add({ kind: 'reject', path: /OrdersService_Preview/, ...noSuchTerms });
    bench.sap.faults.add({ kind: 'reject', path: /GetItemPrice/, code: -10, message: 'Tax code is invalid' });
    expect(await erp.probeCapabilities(caller, null)).toMatchObject({ preview: 'yes', itemPrice: 'yes' });
  });

  it('tells a right that is missing from a thing that is', async () => {
    const record = await probe({ denies: (_method, resource) => /^(UserTablesMD|SQLQueries)$/.test(resource) });
    expect(record).toMatchObject({ sqlQueries: 'forbidden', userTables: 'forbidden' });
  });

  it('says on, off and absent for webhooks', async () => {
    expect((await probe({ webhooks: 'available', webhooksEnabled: true })).webhooks).toBe('yes');
    await bench.close();
    expect((await probe({ webhooks: 'available', webhooksEnabled: false })).webhooks).toBe('no');
  });

  it('finds field and table of the hand-off', async () => {
    const { erp, caller } = await open();
    await erp.createKeyField(caller);
    await postToSap(bench, 'UserTablesMD', {
      TableName: LEDGER_TABLE.name,
      TableDescription: LEDGER_TABLE.description,
      TableType: LEDGER_TABLE.type,
    });
    expect(await erp.probeCapabilities(caller, null)).toMatchObject({ keyField: 'yes', ledger: 'yes' });
  });

  it('measures the time zone from a stamp that was made between two looks', async () => {
    const { erp, caller } = await open({ timeZone: 'Asia/Kolkata' });
    const first = await erp.probeCapabilities(caller, null);
    expect(first.clock.offsetMinutes).toBeNull();
    bench.clock.advance(4 * 60_000);
    bench.office.changePartner(String(bench.office.rows('BusinessPartners')[0]?.['CardCode']), { CardName: 'Renamed' });
    bench.clock.advance(4 * 60_000);
    const second = await erp.probeCapabilities(caller, first.clock);
    expect(second.clock.offsetMinutes).toBe(330);
    // What was measured stays when nothing has changed since.
    expect((await erp.probeCapabilities(caller, second.clock)).clock.offsetMinutes).toBe(330);
  });

  it('throws what any read throws where SAP does not answer at all', async () => {
    const { erp, caller } = await open();
    bench.sap.faults.add({ kind: 'drop_before', times: 1_000 });
    await expect(erp.probeCapabilities(caller, null)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('spares the server a question whose answer is known', async () => {
    const record = await probe({ rejectsCollectionSelect: true });
    await bench.close();
    bench = await startSap();
    bench.office.settings.rejectsCollectionSelect = true;
    const { erp, caller } = connectErp(bench, { capabilities: record });
    await erp.listItemsByKey(caller, null, 5);
    expect(bench.sap.log.all().filter(({ path }) => path.includes('ItemPrices'))).toEqual([]);
  });
});
