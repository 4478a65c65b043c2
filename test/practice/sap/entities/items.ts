import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';
import { stamped, without } from '../documents/change.ts';
import { documentKinds } from '../documents/kinds.ts';
import { business, refused } from '../errors.ts';
import { mergeRows } from './merge.ts';

const READ_ONLY = [
  'QuantityOnStock',
  'QuantityOrderedByCustomers',
  'QuantityOrderedFromVendors',
  'CreateDate',
  'CreateTime',
  'UpdateDate',
  'UpdateTime',
  'DataVersion',
];
const STOCK_FIELDS = ['InStock', 'Committed', 'Ordered'];

export function createItem(company: Company, sent: Fields): Fields {
  const code = textOf(sent, 'ItemCode');
  if (code === '') throw refused('Item no. is missing  [OITM.ItemCode]');
  if (company.table('Items').has(code)) throw business(`Item code '${code}' already exists`);
  const stamp = company.stamp();
  const warehouses = company
    .table('Warehouses')
    .all()
    .map((row) => textOf(row, 'WarehouseCode'));
  const item: Fields = {
    ItemName: null,
    ItemsGroupCode: 100,
    ItemType: 'itItems',
    SalesItem: 'tYES',
    PurchaseItem: 'tYES',
    InventoryItem: 'tYES',
    Valid: 'tYES',
    Frozen: 'tNO',
    SalesItemsPerUnit: 1,
    UoMGroupEntry: -1,
    SalesVATGroup: 'A1',
    TreeType: 'iNotATree',
    ...without(sent, READ_ONLY),
    ItemPrices: pricesFor(company, recordsOf(sent, 'ItemPrices')),
    ItemWarehouseInfoCollection: warehouses.map((warehouse) => ({
      WarehouseCode: warehouse,
      ItemCode: code,
      InStock: 0,
      Committed: 0,
      Ordered: 0,
      Locked: 'tNO',
    })),
    QuantityOnStock: 0,
    QuantityOrderedByCustomers: 0,
    QuantityOrderedFromVendors: 0,
    CreateDate: stamp.date,
    CreateTime: stamp.time,
    ...(company.settings.stampsNewItems ? { UpdateDate: stamp.date, UpdateTime: stamp.time } : {}),
    DataVersion: 1,
  };
  company.table('Items').put(code, item);
  return item;
}

function pricesFor(company: Company, sent: readonly Fields[]): readonly Fields[] {
  return company
    .table('PriceLists')
    .all()
    .map((list) => {
      const number = numberOf(list, 'PriceListNo');
      const own = sent.find((row) => numberOf(row, 'PriceList') === number);
      return {
        PriceList: number,
        Price: 0,
        Currency: company.settings.localCurrency,
        BasePriceList: numberOf(list, 'BasePriceList'),
        Factor: 1,
        ...own,
      };
    });
}

export function patchItem(company: Company, before: Fields, sent: Fields, replace: boolean): Fields {
  const patch = without(sent, [...READ_ONLY, 'ItemCode']);
  const prices = mergeRows(
    recordsOf(before, 'ItemPrices'),
    recordsOf(patch, 'ItemPrices'),
    (row) => textOf(row, 'PriceList'),
    false,
  );
  const stock = mergeRows(
    recordsOf(before, 'ItemWarehouseInfoCollection'),
    recordsOf(patch, 'ItemWarehouseInfoCollection').map((row) => without(row, STOCK_FIELDS)),
    (row) => textOf(row, 'WarehouseCode'),
    replace && 'ItemWarehouseInfoCollection' in patch,
  );
  const after = stamped(company, { ...before, ...patch, ItemPrices: prices, ItemWarehouseInfoCollection: stock });
  company.table('Items').put(textOf(before, 'ItemCode'), after);
  return after;
}

export function removeItem(company: Company, item: Fields): void {
  const code = textOf(item, 'ItemCode');
  const used = documentKinds.some(({ set }) =>
    company
      .table(set)
      .all()
      .some((row) => recordsOf(row, 'DocumentLines').some((line) => textOf(line, 'ItemCode') === code)),
  );
  if (used) throw business(`Item '${code}' has been used in documents and cannot be removed`);
  company.table('Items').remove(code);
}
