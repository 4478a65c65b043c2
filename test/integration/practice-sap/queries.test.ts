import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberOf, textOf } from '../../practice/kernel/json.ts';
import type { World } from './sl-client.ts';
import { errorOf, filterPath, openWorld } from './sl-client.ts';

describe('practice SAP: queries', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.sap.close());

  const codes = async (filter: string, headers?: Record<string, string>) => {
    const rows = await world.v2.list(
      filterPath('BusinessPartners', filter, '&$select=CardCode&$orderby=CardCode&$top=500'),
      { Prefer: 'odata.maxpagesize=500', ...headers },
    );
    return rows.map((row) => textOf(row, 'CardCode'));
  };
  const expected = (matches: (row: Record<string, unknown>) => boolean) =>
    world.office
      .rows('BusinessPartners')
      .filter(matches)
      .map((row) => textOf(row, 'CardCode'))
      .sort();

  it('filters with and, or, not, brackets, comparisons and text functions', async () => {
    expect(await codes("CardType eq 'cCustomer' and CreditLimit gt 20000")).toEqual(
      expected((row) => row['CardType'] === 'cCustomer' && Number(row['CreditLimit']) > 20_000),
    );
    expect(await codes("CardType eq 'S' or (Frozen eq 'tYES' and not (Country eq 'AT'))")).toEqual(
      expected((row) => row['CardType'] === 'cSupplier' || (row['Frozen'] === 'tYES' && row['Country'] !== 'AT')),
    );
    expect(await codes("startswith(CardCode,'L') or endswith(CardCode,'7')")).toEqual(
      expected((row) => /^L|7$/.test(String(row['CardCode']))),
    );
    expect(await codes("substringof('Baumann', CardName) or contains(CardName,'Söhne')")).toEqual(
      expected((row) => /Baumann|Söhne/.test(String(row['CardName']))),
    );
  });

  it('binds and closer than or', async () => {
    expect(await codes("CardType eq 'cLid' or CardType eq 'cSupplier' and CardCode eq 'NONE'")).toEqual(
      expected((row) => row['CardType'] === 'cLid'),
    );
  });

  it('takes doubled quotes, percent-encoding and codes that look like syntax', async () => {
    const rows = await world.v2.list(filterPath('Items', "ItemCode eq 'O''TOOL-8'", '&$select=ItemCode'));
    expect(rows.map((row) => row['ItemCode'])).toEqual(["O'TOOL-8"]);
    for (const code of ['ZB/2.5#A', 'KLEBER & CO', 'GRÖSSE-XL', "O'TOOL-8"]) {
      const key = encodeURIComponent(`'${code.replaceAll("'", "''")}'`);
      expect((await world.v2.call('GET', `Items(${key})?$select=ItemCode`)).body['ItemCode']).toBe(code);
    }
  });

  it('compares empty fields as SQL does: only eq null and ne null find them', async () => {
    const without = expected((row) => row['FederalTaxID'] === undefined);
    expect(without.length).toBeGreaterThan(0);
    expect(await codes('FederalTaxID eq null')).toEqual(without);
    expect(await codes("FederalTaxID ne 'DE000000000'")).toEqual(expected((row) => row['FederalTaxID'] !== undefined));
  });

  it('is case-sensitive like HANA unless the header asks otherwise', async () => {
    const [first = ''] = await codes("CardType eq 'cCustomer'");
    const lower = first.toLowerCase();
    expect(await codes(`CardCode eq '${lower}'`)).toEqual([]);
    expect(await codes(`CardCode eq '${lower}'`, { 'B1S-CaseInsensitive': 'true' })).toEqual([first]);
  });

  it('sees dates in every accepted form and times at minute precision only', async () => {
    const code = textOf(world.office.rows('BusinessPartners')[3] ?? {}, 'CardCode');
    world.clock.advance(30_000);
    world.office.changePartner(code, { Phone2: '1' });
    expect(world.office.partner(code)).toMatchObject({ UpdateDate: '2026-03-10', UpdateTime: '12:00:30' });
    for (const date of ["'2026-03-10'", "'20260310'", "datetime'2026-03-10'", "'2026-03-10T23:59:59'"])
      expect(await codes(`UpdateDate eq ${date}`)).toEqual([code]);
    expect(await codes("UpdateDate eq '2026-03-10' and UpdateTime ge '12:00:45'")).toEqual([code]);
    expect(await codes("UpdateDate eq '2026-03-10' and UpdateTime gt '12:00:00'")).toEqual([]);
    expect(await codes("UpdateTime ge '1201' and UpdateDate ge '2026-03-10'")).toEqual([]);
  });

  it.each([
    'CardCode eq',
    "CardCode eq 'C1",
    "CardCode is 'C1'",
    "tolower(CardName) eq 'x'",
    "CardCode in ('C1','C2')",
    'CreditLimit add 1 gt 2',
    "Nothing eq 'x'",
    "U_PD_Key eq 'x'",
    "BPAddresses/City eq 'Köln'",
    "CardType eq 'customer'",
    'CardCode eq 5',
    'UpdateDate ge 2026-03-10',
    "UpdateDate ge '2026-13-01'",
  ])('refuses the filter %s with code 201', async (filter) => {
    expect(errorOf(await world.v2.call('GET', filterPath('BusinessPartners', filter)))).toMatchObject({ code: '201' });
  });

  it('selects scalars and collections, and refuses unknown names', async () => {
    const one = await world.v2.call('GET', 'Items?$top=1&$select=ItemCode,ItemPrices');
    const [row = {}] = await world.v2.list('Items?$top=1&$select=ItemCode,ItemPrices');
    expect(Object.keys(row)).toEqual(['@odata.etag', 'ItemCode', 'ItemPrices']);
    expect(one.status).toBe(200);
    for (const path of [
      'Items?$select=ItemCode,Nothing',
      'Orders?$select=DocumentLines/LineNum',
      'Items?$orderby=Nothing',
      'Items?$orderby=ItemPrices',
      'Items?$expand=ItemPrices',
    ]) {
      expect(errorOf(await world.v2.call('GET', path)).code).toBe('201');
    }
    world.office.settings.rejectsCollectionSelect = true;
    expect(errorOf(await world.v2.call('GET', 'Orders?$select=DocumentLines')).code).toBe('201');
    world.office.settings.rejectsCollectionSelect = false;
  });

  it('pages by 20 unless told otherwise and links the next page relative on v2, rooted on v1', async () => {
    const first = await world.v2.call('GET', 'Items?$select=ItemCode&$orderby=ItemCode');
    expect(first.body['value']).toHaveLength(20);
    expect(first.body['@odata.nextLink']).toBe('Items?$select=ItemCode&$orderby=ItemCode&$skip=20');
    const v1 = await world.v1.call('GET', 'Items?$select=ItemCode');
    expect(v1.body['odata.nextLink']).toBe('/b1s/v1/Items?$select=ItemCode&$skip=20');
    const preferred = await world.v2.call('GET', 'Items?$select=ItemCode', {
      headers: { Prefer: 'odata.maxpagesize=7' },
    });
    expect(preferred.body['value']).toHaveLength(7);
    expect(preferred.headers['preference-applied']).toBe('odata.maxpagesize=7');
    const all = await world.v2.call('GET', 'Items?$select=ItemCode', { headers: { Prefer: 'odata.maxpagesize=0' } });
    expect(all.body['value']).toHaveLength(80);
    expect(all.body['@odata.nextLink']).toBeUndefined();
    expect(
      (await world.v2.call('GET', 'Items?$select=ItemCode', { headers: { 'B1S-PageSize': '5' } })).body['value'],
    ).toHaveLength(5);
  });

  it('follows links to the end without losing or repeating a row; a full last page still links on', async () => {
    const seen: string[] = [];
    const pages: number[] = [];
    let next: string | undefined = 'Items?$select=ItemCode&$orderby=ItemCode';
    while (next !== undefined) {
      const page = await world.v2.call('GET', next);
      const rows = Array.isArray(page.body['value']) ? page.body['value'] : [];
      pages.push(rows.length);
      seen.push(...rows.map((row) => textOf(row, 'ItemCode')));
      next = typeof page.body['@odata.nextLink'] === 'string' ? page.body['@odata.nextLink'] : undefined;
    }
    expect(pages).toEqual([20, 20, 20, 20, 0]);
    expect(new Set(seen).size).toBe(80);
    const top = await world.v2.call('GET', 'Items?$select=ItemCode&$top=30');
    expect(top.body['value']).toHaveLength(20);
    expect(top.body['@odata.nextLink']).toBe('Items?$select=ItemCode&$top=10&$skip=20');
  });

  it('counts: alone, inline as a number on v2 and as text on v1', async () => {
    const alone = await world.v2.call('GET', filterPath('BusinessPartners/$count', "CardType eq 'cLid'"));
    expect(alone.text).toBe(String(expected((row) => row['CardType'] === 'cLid').length));
    expect(alone.headers['content-type']).toContain('text/plain');
    expect((await world.v2.call('GET', 'Items?$count=true&$top=1')).body['@odata.count']).toBe(80);
    expect((await world.v1.call('GET', 'Items?$inlinecount=allpages&$top=1')).body['odata.count']).toBe('80');
  });

  it('sorts by several fields, in both directions, empty values first', async () => {
    const rows = await world.v2.list(
      'BusinessPartners?$select=CardCode,Country,FederalTaxID&$orderby=Country desc,FederalTaxID',
      { Prefer: 'odata.maxpagesize=0' },
    );
    const countries = rows.map((row) => textOf(row, 'Country'));
    expect(countries).toEqual([...countries].sort().reverse());
    expect(rows.filter((row) => row['Country'] === 'DE').map((row) => row['FederalTaxID'])[0]).toBeNull();
  });

  it('writes dates with a zone on v2 and plain on v1, and the annotations of each dialect', async () => {
    const entry = numberOf(world.office.orders()[0] ?? {}, 'DocEntry');
    const v2 = await world.v2.call('GET', `Orders(${entry})`);
    const v1 = await world.v1.call('GET', `Orders(${entry})`);
    const date = textOf(world.office.order(entry), 'DocDate');
    expect(v2.body['DocDate']).toBe(`${date}T00:00:00Z`);
    expect(v1.body['DocDate']).toBe(date);
    expect(v2.body['@odata.context']).toBe(`${world.sap.url}/b1s/v2/$metadata#Orders/$entity`);
    expect(v1.body['odata.metadata']).toBe(`${world.sap.url}/b1s/v1/$metadata#Orders/@Element`);
    expect(v2.headers['odata-version']).toBe('4.0');
  });

  it('answers a missing key with -2028 on GET and with other words on PATCH', async () => {
    expect(errorOf(await world.v2.call('GET', "BusinessPartners('NOPE')"))).toEqual({
      code: '-2028',
      message: 'No matching records found (ODBC -2028)',
    });
    expect(errorOf(await world.v1.call('GET', "BusinessPartners('NOPE')"))).toEqual({
      code: -2028,
      message: 'No matching records found (ODBC -2028)',
    });
    expect(errorOf(await world.v2.call('PATCH', "BusinessPartners('NOPE')", { body: {} })).message).toBe(
      "Entity with value('NOPE') does not exist",
    );
  });

  it('serves $metadata with this company’s own fields, in the CSDL of each version', async () => {
    await world.v2.call('POST', 'UserFieldsMD', {
      body: { TableName: 'OCRD', Name: 'Hold', Description: 'On hold', Type: 'db_Alpha', EditSize: 1 },
    });
    const v2 = await world.v2.call('GET', '$metadata');
    expect(v2.text).toContain('<Property Name="U_Hold" Type="Edm.String"/>');
    expect(v2.text).toContain('<Property Name="DocDate" Type="Edm.DateTimeOffset"/>');
    const v1 = await world.v1.call('GET', '$metadata');
    expect(v1.text).toContain('<Property Name="DocDate" Type="Edm.DateTime"/>');
    expect(v1.headers['content-type']).toContain('application/xml');
  });
});
