import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kitAvailability } from '../../../server/domain/kit-availability.ts';
import { NotFoundError } from '../../../server/kernel/errors.ts';
import { add, subtract } from '../../../server/kernel/money.ts';
import { connectErp, type Sap, startSap } from './sap-bench.ts';

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
const itemWhere = (fits: (row: Record<string, unknown>) => boolean) =>
  String(bench.office.rows('Items').find(fits)?.['ItemCode']);

describe('partners', () => {
  it('come with addresses, contacts and what decides their prices', async () => {
    const { erp, caller } = client;
    const code = customerCode();
    bench.office.changePartner(code, {
      EffectivePrice: 'epLowestPrice',
      EffectiveDiscount: 'dgrDiscountTotals',
      BPAddresses: [
        { AddressName: 'Rechnung', AddressType: 'bo_BillTo', Street: 'Am Markt', StreetNo: '3', City: 'Hamburg' },
        { AddressName: 'Lager Süd', AddressType: 'bo_ShipTo', Street: 'Tor 7', City: 'Leipzig', Country: 'DE' },
      ],
      BilltoDefault: 'Rechnung',
      ShipToDefault: 'Lager Süd',
    });
    const details = await erp.getPartnerDetails(caller, code);
    expect(bench.sap.log.all().filter(({ path }) => !path.includes('Login'))).toHaveLength(1);
    expect(details).toMatchObject({
      cardCode: code,
      type: 'customer',
      pricing: { preference: 'lowest', discountRelation: 'sum' },
    });
    const defaults = details.addresses.filter(({ isDefault }) => isDefault).map(({ name, kind }) => `${kind} ${name}`);
    expect(defaults).toEqual(['bill_to Rechnung', 'ship_to Lager Süd']);
    expect(details.addresses.find(({ name }) => name === 'Rechnung')?.street).toBe('Am Markt 3');
    const known = (await erp.getPartners(caller, [code]))[0]?.contacts ?? [];
    expect(details.contacts.map((contact) => contact.code)).toEqual(known.map((contact) => contact.code));
  });

  it('are not found where SAP has none', async () => {
    const { erp, caller } = client;
    await expect(erp.getPartnerDetails(caller, 'NOBODY')).rejects.toBeInstanceOf(NotFoundError);
    await expect(erp.getCreditAccount(caller, 'NOBODY')).rejects.toBeInstanceOf(NotFoundError);
  });

  it('come from a server that takes no collections in $select', async () => {
    const { erp, caller } = connectErp(bench);
    bench.office.settings.rejectsCollectionSelect = true;
    const details = await erp.getPartnerDetails(caller, customerCode());
    expect(details.addresses.length).toBeGreaterThan(0);
    expect((await erp.listUnitGroups(caller)).some(({ units }) => units.length > 1)).toBe(true);
  });

  it('have groups that say whether they are of customers or vendors', async () => {
    const { erp, caller } = client;
    const groups = await erp.listPartnerKinds(caller);
    expect(groups).toHaveLength(bench.office.rows('BusinessPartnerGroups').length);
    expect(groups.find(({ code }) => code === 101)).toEqual({ code: 101, name: 'Lieferanten', kind: 'vendors' });
  });
});

describe('credit', () => {
  it('counts what the company’s switches count', async () => {
    const { erp, caller } = client;
    const code = customerCode();
    bench.office.postInvoice({ cardCode: code, total: 100 });
    const seen = [];
    for (const [deliveries, orders] of [
      ['tNO', 'tNO'],
      ['tYES', 'tNO'],
      ['tYES', 'tYES'],
    ]) {
      bench.office.settings.adminInfo = { ConsiderDelNotesinSalesR: deliveries ?? '', RestrictOrders: orders ?? '' };
      seen.push(await erp.getCreditAccount(caller, code));
    }
    const [balanceOnly, withDeliveries, withOrders] = seen;
    expect(balanceOnly?.exposure).toBe(balanceOnly?.balance);
    expect(withDeliveries?.exposure).toBe(add(withDeliveries?.balance ?? '', withDeliveries?.openDeliveries ?? ''));
    expect(withOrders?.exposure).toBe(add(withDeliveries?.exposure ?? '', withOrders?.openOrders ?? ''));
  });

  it('is the head office’s where there is one, and has no limit where SAP keeps 0', async () => {
    const { erp, caller } = client;
    const [branch, headOffice] = bench.office
      .rows('BusinessPartners')
      .filter((row) => row['CardType'] === 'cCustomer')
      .slice(3, 5)
      .map((row) => String(row['CardCode']));
    bench.office.changePartner(headOffice ?? '', { CreditLimit: 9000 });
    bench.office.changePartner(branch ?? '', { FatherCard: headOffice ?? '', CreditLimit: 0 });
    expect(await erp.getCreditAccount(caller, branch ?? '')).toMatchObject({
      cardCode: branch,
      accountOf: headOffice,
      limit: '9000',
    });
    bench.office.changePartner(headOffice ?? '', { CreditLimit: 0 });
    expect((await erp.getCreditAccount(caller, branch ?? '')).limit).toBeNull();
  });
});

describe('items', () => {
  it('come with units, prices and stock per warehouse', async () => {
    const { erp, caller } = client;
    const code = itemWhere((row) => row['UoMGroupEntry'] === 1 && row['DefaultSalesUoMEntry'] === 3);
    const [item] = await erp.getItemDetails(caller, [code]);
    expect(item).toMatchObject({
      itemCode: code,
      unitGroup: 1,
      salesUnit: { name: 'Karton', entry: 3, inStockUnits: '6' },
    });
    expect(item?.stock.map(({ warehouse }) => warehouse)).toEqual(['01', '02', '03']);
    expect(item?.prices.map(({ priceList }) => priceList)).toEqual([1, 2, 3, 4, 5]);
  });

  it('are read twenty to a request, and those that do not exist are left out', async () => {
    const { erp, caller } = client;
    const codes = bench.office.rows('Items').map((row) => String(row['ItemCode']));
    bench.sap.log.clear();
    const items = await erp.getItemDetails(caller, [...codes, "NO'1"]);
    expect(items.map(({ itemCode }) => itemCode).sort()).toEqual([...codes].sort());
    expect(bench.sap.log.all()).toHaveLength(Math.ceil((codes.length + 1) / 20));
  });

  it('that are sales kits can be sold as often as their parts are there', async () => {
    const { erp, caller } = client;
    const code = itemWhere((row) => row['TreeType'] === 'iSalesTree');
    const [kit] = await erp.getKits(caller, [code, itemWhere((row) => row['TreeType'] !== 'iSalesTree')]);
    expect(kit).toMatchObject({ itemCode: code, kind: 'sales_kit', makes: '1' });
    const parts = await erp.getItemDetails(caller, kit?.components.map(({ itemCode }) => itemCode) ?? []);
    const available = (itemCode: string) =>
      add(
        '0',
        ...(parts.find((part) => part.itemCode === itemCode)?.stock ?? []).map((at) =>
          subtract(at.onHand, at.committed),
        ),
      );
    const needed =
      kit?.components.map((part) => ({ quantity: part.quantity, available: available(part.itemCode) })) ?? [];
    const kits = Number(kitAvailability(needed, kit?.makes ?? '1'));
    expect(kits).toBeGreaterThan(0);
    const enough = (count: number) => needed.every((part) => Number(part.available) >= Number(part.quantity) * count);
    expect([enough(kits), enough(kits + 1)]).toEqual([true, false]);
  });

  it('tell what is still to arrive, soonest first, in stock units', async () => {
    const { erp, caller } = client;
    const closed = bench.office.rows('PurchaseOrders').find((order) => order['DocumentStatus'] === 'bost_Open');
    // Closed by hand: nothing comes any more, though its lines keep their open quantity.
    bench.office.overwrite('PurchaseOrders', String(closed?.['DocEntry']), { DocumentStatus: 'bost_Close' });
    const expected = new Map<string, number>();
    for (const order of bench.office.rows('PurchaseOrders')) {
      if (order['DocumentStatus'] !== 'bost_Open') continue;
      for (const line of Array.isArray(order['DocumentLines']) ? order['DocumentLines'] : []) {
        const code = String(line['ItemCode']);
        expected.set(code, (expected.get(code) ?? 0) + Number(line['RemainingOpenQuantity']));
      }
    }
    expect(expected.size).toBeGreaterThan(0);
    const codes = [...expected.keys(), 'NONE'];
    const receipts = await erp.nextReceipts(caller, codes);
    expect([...receipts.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [code, rows] of receipts) {
      expect(Number(add('0', ...rows.map(({ quantity }) => quantity)))).toBeCloseTo(expected.get(code) ?? 0, 6);
      const dates = rows.map(({ date }) => date);
      expect(dates).toEqual([...dates].sort());
    }
  });
});
