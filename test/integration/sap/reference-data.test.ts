import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RejectedError } from '../../../server/kernel/errors.ts';
import { connectErp, type Sap, startSap, TODAY } from './sap-bench.ts';

let bench: Sap;
let client: ReturnType<typeof connectErp>;

beforeAll(async () => {
  bench = await startSap({}, { rich: true });
  client = connectErp(bench);
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.sap.faults.clear();
  bench.sap.log.clear();
  Object.assign(bench.office.settings, {
    rejectsCollectionSelect: false,
    missing: [],
    adminInfo: {},
    denies: () => false,
  });
});
const customerCode = () =>
  String(bench.office.rows('BusinessPartners').find((row) => row['CardType'] === 'cCustomer')?.['CardCode']);

describe('a company’s own rules', () => {
  it('are read in one request, and follow what the company switches', async () => {
    const { erp, caller } = client;
    bench.office.settings.adminInfo = {
      RestrictOrders: 'tYES',
      ConsiderDelNotesinSalesR: 'tNO',
      TotalsAccuracy: 3,
      PriceAccuracy: 4,
      EnableBranches: 'tYES',
    };
    const rules = await erp.getCompanyRules(caller);
    expect(rules).toMatchObject({
      localCurrency: 'EUR',
      decimals: { totals: 3, prices: 4, quantities: 6 },
      credit: { checksLimit: true, countsDeliveries: false, countsOrders: true },
      branches: true,
      blocksNegativeStock: false,
    });
  });

  it('are read from a server that answers functions to POST alone', async () => {
    const { erp, caller } = client;
    bench.office.settings.missing = ['functions'];
    await expect(erp.getCompanyRules(caller)).resolves.toMatchObject({ localCurrency: 'EUR' });
  });
});

describe('reference data', () => {
  it('is read whole: warehouses, dimensions, profit centers, rules, people, terms, branches', async () => {
    const { erp, caller } = client;
    expect((await erp.listWarehouses(caller)).map(({ code, name, active }) => [code, name, active])).toEqual([
      ['01', 'Hamburg', true],
      ['02', 'Leipzig', true],
      ['03', 'Köln', true],
    ]);
    expect((await erp.listDimensions(caller)).filter(({ active }) => active)).toEqual([
      { number: 1, name: 'Standort', active: true },
      { number: 2, name: 'Sparte', active: true },
    ]);
    expect((await erp.listProfitCenters(caller)).find(({ code }) => code === 'SITZ')).toMatchObject({
      name: 'Sitzmöbel',
      dimension: 2,
      from: '2015-01-01',
      to: null,
    });
    const rules = await erp.listDistributionRules(caller);
    expect(rules.find(({ code }) => code === 'HH')).toMatchObject({ direct: true, dimension: 1 });
    expect(rules.find(({ code }) => code === 'INLAND')?.centers).toEqual([
      { code: 'HH', share: '40' },
      { code: 'LEJ', share: '30' },
      { code: 'CGN', share: '30' },
    ]);
    const people = await erp.listSalesPersons(caller);
    expect(people.map(({ code }) => code)).not.toContain(-1);
    expect(people.filter(({ active }) => !active)).toHaveLength(1);
    expect((await erp.listPaymentTerms(caller)).find(({ code }) => code === 5)).toMatchObject({
      startFrom: 'month_end',
      months: 1,
      days: 10,
    });
    expect((await erp.listBranches(caller)).map(({ id, active }) => [id, active])).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [4, false],
    ]);
    expect((await erp.listItemGroups(caller)).get(102)).toBe('Sitzmöbel');
  });

  it('keeps units as exact ratios', async () => {
    const { erp, caller } = client;
    const third = (await erp.listUnitGroups(caller)).find(({ code }) => code === 'DRITTEL');
    const unit = third?.units.find((one) => one.unit === 5);
    expect(unit).toEqual({ unit: 5, alternateQuantity: '3', baseQuantity: '1', active: true });
    expect((await erp.listUnits(caller)).find(({ entry }) => entry === 5)?.name).toBe('Drittelsatz');
  });

  it('knows tax by day, and no list where the company has none', async () => {
    const { erp, caller } = client;
    const full = (await erp.listTaxGroups(caller)).find(({ code }) => code === 'A1');
    expect(full).toMatchObject({ on: 'sales', active: true });
    expect(full?.rates.map(({ percent }) => percent)).toEqual(['19', '16', '19']);
    bench.office.settings.missing = ['SalesTaxCodes', 'BusinessPlaces'];
    expect(await erp.listSalesTaxCodes(caller)).toEqual([]);
    expect(await erp.listBranches(caller)).toEqual([]);
  });

  it('says so where the user may not read a list', async () => {
    const { erp, caller } = client;
    bench.office.settings.denies = (_method, resource) => resource === 'ProfitCenters';
    await expect(erp.listProfitCenters(caller)).rejects.toBeInstanceOf(RejectedError);
  });

  it('has currencies, and a rate for the very day or none', async () => {
    const { erp, caller } = client;
    expect((await erp.listCurrencies(caller)).map(({ code, iso }) => [code, iso])).toContainEqual(['USD', 'USD']);
    bench.office.setRate('USD', TODAY, 0.92);
    expect(await erp.getExchangeRate(caller, 'USD', TODAY)).toBe('0.92');
    expect(await erp.getExchangeRate(caller, 'EUR', TODAY)).toBe('1');
    await expect(erp.getExchangeRate(caller, 'USD', '2030-01-01')).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('exchange rate'),
    });
  });

  it('has the number ranges of a kind of document, and the one taken by itself', async () => {
    const { erp, caller } = client;
    const series = await erp.listSeries(caller, 17);
    expect(series.length).toBeGreaterThan(0);
    const own = await erp.getDefaultSeries(caller, 17);
    expect(series.map((one) => one.series)).toContain(own?.series);
    expect(own?.next).toEqual(expect.any(Number));
  });

  it('is the same in the older dialect', async () => {
    const v1 = connectErp(bench, { address: `${bench.sap.url}/b1s/v1` });
    for (const read of [
      'getCompanyRules',
      'listTaxGroups',
      'listDistributionRules',
      'listUnitGroups',
      'listProfitCenters',
    ] as const) {
      expect(await v1.erp[read](v1.caller)).toEqual(await client.erp[read](client.caller));
    }
    expect(await v1.erp.getPartnerDetails(v1.caller, customerCode())).toEqual(
      await client.erp.getPartnerDetails(client.caller, customerCode()),
    );
    expect(await v1.erp.getExchangeRate(v1.caller, 'USD', TODAY)).toBe('0.92');
  });
});
