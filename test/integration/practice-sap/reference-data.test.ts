import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberOf, recordsOf, textOf } from '../../practice/kernel/json.ts';
import { dueDateBy } from '../../practice/sap/operations/due-date.ts';
import type { World } from './sl-client.ts';
import { errorOf, filterPath, openWorld, usualPair } from './sl-client.ts';

describe('practice SAP: reference data', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.sap.close());

  const order = (more: object) => {
    const { cardCode, itemCode } = usualPair(world);
    return world.v2.call('POST', 'Orders', {
      body: { CardCode: cardCode, DocDueDate: '2026-03-24', DocumentLines: [{ ItemCode: itemCode }], ...more },
    });
  };

  it('has a rule of its own name for every profit centre, and shared ones that add up', async () => {
    const rules = await world.v2.list('DistributionRules');
    const centers = world.office.rows('ProfitCenters').map((row) => textOf(row, 'CenterCode'));
    expect(rules.map((row) => textOf(row, 'FactorCode'))).toEqual(expect.arrayContaining(centers));
    for (const rule of rules) {
      const parts = recordsOf(rule, 'DistributionRuleLines').map((row) => numberOf(row, 'TotalInCenter'));
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(numberOf(rule, 'TotalFactor'));
    }
    const { itemCode } = usualPair(world);
    const lines = (rule: string) => ({ DocumentLines: [{ ItemCode: itemCode, CostingCode: rule }] });
    expect((await order(lines('HHLEJ'))).status).toBe(201);
    expect(errorOf(await order(lines('MOEBEL'))).code).toBe('-5002');
    expect(errorOf(await order(lines('ALT'))).code).toBe('-5002');
  });

  it('lists codes and names by the services of dimensions, profit centres and rules', async () => {
    for (const [name, count] of [
      ['DimensionsService_GetDimensionList', 5],
      ['ProfitCentersService_GetProfitCenterList', 8],
      ['DistributionRulesService_GetDistributionRuleList', 12],
    ] as const) {
      expect(recordsOf((await world.v2.call('POST', name)).body, 'value')).toHaveLength(count);
      expect(recordsOf((await world.v1.call('POST', name)).body, 'value')).toHaveLength(count);
    }
  });

  it('has tax groups with dated rates and taxes a document by its day', async () => {
    const [row = {}] = await world.v2.list(filterPath('VatGroups', "Code eq 'A1' and Category eq 'O'"));
    expect(recordsOf(row, 'VatGroups_Lines').map((line) => numberOf(line, 'Rate'))).toEqual([19, 16, 19]);
    const { cardCode } = usualPair(world);
    const lines = [{ ItemDescription: 'x', LineTotal: 100, VatGroup: 'A1' }];
    const dated = (date: string) =>
      world.v2.call('POST', 'Quotations', {
        body: {
          CardCode: cardCode,
          DocType: 'dDocument_Service',
          DocDate: date,
          DocDueDate: date,
          DocumentLines: lines,
        },
      });
    expect((await dated('2020-08-01')).body['VatSum']).toBe(16);
    expect((await dated('2026-03-10')).body['VatSum']).toBe(19);
  });

  it('puts the parts of a sales kit behind it: the kit has the price, the parts the stock', async () => {
    const [tree = {}] = await world.v2.list('ProductTrees');
    const code = textOf(tree, 'TreeCode');
    const parts = recordsOf(tree, 'ProductTreeLines');
    const before = parts.map((part) =>
      numberOf(world.office.item(textOf(part, 'ItemCode')), 'QuantityOrderedByCustomers'),
    );
    const answer = await order({ DocumentLines: [{ ItemCode: code, Quantity: 3 }] });
    const lines = recordsOf(answer.body, 'DocumentLines');
    expect(lines.map((line) => line['TreeType'])).toEqual(['iSalesTree', 'iIngredient', 'iIngredient']);
    expect(lines.map((line) => numberOf(line, 'Quantity'))).toEqual([
      3,
      ...parts.map((row) => 3 * numberOf(row, 'Quantity')),
    ]);
    expect(lines.slice(1).every((line) => line['LineTotal'] === 0)).toBe(true);
    expect(numberOf(lines[0] ?? {}, 'LineTotal')).toBeGreaterThan(0);
    const after = parts.map((part) =>
      numberOf(world.office.item(textOf(part, 'ItemCode')), 'QuantityOrderedByCustomers'),
    );
    expect(after.map((value, index) => value - (before[index] ?? 0))).toEqual(
      parts.map((row) => 3 * numberOf(row, 'Quantity')),
    );
    const again = await world.v2.call('POST', 'Drafts', {
      body: {
        DocObjectCode: 'oOrders',
        CardCode: textOf(answer.body, 'CardCode'),
        DocDueDate: '2026-03-24',
        DocumentLines: [{ ItemCode: code }],
      },
    });
    const turned = await world.v2.call('POST', 'DraftsService_SaveDraftToDocument', {
      body: { Document: { DocEntry: numberOf(again.body, 'DocEntry') } },
    });
    expect(turned.status).toBe(204);
    expect(recordsOf(world.office.orders().at(-1) ?? {}, 'DocumentLines')).toHaveLength(3);
  });

  it('counts stock in thirds of a piece to six digits', async () => {
    const third = world.office.rows('Items').find((row) => row['UoMGroupEntry'] === 2) ?? {};
    const answer = await order({ DocumentLines: [{ ItemCode: textOf(third, 'ItemCode'), Quantity: 1, UoMEntry: 5 }] });
    expect(recordsOf(answer.body, 'DocumentLines')[0]).toMatchObject({
      InventoryQuantity: 0.333333,
      UoMCode: 'Drittel',
    });
  });

  it('wants an open branch on each document where the company has branches, and warehouses of the same', async () => {
    world.office.settings.branches = true;
    world.office.overwrite('Warehouses', '02', { BusinessPlaceID: 2 });
    expect((await world.v2.call('GET', 'CompanyService_GetAdminInfo')).body['EnableBranches']).toBe('tYES');
    expect(errorOf(await order({})).message).toContain('Specify an active branch');
    expect(errorOf(await order({ BPL_IDAssignedToInvoice: 4 })).message).toContain('Specify an active branch');
    const { itemCode } = usualPair(world);
    const lines = { DocumentLines: [{ ItemCode: itemCode, WarehouseCode: '02' }] };
    expect(errorOf(await order({ BPL_IDAssignedToInvoice: 1, ...lines })).message).toContain('same branch');
    expect((await order({ BPL_IDAssignedToInvoice: 2, ...lines })).status).toBe(201);
    world.office.settings.branches = false;
  });

  it('gives a document type’s series, the usual one first; two may hand out the same number', async () => {
    const body = { DocumentTypeParams: { Document: '17', DocumentSubType: '--' } };
    const series = recordsOf((await world.v2.call('POST', 'SeriesService_GetDocumentSeries', { body })).body, 'value');
    expect(series.map((row) => row['Locked'])).toEqual(['tNO', 'tYES']);
    expect(new Set(series.map((row) => row['InitialNumber'])).size).toBe(1);
    const usual = (await world.v1.call('POST', 'SeriesService_GetDefaultSeries', { body })).body;
    expect(usual['SeriesProperty']).toBe(17);
    const next = numberOf(usual, 'NextNumber');
    expect((await order({})).body['DocNum']).toBe(next);
    const other = await world.v2.call('POST', 'SeriesService_GetSeries', { body: { SeriesParams: { Series: 99 } } });
    expect(errorOf(other).code).toBe('-2028');
  });

  it('reckons due dates by the partner’s terms', async () => {
    const { cardCode } = usualPair(world);
    world.office.changePartner(cardCode, { PayTermsGrpCode: 5 });
    const path = `SBOBobService_GetDueDate(CardCode='${cardCode}',RefDate='20260115')`;
    expect(JSON.parse((await world.v2.call('GET', path)).text)).toBe('20260310');
    const terms = { StartFrom: 'pdt_None', NumberOfAdditionalMonths: 1, NumberOfAdditionalDays: 0 };
    expect(dueDateBy(terms, '2026-01-31')).toBe('2026-02-28');
    expect(dueDateBy({ ...terms, StartFrom: 'pdt_HalfMonth', NumberOfAdditionalMonths: 0 }, '2026-01-09')).toBe(
      '2026-01-15',
    );
    expect(dueDateBy({ ...terms, StartFrom: 'pdt_MonthStart', NumberOfAdditionalMonths: 0 }, '2026-12-09')).toBe(
      '2027-01-01',
    );
  });

  it('leaves out what an older server does not have', async () => {
    world.office.settings.missing = ['OrdersService_Preview', '$batch', 'DistributionRules', 'functions'];
    for (const [method, path] of [
      ['POST', 'OrdersService_Preview'],
      ['POST', '$batch'],
      ['GET', 'DistributionRules'],
      ['GET', "DistributionRules('HH')"],
      ['GET', 'CompanyService_GetAdminInfo'],
    ] as const) {
      expect(errorOf(await world.v2.call(method, path))).toMatchObject({ code: '-1000' });
    }
    expect((await world.v2.call('POST', 'CompanyService_GetAdminInfo')).status).toBe(200);
    world.office.settings.missing = [];
    world.sap.server.versions = ['v1'];
    expect((await world.v2.call('GET', 'Items')).status).toBe(404);
    expect((await world.v1.call('GET', 'Items')).status).toBe(200);
    world.sap.server.versions = ['v1', 'v2'];
  });

  it('gives 20 rows whatever it is asked where the server is set so, without confirming the wish', async () => {
    world.office.settings.pageSizes = 'always_20';
    const answer = await world.v2.call('GET', 'Items?$select=ItemCode', {
      headers: { Prefer: 'odata.maxpagesize=500' },
    });
    world.office.settings.pageSizes = 'as_asked';
    expect(recordsOf(answer.body, 'value')).toHaveLength(20);
    expect(answer.headers['preference-applied']).toBeUndefined();
    expect(answer.body['@odata.nextLink']).toContain('$skip=20');
  });

  it('answers pings without a session, unless a proxy hides them', async () => {
    const stranger = (path: string) => world.v2.call('GET', path, { headers: { Cookie: '' } });
    for (const [path, sender] of [
      ['/ping/', 'load balancer'],
      ['/ping/load-balancer', 'load balancer'],
      ['/ping/node', 'node 1'],
    ] as const) {
      const answer = await stranger(path);
      expect(answer.body).toMatchObject({ message: 'pong', sender });
      expect(Number(answer.body['timestamp']) * 1000).toBe(world.clock.now());
    }
    expect((await stranger('/ping/node/7')).status).toBe(503);
    world.sap.server.hidesPing = true;
    expect((await stranger('/ping/')).status).toBe(404);
    world.sap.server.hidesPing = false;
  });

  it('compresses long answers for clients that take gzip, and only for them', async () => {
    const plain = await world.v2.call('GET', 'Items?$top=20');
    expect(plain.headers['content-encoding']).toBeUndefined();
    for (const accepted of ['gzip', 'gzip, deflate', 'br, gzip;q=0.5']) {
      const answer = await world.v2.call('GET', 'Items?$top=20', { headers: { 'Accept-Encoding': accepted } });
      expect(answer.headers['content-encoding']).toBe('gzip');
      expect(gunzipSync(answer.raw).toString('utf8')).toBe(plain.text);
    }
    for (const refused of ['gzip;q=0', 'deflate', 'identity']) {
      const answer = await world.v2.call('GET', 'Items?$top=20', { headers: { 'Accept-Encoding': refused } });
      expect(answer.headers['content-encoding']).toBeUndefined();
    }
    world.sap.server.compresses = false;
    const off = await world.v2.call('GET', 'Items?$top=20', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(off.headers['content-encoding']).toBeUndefined();
    world.sap.server.compresses = true;
  });
});
