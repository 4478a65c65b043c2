import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordsOf, textOf } from '../../practice/kernel/json.ts';
import { connectErp, type Sap, startSap, TODAY } from './sap-bench.ts';

let sap: Sap;
beforeAll(async () => {
  sap = await startSap();
});
afterAll(() => sap.close());

/** Everything a panel shows of a customer and one item, asked the way a panel asks. */
async function panel({ erp, caller }: ReturnType<typeof connectErp>) {
  const customers = sap.office.rows('BusinessPartners').filter((row) => textOf(row, 'CardType') === 'cCustomer');
  const owing = customers.find((row) =>
    sap.office.invoices().some((invoice) => textOf(invoice, 'CardCode') === textOf(row, 'CardCode')),
  );
  const cardCode = textOf(owing ?? {}, 'CardCode');
  const priced = sap.office.rows('Items').filter((row) => recordsOf(row, 'ItemPrices').length > 0);
  const itemCodes = priced.slice(0, 3).map((row) => textOf(row, 'ItemCode'));
  const items = ['NO-SUCH-ITEM', ...itemCodes].map((itemCode) => ({ itemCode, quantity: '1', currency: 'EUR' }));
  return {
    customer: await erp.viewCustomer(caller, cardCode),
    documents: await erp.viewDocuments(caller, cardCode, ['no-such-key']),
    quotes: await erp.quoteItems(caller, cardCode, items, TODAY, null),
  };
}

it('shows the same where the server takes no batches, and does not try them again', async () => {
  const expected = await panel(connectErp(sap));
  sap.office.settings.missing = ['$batch'];
  const client = connectErp(sap);
  sap.sap.log.clear();
  expect(await panel(client)).toEqual(expected);
  expect(expected.quotes.items).toHaveLength(4);
  expect(expected.quotes.items.filter(({ price }) => price !== null).length).toBeGreaterThan(0);
  const batches = () => sap.sap.log.all().filter(({ path }) => path.endsWith('/$batch'));
  expect(batches()).toHaveLength(1);
  expect(await panel(client)).toEqual(expected);
  expect(batches()).toHaveLength(1);
});
