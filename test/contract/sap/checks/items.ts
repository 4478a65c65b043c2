import { z } from 'zod';
import { addDays } from '../../../../server/kernel/local-date.ts';
import { add, compare, decimal } from '../../../../server/kernel/money.ts';
import { one, text } from '../../../../server/sap/odata.ts';
import { notAsked, verdict } from '../../check.ts';
import type { Check } from '../check.ts';
import { rowsOf } from '../raw-client.ts';
import { AWKWARD } from './partners.ts';

const PAGE = 40;
const Total = z.object({ QuantityOnStock: z.number() });

/** Items, stock and what is still to come. */
export const itemChecks: readonly Check[] = [
  {
    name: 'items.by-key',
    claim: 'Items can be walked by their code, page by page, each once, with prices.',
    covers: ['listItemsByKey', 'countItems'],
    async run({ erp, caller }) {
      const codes: string[] = [];
      let prices = 0;
      for (let page = 0; page < 3; page += 1) {
        const { rows, done } = await erp.listItemsByKey(caller, codes.at(-1) ?? null, PAGE);
        codes.push(...rows.map(({ itemCode }) => itemCode));
        prices += rows.reduce((sum, row) => sum + row.prices.length, 0);
        if (done) break;
      }
      const count = await erp.countItems(caller);
      return verdict(
        [
          [new Set(codes).size === codes.length, 'An item came twice.'],
          [codes.length <= count, `${codes.length} came, and SAP counts ${count}.`],
          [
            codes.length === 0 || prices > 0,
            'Prices are empty in lists; some systems give them with single items only.',
          ],
        ],
        `${count} items.`,
      );
    },
  },
  {
    name: 'items.stock-by-key',
    claim: 'Stock can be walked by item code, and is what the item shows by itself.',
    covers: ['listStockByKey'],
    async run({ erp, caller, raw }) {
      const { rows } = await erp.listStockByKey(caller, null, PAGE);
      const stocked = rows.find(({ warehouses }) => warehouses.some(({ onHand }) => compare(onHand, '0') !== 0));
      if (!stocked) return notAsked('No item on the first page has stock.');
      const only = one('Items', text(stocked.itemCode), ['ItemCode', 'QuantityOnStock']);
      const shown = Total.safeParse((await raw.read(only)).json);
      if (!shown.success) return notAsked('The item by itself could not be read.');
      const total = add(...stocked.warehouses.map(({ onHand }) => onHand));
      const { QuantityOnStock } = shown.data;
      return verdict([
        [compare(total, decimal(QuantityOnStock)) === 0, `${total} in the warehouses, ${QuantityOnStock} in all.`],
      ]);
    },
  },
  {
    name: 'items.changed',
    claim: 'Items can be walked by the stamp of their last change, new ones too.',
    covers: ['listItemsChanged'],
    async run({ erp, caller }) {
      const newest = await erp.newestStamp(caller, 'items');
      if (newest === null) return notAsked('No item has a stamp.');
      const page = await erp.listItemsChanged(caller, { date: addDays(newest.date, -7), time: '00:00:00' }, null, PAGE);
      const codes = page.rows.map(({ itemCode }) => itemCode);
      return verdict([
        [codes.length > 0, 'The newest one does not come.'],
        [new Set(codes).size === codes.length, 'An item came twice.'],
      ]);
    },
  },
  {
    name: 'items.by-codes',
    claim: 'Named items come as they came in the list, and codes that break out of a literal find nothing.',
    covers: ['getItems', 'getItemDetails'],
    async run({ erp, caller, facts }) {
      const known = (await facts.items()).slice(0, 5);
      const codes = known.map(({ itemCode }) => itemCode);
      const rows = await erp.getItems(caller, [...codes, ...AWKWARD]);
      const details = await erp.getItemDetails(caller, [...codes, ...AWKWARD]);
      const names = new Map(details.map(({ itemCode, name }) => [itemCode, name]));
      return verdict([
        [rows.length === known.length, `${known.length} were named, ${rows.length} came.`],
        [details.length === known.length, `${known.length} were named, ${details.length} came with details.`],
        [known.every(({ itemCode, name }) => names.get(itemCode) === name), 'A name is another one.'],
        [details.every(({ salesUnit }) => compare(salesUnit.inStockUnits, '0') > 0), 'A sales unit holds nothing.'],
      ]);
    },
  },
  {
    name: 'items.kits',
    claim: 'An item whose kind is a tree has its parts, and they are items.',
    covers: ['getKits'],
    async run({ erp, caller, raw }) {
      const trees = rowsOf(await raw.read('ProductTrees?$top=5&$select=TreeCode'));
      const codes = (trees ?? []).map((row) => String(row['TreeCode']));
      if (codes.length === 0) return notAsked('There is no kit, or no right to see one.');
      const kits = await erp.getKits(caller, codes);
      const parts = kits.flatMap(({ components }) => components.map(({ itemCode }) => itemCode)).slice(0, 20);
      const known = await erp.getItems(caller, parts);
      return verdict([
        [kits.length === codes.length, `${codes.length} kits are listed, ${kits.length} came.`],
        [known.length === new Set(parts).size, 'A part is no item.'],
        [kits.every(({ makes }) => compare(makes, '0') > 0), 'A kit makes none of itself.'],
      ]);
    },
  },
  {
    name: 'items.receipts',
    claim: 'What vendors still have to bring is known by item, soonest first.',
    covers: ['nextReceipts'],
    async run({ erp, caller, facts }) {
      const order = await facts.document('purchase_order');
      const codes = (order?.lines ?? []).map(({ itemCode }) => itemCode).filter((code) => code !== '');
      if (codes.length === 0) return notAsked('There is no purchase order to look at.');
      const receipts = await erp.nextReceipts(caller, [...new Set(codes)]);
      const lists = [...receipts.values()];
      return verdict([
        [lists.every((list) => list.every((one) => compare(one.quantity, '0') > 0)), 'A receipt brings nothing.'],
        [
          lists.every((list) => list.every((one, at) => at === 0 || (list[at - 1]?.date ?? '') <= one.date)),
          'A later one comes first.',
        ],
        [
          order?.status !== 'open' || lists.length > 0,
          `Purchase order ${order?.docNum} is open, and nothing is to come.`,
        ],
      ]);
    },
  },
  {
    name: 'items.price-lists',
    claim: 'Price lists that partners and items name exist.',
    covers: ['listPriceLists', 'listPriceListDetails'],
    async run({ erp, caller, facts }) {
      const lists = await erp.listPriceLists(caller);
      const details = await erp.listPriceListDetails(caller);
      const known = new Set(lists.map(({ number }) => number));
      const used = (await facts.partners()).flatMap(({ priceList }) =>
        priceList === null || priceList < 1 ? [] : [priceList],
      );
      return verdict([
        [details.length === lists.length, `${lists.length} lists, ${details.length} with details.`],
        [used.every((number) => known.has(number)), 'A partner names a list that does not exist.'],
        [
          details.every(({ baseList }) => baseList === null || known.has(baseList)),
          'A list is based on one that does not exist.',
        ],
      ]);
    },
  },
];
