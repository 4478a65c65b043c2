import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberOf, recordsOf, textOf } from '../../practice/kernel/json.ts';
import type { World } from './sl-client.ts';
import { errorOf, openWorld, usualPair } from './sl-client.ts';

const KEY_FIELD = {
  TableName: 'ORDR',
  Name: 'PD_Key',
  Description: 'Pipedrive key',
  Type: 'db_Alpha',
  SubType: 'st_None',
  EditSize: 64,
};

describe('practice SAP: writing', () => {
  let world: World;
  let pair: { cardCode: string; itemCode: string };
  beforeAll(async () => {
    world = await openWorld();
    pair = usualPair(world);
  });
  afterAll(() => world.sap.close());

  const order = (more: object = {}) => ({
    CardCode: pair.cardCode,
    DocDueDate: '2026-03-24',
    DocumentLines: [{ ItemCode: pair.itemCode, Quantity: 1 }],
    ...more,
  });

  it('creates a user field on all sibling documents, drafts included, once', async () => {
    expect(errorOf(await world.v2.call('POST', 'Orders', { body: order({ U_PD_Key: 'k0' }) })).message).toBe(
      "Property 'U_PD_Key' of 'Document' is invalid",
    );
    expect((await world.v2.call('POST', 'UserFieldsMD', { body: KEY_FIELD })).status).toBe(201);
    for (const table of ['ORDR', 'OQUT', 'ODRF', 'OINV', 'ODLN'])
      expect(world.office.hasUserField(table, 'PD_Key')).toBe(true);
    expect(
      errorOf(await world.v2.call('POST', 'UserFieldsMD', { body: { ...KEY_FIELD, TableName: 'OQUT' } })).code,
    ).toBe('-2035');
    const found = await world.v2.list(
      `UserFieldsMD?$filter=${encodeURIComponent("TableName eq 'ORDR' and Name eq 'PD_Key'")}`,
    );
    expect(found).toHaveLength(1);
    const made = await world.v2.call('POST', 'Orders', { body: order({ U_PD_Key: 'k1' }) });
    expect(made.body['U_PD_Key']).toBe('k1');
    expect(
      await world.v2.list(`Orders?$filter=${encodeURIComponent("U_PD_Key eq 'k1'")}&$select=DocEntry,U_PD_Key`),
    ).toHaveLength(1);
    expect(
      errorOf(await world.v2.call('POST', 'Orders', { body: order({ U_PD_Key: 'x'.repeat(65) }) })).message,
    ).toContain('Value too long');
  });

  it('hides a new user field until the restart where a server is like that', async () => {
    world.office.settings.userFieldsNeedRestart = true;
    await world.v2.call('POST', 'UserFieldsMD', { body: { ...KEY_FIELD, Name: 'PD_Late' } });
    expect(errorOf(await world.v2.call('POST', 'Orders', { body: order({ U_PD_Late: 'x' }) })).code).toBe('-1000');
    world.sap.restart();
    expect((await world.v2.call('GET', 'Orders')).status).toBe(401);
    await world.v2.login();
    await world.v1.login();
    expect((await world.v2.call('POST', 'Orders', { body: order({ U_PD_Late: 'x' }) })).status).toBe(201);
    world.office.settings.userFieldsNeedRestart = false;
  });

  it('answers 204 with a location and no content where that is preferred', async () => {
    const answer = await world.v2.call('POST', 'Orders', { body: order(), headers: { Prefer: 'return-no-content' } });
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    expect(answer.headers['location']).toMatch(/^\/b1s\/v2\/Orders\(\d+\)$/);
    expect(answer.headers['preference-applied']).toBe('return-no-content');
  });

  it('takes enums by name or database value and numbers as text, and drops annotations', async () => {
    const answer = await world.v1.call('POST', 'BusinessPartners', {
      body: { CardCode: 'new1', CardName: 'Neu', CardType: 'C', CreditLimit: '1000.50', 'x@odata.bind': 'y' },
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      CardType: 'cCustomer',
      CreditLimit: 1000.5,
      CreateDate: '2026-03-10',
      UpdateTime: '12:00:00',
      GroupCode: 100,
    });
    const twice = errorOf(await world.v1.call('POST', 'BusinessPartners', { body: { CardCode: 'new1' } }));
    expect(twice).toEqual({
      code: -10,
      message:
        "1320000140 - Business partner code 'new1' already assigned to a business partner; enter a unique business partner code",
    });
  });

  it('merges collections on PATCH, or replaces them when told to; read-only values are ignored', async () => {
    await world.v2.call('POST', 'BusinessPartners', {
      body: {
        CardCode: 'P1',
        ContactEmployees: [{ Name: 'Ada' }, { Name: 'Ben' }],
        BPAddresses: [{ AddressName: 'A', AddressType: 'bo_BillTo', City: 'Kiel' }],
      },
    });
    const [ada = {}] = recordsOf(world.office.partner('P1'), 'ContactEmployees');
    const patch = {
      CurrentAccountBalance: 99,
      CardCode: 'OTHER',
      ContactEmployees: [{ InternalCode: numberOf(ada, 'InternalCode'), Position: 'Chefin' }, { Name: 'Cem' }],
    };
    expect((await world.v2.call('PATCH', "BusinessPartners('P1')", { body: patch })).status).toBe(204);
    const merged = recordsOf(world.office.partner('P1'), 'ContactEmployees');
    expect(merged.map((row) => [row['Name'], row['Position']])).toEqual([
      ['Ada', 'Chefin'],
      ['Ben', undefined],
      ['Cem', undefined],
    ]);
    expect(world.office.partner('P1')).toMatchObject({ CurrentAccountBalance: 0, DataVersion: 2 });
    await world.v2.call('PATCH', "BusinessPartners('P1')", {
      body: { ContactEmployees: [{ Name: 'Dora' }] },
      headers: { 'B1S-ReplaceCollectionsOnPatch': 'true' },
    });
    expect(recordsOf(world.office.partner('P1'), 'ContactEmployees').map((row) => row['Name'])).toEqual(['Dora']);
    expect(recordsOf(world.office.partner('P1'), 'BPAddresses')).toHaveLength(1);
    expect(
      errorOf(
        await world.v2.call('PATCH', "BusinessPartners('P1')", { body: { ContactEmployees: [{ Name: 'dora' }] } }),
      ).code,
    ).toBe('-2035');
    expect(
      errorOf(
        await world.v2.call('PATCH', "BusinessPartners('P1')", { body: { ContactEmployees: [{ EmailAddress: 'x' }] } }),
      ).message,
    ).toBe("Property 'EmailAddress' of 'ContactEmployee' is invalid");
  });

  it('keeps the ETag rules: weak tags are checked, anything else passes, and $select without DataVersion lies', async () => {
    await world.v2.call('POST', 'Items', { body: { ItemCode: 'E1', ItemName: 'x' } });
    const first = await world.v2.call('GET', "Items('E1')");
    expect(first.headers['etag']).toBe('W/"356A192B7913B04C54574D18C28D46E6395428AB"');
    await world.v2.call('PATCH', "Items('E1')", { body: {} });
    const stale = await world.v2.call('PATCH', "Items('E1')", {
      body: { ItemName: 'y' },
      headers: { 'If-Match': String(first.headers['etag']) },
    });
    expect(stale.status).toBe(412);
    expect(errorOf(stale)).toEqual({
      code: '-2039',
      message: 'Another user or another operation modified data; to continue, open the window again (ODBC -2039)',
    });
    expect(
      (await world.v2.call('PATCH', "Items('E1')", { body: { ItemName: 'y' }, headers: { 'If-Match': '"356A"' } }))
        .status,
    ).toBe(204);
    const lie = await world.v2.call('GET', "Items('E1')?$select=ItemName");
    expect(lie.body['@odata.etag']).toBe(first.headers['etag']);
    const truth = await world.v2.call('GET', "Items('E1')?$select=ItemName,DataVersion");
    expect(truth.body['@odata.etag']).toBe(truth.headers['etag']);
    expect(truth.body['DataVersion']).toBe(3);
  });

  it('leaves UpdateDate empty on a new item where the switch says so, and stamps minutes only', async () => {
    world.office.settings.stampsNewItems = false;
    world.office.settings.stampPrecision = 'minute';
    world.clock.advance(42_000);
    await world.v2.call('POST', 'Items', { body: { ItemCode: 'E2' } });
    const item = await world.v2.call('GET', "Items('E2')?$select=CreateDate,CreateTime,UpdateDate");
    expect(item.body).toMatchObject({ CreateDate: '2026-03-10T00:00:00Z', CreateTime: '12:00:00', UpdateDate: null });
    world.office.settings.stampsNewItems = true;
    world.office.settings.stampPrecision = 'second';
  });

  it('takes an override for proxies that stop PATCH, and changes an open order', async () => {
    const entry = numberOf((await world.v2.call('POST', 'Orders', { body: order() })).body, 'DocEntry');
    const open = numberOf(world.office.partner(pair.cardCode), 'OpenOrdersBalance');
    const answer = await world.v2.call('POST', `Orders(${entry})`, {
      body: { Comments: 'Tor 3', DocumentLines: [{ LineNum: 0, Quantity: 5, UnitPrice: 10 }] },
      headers: { 'X-HTTP-Method-Override': 'PATCH' },
    });
    expect(answer.status).toBe(204);
    expect(world.office.order(entry)).toMatchObject({ Comments: 'Tor 3', DocTotal: 59.5, DataVersion: 2 });
    expect(numberOf(world.office.partner(pair.cardCode), 'OpenOrdersBalance')).not.toBe(open);
  });

  it('keeps drafts apart from orders and turns them into one', async () => {
    const before = {
      orders: world.office.orders().length,
      open: numberOf(world.office.partner(pair.cardCode), 'OpenOrdersBalance'),
    };
    const draft = await world.v2.call('POST', 'Drafts', { body: order({ DocObjectCode: '17', U_PD_Key: 'd1' }) });
    expect(draft.body).toMatchObject({ DocObjectCode: 'oOrders', U_PD_Key: 'd1', AuthorizationStatus: 'dasWithout' });
    expect(numberOf(world.office.partner(pair.cardCode), 'OpenOrdersBalance')).toBe(before.open);
    const entry = numberOf(draft.body, 'DocEntry');
    expect((await world.v2.call('PATCH', `Drafts(${entry})`, { body: { Comments: 'bitte prüfen' } })).status).toBe(204);
    expect(
      (await world.v2.call('POST', 'DraftsService_SaveDraftToDocument', { body: { Document: { DocEntry: entry } } }))
        .status,
    ).toBe(204);
    expect(world.office.orders()).toHaveLength(before.orders + 1);
    expect(world.office.findByKey('d1').map(({ set }) => set)).toEqual(['Orders', 'Drafts']);
    expect(world.office.orders().at(-1)).toMatchObject({ Comments: 'bitte prüfen', U_PD_Key: 'd1' });
    expect(
      errorOf(
        await world.v2.call('POST', 'DraftsService_SaveDraftToDocument', { body: { Document: { DocEntry: entry } } }),
      ).code,
    ).toBe('-5002');
    expect(errorOf(await world.v2.call('POST', 'Drafts', { body: order() })).code).toBe('-5002');
  });

  it('turns a draft in foreign currency into a document with the same price', async () => {
    world.office.createPartner({ CardCode: 'CH1', CardType: 'cCustomer', Currency: 'CHF', VatGroup: 'A0' });
    world.office.setRate('CHF', '2026-03-10', 1.05);
    const lines = [{ ItemCode: pair.itemCode, Quantity: 2, UnitPrice: 100, DiscountPercent: 12.5 }];
    const draft = await world.v2.call('POST', 'Drafts', {
      body: order({ DocObjectCode: 'oOrders', CardCode: 'CH1', DocumentLines: lines }),
    });
    await world.v2.call('POST', 'DraftsService_SaveDraftToDocument', {
      body: { Document: { DocEntry: draft.body['DocEntry'] } },
    });
    expect(world.office.orders().at(-1)).toMatchObject({ CardCode: 'CH1', DocTotalFc: 175, DocTotal: 183.75 });
  });

  it('answers the company services: bare values, complex values, functions by GET on v2 only', async () => {
    world.office.setRate('USD', '2026-03-10', 0.9);
    const rate = await world.v2.call('POST', 'SBOBobService_GetCurrencyRate', {
      body: { Currency: 'USD', Date: '20260310' },
    });
    expect(rate.text).toBe('0.9');
    expect((await world.v2.call('GET', "SBOBobService_GetCurrencyRate(Currency='USD',Date='20260310')")).text).toBe(
      '0.9',
    );
    expect(
      errorOf(
        await world.v2.call('POST', 'SBOBobService_GetCurrencyRate', { body: { Currency: 'GBP', Date: '20260310' } }),
      ).message,
    ).toContain('exchange rate');
    expect((await world.v2.call('GET', 'CompanyService_GetAdminInfo')).body).toMatchObject({
      LocalCurrency: 'EUR',
      TotalsAccuracy: 2,
      CreditRestriction: 'tYES',
    });
    expect((await world.v1.call('GET', 'CompanyService_GetAdminInfo')).status).toBe(400);
    expect((await world.v1.call('POST', 'CompanyService_GetCompanyInfo')).body).toMatchObject({ Localization: 'DE' });
    expect(textOf({ text: (await world.v1.call('POST', 'SBOBobService_GetLocalCurrency')).text }, 'text')).toBe(
      '"EUR"',
    );
  });

  it('books payments and their cancellation', async () => {
    const invoice = world.office.postInvoice({
      cardCode: pair.cardCode,
      total: 500,
      date: '2026-03-01',
      dueDate: '2026-03-05',
    });
    const balance = numberOf(world.office.partner(pair.cardCode), 'CurrentAccountBalance');
    const entry = numberOf(invoice, 'DocEntry');
    const paid = await world.v2.call('POST', 'IncomingPayments', {
      body: { CardCode: pair.cardCode, TransferSum: 200, PaymentInvoices: [{ DocEntry: entry, SumApplied: 200 }] },
    });
    expect(paid.status).toBe(201);
    expect(numberOf(world.office.partner(pair.cardCode), 'CurrentAccountBalance')).toBeCloseTo(balance - 200, 2);
    const journal = world.office.rows('JournalEntries').at(-1) ?? {};
    expect(journal).toMatchObject({ OriginalJournal: 'ttReceipt', Original: numberOf(paid.body, 'DocEntry') });
    await world.v2.call('POST', `IncomingPayments(${numberOf(paid.body, 'DocEntry')})/Cancel`);
    expect(numberOf(world.office.partner(pair.cardCode), 'CurrentAccountBalance')).toBeCloseTo(balance, 2);
  });
});
