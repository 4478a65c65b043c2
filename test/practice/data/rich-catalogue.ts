import type { Fields } from '../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../kernel/json.ts';

/** 1 piece, 3 box, 4 pallet, 5 foot of a set; -1 is the platform's own "manual". */
export const unitsOfMeasurement: readonly Fields[] = [
  { AbsEntry: -1, Code: 'Manuell', Name: 'Manuell' },
  { AbsEntry: 1, Code: 'Stk', Name: 'Stück', InternationalSymbol: 'H87' },
  { AbsEntry: 2, Code: 'Std', Name: 'Stunde', InternationalSymbol: 'HUR' },
  { AbsEntry: 3, Code: 'Karton', Name: 'Karton' },
  { AbsEntry: 4, Code: 'Palette', Name: 'Palette' },
  { AbsEntry: 5, Code: 'Drittel', Name: 'Drittelsatz' },
];

const definition = (unit: number, alternate: number, base: number): Fields => ({
  AlternateUoM: unit,
  AlternateQuantity: alternate,
  BaseQuantity: base,
  WeightFactor: 0,
  UdfFactor: -1,
  Active: 'tYES',
});

/** Group 1 counts in boxes of 6 and pallets of 96; three units of group 2 make one piece, which no decimal tells exactly. */
export const unitGroups: readonly Fields[] = [
  { AbsEntry: -1, Code: 'Manuell', Name: 'Manuell', BaseUoM: -1, UoMGroupDefinitionCollection: [definition(-1, 1, 1)] },
  {
    AbsEntry: 1,
    Code: 'STK-KARTON',
    Name: 'Stück, Karton, Palette',
    BaseUoM: 1,
    UoMGroupDefinitionCollection: [definition(1, 1, 1), definition(3, 1, 6), definition(4, 1, 96)],
  },
  {
    AbsEntry: 2,
    Code: 'DRITTEL',
    Name: 'Stück und Drittelsatz',
    BaseUoM: 1,
    UoMGroupDefinitionCollection: [definition(1, 1, 1), definition(5, 3, 1)],
  },
];

export interface Catalogue {
  readonly items: readonly Fields[];
  readonly productTrees: readonly Fields[];
  /** Codes of the items whose prices have rules of their own. */
  readonly ruled: readonly string[];
}

/**
 * Makes some of the last goods into what a plain catalogue lacks: two sales kits, an item sold by the box (by hand, and
 * by a group of units), one with a price of its own per box, one in thirds of a piece, and four with price rules.
 */
export function enrich(items: readonly Fields[]): Catalogue {
  const goods = items.filter(
    (row) => row['InventoryItem'] === 'tYES' && row['SalesItem'] === 'tYES' && row['Valid'] === 'tYES',
  );
  if (goods.length < 16) return { items, productTrees: [], ruled: [] };
  const chosen = goods.slice(-11).map((row) => textOf(row, 'ItemCode'));
  const parts = goods.slice(0, 4);
  const makers: readonly ((item: Fields) => Fields)[] = [
    asKit,
    asKit,
    (item) => ({ ...item, SalesUnit: 'Karton', SalesItemsPerUnit: 6 }),
    (item) => ({ ...item, ...grouped(1, 3) }),
    withBoxPrice,
    (item) => ({ ...item, ...grouped(2, 1) }),
  ];
  const changed = new Map(chosen.slice(0, makers.length).map((code, index) => [code, makers[index]]));
  return {
    items: items.map((item) => changed.get(textOf(item, 'ItemCode'))?.(item) ?? item),
    productTrees: [
      kit(chosen[0] ?? '', [
        [parts[0], 1],
        [parts[1], 4],
      ]),
      kit(chosen[1] ?? '', [
        [parts[2], 2],
        [parts[3], 1],
      ]),
    ],
    ruled: chosen.slice(makers.length),
  };
}

/** A sales kit is not kept in stock itself; its parts are. */
function asKit(item: Fields): Fields {
  const empty = recordsOf(item, 'ItemWarehouseInfoCollection').map((row) => ({ ...row, InStock: 0 }));
  return {
    ...item,
    TreeType: 'iSalesTree',
    InventoryItem: 'tNO',
    PurchaseItem: 'tNO',
    ItemWarehouseInfoCollection: empty,
    QuantityOnStock: 0,
  };
}

function grouped(group: number, salesUnit: number): Fields {
  const unit = unitsOfMeasurement.find((row) => row['AbsEntry'] === salesUnit) ?? {};
  const factor = recordsOf(
    unitGroups.find((row) => row['AbsEntry'] === group) ?? {},
    'UoMGroupDefinitionCollection',
  ).find((row) => row['AlternateUoM'] === salesUnit);
  return {
    UoMGroupEntry: group,
    DefaultSalesUoMEntry: salesUnit,
    DefaultPurchasingUoMEntry: 1,
    InventoryUoMEntry: 1,
    PricingUnit: 1,
    SalesUnit: textOf(unit, 'Code'),
    SalesItemsPerUnit: numberOf(factor ?? {}, 'BaseQuantity') / (numberOf(factor ?? {}, 'AlternateQuantity') || 1),
    ItemUnitOfMeasurementCollection: [
      { UoMType: 'iutSales', UoMEntry: salesUnit },
      { UoMType: 'iutPurchasing', UoMEntry: 1 },
      { UoMType: 'iutInventory', UoMEntry: 1 },
    ],
  };
}

/** List 1 has a price per box that somebody entered, five percent under six single ones. */
function withBoxPrice(item: Fields): Fields {
  const prices = recordsOf(item, 'ItemPrices').map((row) => {
    if (numberOf(row, 'PriceList') !== 1) return row;
    const box = Math.round(numberOf(row, 'Price') * 6 * 95) / 100;
    const own = { PriceList: 1, UoMEntry: 3, ReduceBy: 5, Price: box, Currency: textOf(row, 'Currency'), Auto: 'tNO' };
    return { ...row, UoMPrices: [own] };
  });
  return { ...item, ...grouped(1, 1), ItemPrices: prices };
}

function kit(code: string, parts: readonly (readonly [Fields | undefined, number])[]): Fields {
  return {
    TreeCode: code,
    TreeType: 'iSalesTree',
    Quantity: 1,
    PriceList: 1,
    HideBOMComponentsInPrintout: 'tNO',
    ProductTreeLines: parts.map(([part = {}, quantity], index) => ({
      ItemCode: textOf(part, 'ItemCode'),
      ItemName: textOf(part, 'ItemName'),
      Quantity: quantity,
      Warehouse: textOf(part, 'DefaultWarehouse'),
      IssueMethod: 'im_Manual',
      ParentItem: code,
      PriceList: 1,
      ItemType: 'pit_Item',
      ChildNum: index,
      VisualOrder: index,
    })),
  };
}
