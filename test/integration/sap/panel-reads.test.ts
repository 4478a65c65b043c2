import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErpItemQuote } from '../../../server/app/ports/erp.ts';
import { type Fields, recordsOf, textOf } from '../../practice/kernel/json.ts';
import { type PriceBench, startPrices } from './price-bench.ts';
import { connectErp, TODAY } from './sap-bench.ts';

let prices: PriceBench;
beforeAll(async () => {
  prices = await startPrices();
});
afterAll(() => prices.bench.close());
beforeEach(() => {
  prices.reset();
  prices.office.settings.pageSizes = 'as_asked';
  prices.bench.sap.faults.clear();
});

const denied = (...resources: readonly string[]) => {
  prices.office.settings.denies = (_method, resource) => resources.includes(resource);
};
const requests = () => prices.bench.sap.log.all().filter(({ path }) => !path.includes('Login')).length;
const connect = () => connectErp(prices.bench);
const view = async (client: ReturnType<typeof connect>, cardCode = prices.buyer(2)) =>
  client.erp.viewCustomer(client.caller, cardCode);
const quote = async (
  client: ReturnType<typeof connect>,
  itemCodes: readonly string[],
  cardCode = prices.buyer(1),
  currency = 'EUR',
): Promise<readonly ErpItemQuote[]> => {
  const items = itemCodes.map((itemCode) => ({ itemCode, quantity: '1', currency }));
  return (await client.erp.quoteItems(client.caller, cardCode, items, TODAY, null)).items;
};
const soldItems = (count: number) =>
  prices.office
    .rows('Items')
    .filter((row) => row['SalesItem'] === 'tYES' && row['Valid'] === 'tYES' && row['TreeType'] !== 'iSalesTree')
    .slice(0, count)
    .map((row) => textOf(row, 'ItemCode'));
const changed = async (set: string, key: string, change: Fields, work: () => Promise<void>) => {
  const before = prices.office.rows(set).find((row) => Object.values(row).map(String).includes(key));
  prices.office.overwrite(set, key, change);
  try {
    await work();
  } finally {
    prices.office.overwrite(set, key, before ?? {});
  }
};

describe('a customer', () => {
  it('is shown with every list the user may read: one refusal takes none of the others', async () => {
    denied('BusinessPartnerGroups');
    await changed('PriceLists', '2', { IsGrossPrice: 'tYES' }, async () => {
      const client = connect();
      const seen = await view(client);
      expect(seen).toMatchObject({ groupName: null, priceListName: 'Fachhandel', pricesHoldTax: true });
      expect(seen.paymentTermsName).not.toBeNull();
      prices.bench.sap.log.clear();
      expect(await view(client)).toEqual(seen);
      expect(requests()).toBe(1);
    });
  });

  it('has its names and its tax from lists of more than one page', async () => {
    prices.office.settings.pageSizes = 'always_20';
    for (let number = 20; number < 60; number += 1) {
      prices.office.enter('PriceLists', {
        ...(prices.office.rows('PriceLists')[0] ?? {}),
        PriceListNo: number,
        PriceListName: `List ${number}`,
        IsGrossPrice: number === 59 ? 'tYES' : 'tNO',
      });
    }
    const seen = await view(connect(), prices.buyer(59));
    expect(seen).toMatchObject({ priceListName: 'List 59', pricesHoldTax: true });
  });

  it('whose figures cannot be carried is refused in words', async () => {
    const cardCode = prices.buyer(1);
    await changed('BusinessPartners', cardCode, { CreditLimit: 123456789012.34567 }, async () => {
      await expect(view(connect(), cardCode)).rejects.toMatchObject({
        kind: 'rejected',
        message: expect.stringContaining('more digits'),
      });
    });
  });

  it('of a head office is judged by the head office’s account, from the second view on in one request', async () => {
    const [branch, headOffice] = [prices.buyer(3), prices.buyer(4)];
    prices.office.changePartner(headOffice, { CreditLimit: 900 });
    prices.office.changePartner(branch, { CreditLimit: 0, FatherCard: headOffice });
    prices.office.postInvoice({ cardCode: headOffice, total: 700 });
    const client = connect();
    const seen = await view(client, branch);
    expect(seen.headOffice).toMatchObject({ cardCode: headOffice, credit: { limit: '900', balance: '700' } });
    expect(seen.partner.credit).toMatchObject({ limit: '0', balance: '0' });
    prices.bench.sap.log.clear();
    expect(await view(client, branch)).toEqual(seen);
    expect(requests()).toBe(1);
    prices.office.changePartner(branch, { FatherCard: null });
    expect((await view(client, branch)).headOffice).toBeNull();
  });
});

describe('prices and stock', () => {
  it('are there though the user may not read the warehouses', async () => {
    denied('Warehouses');
    const client = connect();
    const [first] = await quote(client, [prices.ordinary()]);
    expect(first).toMatchObject({ problem: null, price: { currency: 'EUR' } });
    expect(first?.stock?.warehouses.map(({ name }) => name)).toContain('01');
    prices.bench.sap.log.clear();
    await quote(client, [prices.ordinary()]);
    expect(requests()).toBe(1);
  });

  it('do not cost a request for each item where SAP refuses them all for one reason', async () => {
    denied('CompanyService_GetItemPrice');
    const client = connect();
    prices.bench.sap.log.clear();
    const items = await quote(client, soldItems(15));
    expect(items.map(({ price, stock, problem }) => [price, stock !== null, problem !== null])).toEqual(
      items.map(() => [null, true, true]),
    );
    expect(requests()).toBeLessThanOrEqual(3);
  });

  it('are asked for once each where the server takes no batches, whatever is refused', async () => {
    prices.office.settings.missing = ['$batch'];
    const client = connect();
    await quote(client, [prices.ordinary()]);
    prices.bench.sap.log.clear();
    const items = await quote(client, ['NO-1', ...soldItems(4), 'NO-2', 'NO-3']);
    expect(items.map(({ price }) => price !== null)).toEqual([false, true, true, true, true, false, false]);
    expect(requests()).toBeLessThanOrEqual(9);
  });

  it('an agreement without a price of its own leaves the price to the other rules', async () => {
    const agreement = prices.office.rows('BlanketAgreements')[0] ?? {};
    const lines = recordsOf(agreement, 'BlanketAgreements_ItemsLines').map((line) => ({ ...line, UnitPrice: 0 }));
    await changed(
      'BlanketAgreements',
      String(agreement['AgreementNo']),
      { BlanketAgreements_ItemsLines: lines },
      async () => {
        const [first] = await quote(connect(), [prices.ruled.framed], prices.framedBuyer);
        expect(Number(first?.price?.price)).toBeGreaterThan(0);
      },
    );
  });

  it('an agreement counts though many newer ones that are over stand before it', async () => {
    prices.office.settings.pageSizes = 'always_20';
    const agreement = prices.office.rows('BlanketAgreements')[0] ?? {};
    const client = connect();
    const [before] = await quote(client, [prices.ruled.framed], prices.framedBuyer);
    expect(before?.price?.assumed).toBe(false);
    for (let number = 9001; number <= 9045; number += 1) {
      const over = { StartDate: '2020-01-01', EndDate: '2020-12-31', AgreementNo: number };
      prices.office.enter('BlanketAgreements', { ...agreement, ...over });
    }
    expect((await quote(client, [prices.ruled.framed], prices.framedBuyer))[0]).toEqual(before);
    prices.office.settings.missing = ['OrdersService_Preview'];
    const question = {
      cardCode: prices.framedBuyer,
      itemCode: prices.ruled.framed,
      quantity: '1',
      unit: null,
      date: TODAY,
      currency: 'EUR',
    };
    expect((await client.erp.getEffectivePrice(client.caller, question))?.rule?.kind).toBe('blanket_agreement');
  });

  it('an agreement without a currency is in local currency', async () => {
    const agreement = prices.office.rows('BlanketAgreements')[0] ?? {};
    const lines = recordsOf(agreement, 'BlanketAgreements_ItemsLines').map((line) => ({
      ...line,
      PriceCurrency: null,
    }));
    await changed(
      'BlanketAgreements',
      String(agreement['AgreementNo']),
      { BlanketAgreements_ItemsLines: lines, BPCurrency: null },
      async () => {
        const [euro] = await quote(connect(), [prices.ruled.framed], prices.framedBuyer);
        const [dollar] = await quote(connect(), [prices.ruled.framed], prices.framedBuyer, 'USD');
        expect(euro?.price).toMatchObject({ currency: 'EUR', assumed: false });
        expect(dollar?.price).not.toMatchObject({ price: euro?.price?.price, currency: 'USD' });
      },
    );
  });

  it('an item whose stock cannot be carried keeps that to itself', async () => {
    const [first = '', second = ''] = soldItems(2);
    const rows = recordsOf(prices.office.item(first), 'ItemWarehouseInfoCollection');
    const broken = rows.map((row, index) => (index === 0 ? { ...row, InStock: 123456789012.34567 } : row));
    await changed('Items', first, { ItemWarehouseInfoCollection: broken }, async () => {
      const items = await quote(connect(), [first, second]);
      expect(items.map(({ stock, price }) => [stock !== null, price !== null])).toEqual([
        [false, true],
        [true, true],
      ]);
      expect(items[0]?.problem).toContain('more digits');
    });
  });

  it('nothing can be sold from a locked, a closed or a drop-ship warehouse', async () => {
    const [first = ''] = soldItems(1);
    const rows = recordsOf(prices.office.item(first), 'ItemWarehouseInfoCollection');
    const codes = async () => (await quote(connect(), [first]))[0]?.stock?.warehouses.map(({ code }) => code);
    const all = rows.map((row) => textOf(row, 'WarehouseCode'));
    expect(await codes()).toEqual(all);
    const locked = rows.map((row, index) => (index === 0 ? { ...row, Locked: 'tYES' } : row));
    await changed('Items', first, { ItemWarehouseInfoCollection: locked }, async () => {
      expect(await codes()).toEqual(all.slice(1));
    });
    await changed('Warehouses', all[1] ?? '', { Inactive: 'tYES' }, async () => {
      expect(await codes()).toEqual([all[0], ...all.slice(2)]);
    });
    await changed('Warehouses', all[2] ?? '', { DropShip: 'tYES' }, async () => {
      expect(await codes()).toEqual(all.slice(0, 2));
    });
  });

  it('a kit without warehouse rows of its own is made of its parts all the same', async () => {
    const [kit] = prices.office.rows('ProductTrees');
    const code = textOf(kit ?? {}, 'TreeCode');
    const [known] = await quote(connect(), [code]);
    await changed('Items', code, { ItemWarehouseInfoCollection: [] }, async () => {
      const [seen] = await quote(connect(), [code]);
      expect(seen?.stock?.warehouses).toEqual(known?.stock?.warehouses);
    });
  });

  it('a kit that holds another kit is not known, rather than endless', async () => {
    const [kit, other] = prices.office.rows('ProductTrees');
    const code = textOf(kit ?? {}, 'TreeCode');
    const lines = recordsOf(kit ?? {}, 'ProductTreeLines').slice(0, 1);
    const nested = lines.map((line) => ({ ...line, ItemCode: textOf(other ?? {}, 'TreeCode') }));
    await changed('ProductTrees', code, { ProductTreeLines: nested }, async () => {
      const [seen] = await quote(connect(), [code]);
      expect(seen?.stock).toBeNull();
    });
  });
});

it('v1 tells the same as v2, refusals and all', async () => {
  denied('BusinessPartnerGroups', 'Warehouses');
  const [kit] = prices.office.rows('ProductTrees');
  const codes = ['NO-1', textOf(kit ?? {}, 'TreeCode'), ...soldItems(3), prices.ruled.framed];
  const panel = async (client: ReturnType<typeof connect>) => [
    await view(client, prices.framedBuyer),
    await quote(client, codes, prices.framedBuyer),
    await quote(client, codes, prices.framedBuyer, 'USD'),
  ];
  const v1 = connectErp(prices.bench, { address: `${prices.bench.sap.url}/b1s/v1` });
  expect(await panel(v1)).toEqual(await panel(connect()));
});
