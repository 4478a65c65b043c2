import type { Fields } from '../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../kernel/json.ts';
import type { SeededRandom } from '../kernel/random.ts';
import { addDays } from '../sap/company/local-time.ts';
import { LISTS } from './reference-data.ts';
import type { Family } from './word-lists.ts';
import { FAMILIES } from './word-lists.ts';

/** Codes that have to be escaped in a URL or a filter, as real catalogues have them. */
const AWKWARD: readonly (readonly [code: string, name: string])[] = [
  ['ZB/2.5#A', 'Kabelschlange 2,5 m "Pro"'],
  ["O'TOOL-8", "Werkzeugset O'Tool 8-teilig"],
  ['KLEBER & CO', 'Holzleim & Pinsel, Set'],
  ['GRÖSSE-XL', 'Schutzhülle Größe XL 100%'],
];

const SERVICES: readonly (readonly [code: string, name: string, price: number])[] = [
  ['MONTAGE', 'Montage je Stunde', 68],
  ['FRACHT', 'Fracht pauschal', 49],
];

/** Furniture and accessories with prices in every list and stock in every warehouse; a few inactive or not for sale. */
export function buildItems(
  random: SeededRandom,
  count: number,
  warehouses: readonly string[],
  today: string,
): Fields[] {
  const items: Fields[] = SERVICES.map(([code, name, price]) =>
    buildItem(random, { code, name, group: 107, price, stocked: false }, warehouses, today),
  );
  for (const [code, name] of AWKWARD)
    items.push(
      buildItem(
        random,
        { code, name, group: 106, price: random.int(500, 9000) / 100, stocked: true },
        warehouses,
        today,
      ),
    );
  for (let index = 0; items.length < count; index += 1) {
    const family = FAMILIES[index % FAMILIES.length];
    if (family !== undefined) items.push(buildItem(random, fromFamily(random, family, index), warehouses, today));
  }
  return items.slice(0, count);
}

interface ItemRequest {
  readonly code: string;
  readonly name: string;
  readonly group: number;
  readonly price: number;
  readonly stocked: boolean;
}

function fromFamily(random: SeededRandom, family: Family, index: number): ItemRequest {
  const model = random.pick(family.models);
  const [finish, finishName] = random.pick(family.finishes);
  const price = random.int(Math.round(family.lowest * 10), Math.round(family.highest * 10)) / 10;
  return {
    code: `${family.prefix}-${1000 + index}-${finish}`,
    name: `${family.name} ${model} ${finishName}`,
    group: family.group,
    price,
    stocked: true,
  };
}

function buildItem(
  random: SeededRandom,
  { code, name, group, price, stocked }: ItemRequest,
  warehouses: readonly string[],
  today: string,
): Fields {
  const inactive = stocked && random.chance(0.03);
  const forSale = !stocked || !random.chance(0.02);
  const stock = warehouses.map((warehouse) => ({
    WarehouseCode: warehouse,
    ItemCode: code,
    InStock: stocked && !random.chance(0.15) ? random.int(1, group === 106 ? 900 : 120) : 0,
    Committed: 0,
    Ordered: 0,
    MinimalStock: stocked ? 5 : 0,
    Locked: 'tNO',
  }));
  const created = addDays(today, -random.int(60, 3000));
  const updated = addDays(today, -random.int(1, 500));
  return {
    ItemCode: code,
    ItemName: name,
    ItemsGroupCode: group,
    ItemType: stocked ? 'itItems' : 'itLabor',
    BarCode: stocked ? `40${random.int(10_000_000_000, 99_999_999_999)}` : '',
    SalesItem: forSale ? 'tYES' : 'tNO',
    PurchaseItem: stocked ? 'tYES' : 'tNO',
    InventoryItem: stocked ? 'tYES' : 'tNO',
    Valid: inactive ? 'tNO' : 'tYES',
    Frozen: inactive ? 'tYES' : 'tNO',
    TreeType: 'iNotATree',
    ManageBatchNumbers: 'tNO',
    ManageSerialNumbers: 'tNO',
    ManageStockByWarehouse: 'tNO',
    SalesUnit: stocked ? 'Stk' : 'Std',
    InventoryUOM: stocked ? 'Stk' : 'Std',
    SalesItemsPerUnit: 1,
    UoMGroupEntry: -1,
    SalesVATGroup: 'A1',
    PurchaseVATGroup: 'V1',
    VatLiable: 'tYES',
    DefaultWarehouse: random.pick(warehouses),
    MovingAveragePrice: Math.round(price * 55) / 100,
    ItemPrices: LISTS.map(({ number, factor, currency }) => ({
      PriceList: number,
      Price: Math.round(price * factor * 100) / 100,
      Currency: currency,
      BasePriceList: number === 5 ? 5 : 1,
      Factor: number === 5 ? 1 : factor,
    })),
    ItemWarehouseInfoCollection: stock,
    QuantityOnStock: stock.reduce((total, row) => total + row.InStock, 0),
    QuantityOrderedByCustomers: 0,
    QuantityOrderedFromVendors: 0,
    CreateDate: created,
    CreateTime: '08:30:00',
    UpdateDate: updated < created ? created : updated,
    UpdateTime: `${String(random.int(7, 18)).padStart(2, '0')}:${String(random.int(0, 59)).padStart(2, '0')}:00`,
    DataVersion: random.int(1, 30),
  };
}

/** Prices agreed with single customers: flat, in percent of their list, or for a period with quantity scales. */
export function buildSpecialPrices(
  random: SeededRandom,
  partners: readonly Fields[],
  items: readonly Fields[],
  today: string,
): Fields[] {
  const customers = partners.filter(
    (row) => textOf(row, 'CardType') === 'cCustomer' && textOf(row, 'Currency') === 'EUR',
  );
  const sold = items.filter((row) => textOf(row, 'InventoryItem') === 'tYES' && textOf(row, 'SalesItem') === 'tYES');
  const rows = new Map<string, Fields>();
  if (customers.length === 0 || sold.length === 0) return [];
  for (let index = 0; index < Math.min(customers.length, 120); index += 1) {
    const partner = random.pick(customers);
    const item = random.pick(sold);
    const row = specialPrice(random, partner, item, today, index);
    rows.set(`${textOf(row, 'CardCode')} ${textOf(row, 'ItemCode')}`, row);
  }
  return [...rows.values()];
}

function specialPrice(random: SeededRandom, partner: Fields, item: Fields, today: string, index: number): Fields {
  const list = numberOf(partner, 'PriceListNum');
  const listPrice = numberOf(
    recordsOf(item, 'ItemPrices').find((row) => numberOf(row, 'PriceList') === list) ?? {},
    'Price',
  );
  const discount = random.pick([5, 8, 10, 12.5]);
  const cents = (value: number) => Math.round(value * 100) / 100;
  const key = {
    CardCode: textOf(partner, 'CardCode'),
    ItemCode: textOf(item, 'ItemCode'),
    Currency: 'EUR',
    PriceListNum: list,
    AutoUpdate: 'tNO',
    Valid: 'tYES',
  };
  if (index % 3 === 0) return { ...key, Price: cents(listPrice * 0.9), DiscountPercent: 0 };
  const flat = { ...key, Price: cents(listPrice * (1 - discount / 100)), DiscountPercent: discount };
  if (index % 3 === 1) return flat;
  const area = {
    RowNumber: 0,
    BPCode: key.CardCode,
    ItemNo: key.ItemCode,
    PriceListNo: list,
    PriceCurrency: 'EUR',
    DateFrom: addDays(today, -30),
    Dateto: addDays(today, 60),
    SpecialPrice: cents(listPrice * (1 - discount / 100)),
    Discount: discount,
    SpecialPriceQuantityAreas: [
      {
        RowNumber: 0,
        SPDARowNumber: 0,
        Quantity: 10,
        SpecialPrice: cents(listPrice * 0.82),
        Discountin: 18,
        PriceCurrency: 'EUR',
      },
      {
        RowNumber: 1,
        SPDARowNumber: 0,
        Quantity: 50,
        SpecialPrice: cents(listPrice * 0.75),
        Discountin: 25,
        PriceCurrency: 'EUR',
      },
    ],
  };
  return { ...flat, SpecialPriceDataAreas: [area] };
}
