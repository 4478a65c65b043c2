import { z } from 'zod';
import type { ErpItemDetails, ErpKit, ErpStockLevel } from '../../app/ports/erp-master-data.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { unitFactor } from './item.ts';
import type { ShapeOf } from './reference-rows.ts';
import { amount, filled, isActiveOn, isYes, OptionalNumber, OptionalText, Validity, YesNo } from './values.ts';

const Price = z.object({
  PriceList: z.number().int(),
  Price: OptionalNumber,
  Currency: OptionalText,
} satisfies ShapeOf<'ItemPrice'>);

const Stock = z.object({
  WarehouseCode: z.string(),
  InStock: OptionalNumber,
  Committed: OptionalNumber,
  Ordered: OptionalNumber,
  MinimalStock: OptionalNumber,
  Locked: YesNo,
} satisfies ShapeOf<'ItemWarehouseInfo'>);

export const ItemDetailsRow = z.object({
  ...Validity.shape,
  ItemCode: z.string().min(1),
  ItemName: OptionalText,
  ForeignName: OptionalText,
  ItemsGroupCode: OptionalNumber,
  SalesItem: YesNo,
  PurchaseItem: YesNo,
  InventoryItem: YesNo,
  TreeType: OptionalText,
  InventoryUOM: OptionalText,
  SalesUnit: OptionalText,
  SalesItemsPerUnit: OptionalNumber,
  DefaultSalesUoMEntry: OptionalNumber,
  PurchaseUnit: OptionalText,
  PurchaseItemsPerUnit: OptionalNumber,
  DefaultPurchasingUoMEntry: OptionalNumber,
  UoMGroupEntry: OptionalNumber,
  SalesVATGroup: OptionalText,
  DefaultWarehouse: OptionalText,
  BarCode: OptionalText,
  ManageBatchNumbers: YesNo,
  ManageSerialNumbers: YesNo,
  ItemPrices: z.array(Price).nullish(),
  ItemWarehouseInfoCollection: z.array(Stock).nullish(),
} satisfies ShapeOf<'Item'>);

/** @param today in the company's own zone: what is deactivated for a while depends on it */
export function toItemDetails(row: z.infer<typeof ItemDetailsRow>, today: LocalDate): ErpItemDetails {
  return {
    itemCode: row.ItemCode,
    name: filled(row.ItemName) ?? row.ItemCode,
    foreignName: filled(row.ForeignName),
    group: row.ItemsGroupCode ?? null,
    active: isActiveOn(row, today),
    sales: isYes(row.SalesItem),
    purchase: isYes(row.PurchaseItem),
    // What SAP does not call otherwise is taken to be able to run out.
    stocked: row.InventoryItem !== 'tNO',
    tree: treeOf(row.TreeType),
    stockUnit: filled(row.InventoryUOM),
    salesUnit: unitOf(row.SalesUnit, row.DefaultSalesUoMEntry, row.SalesItemsPerUnit),
    purchaseUnit: unitOf(row.PurchaseUnit, row.DefaultPurchasingUoMEntry, row.PurchaseItemsPerUnit),
    unitGroup: row.UoMGroupEntry ?? null,
    salesTaxGroup: filled(row.SalesVATGroup),
    defaultWarehouse: filled(row.DefaultWarehouse),
    barCode: filled(row.BarCode),
    batches: isYes(row.ManageBatchNumbers),
    serialNumbers: isYes(row.ManageSerialNumbers),
    prices: (row.ItemPrices ?? []).flatMap(({ PriceList, Price, Currency }) => {
      const currency = filled(Currency);
      return currency === null ? [] : [{ priceList: PriceList, price: amount(Price), currency }];
    }),
    stock: (row.ItemWarehouseInfoCollection ?? []).map(toStockLevel),
  };
}

function toStockLevel(row: z.infer<typeof Stock>): ErpStockLevel {
  return {
    warehouse: row.WarehouseCode,
    onHand: amount(row.InStock),
    committed: amount(row.Committed),
    ordered: amount(row.Ordered),
    minimum: amount(row.MinimalStock),
    locked: isYes(row.Locked),
  };
}

function unitOf(
  name: string | null | undefined,
  entry: number | null | undefined,
  perUnit: number | null | undefined,
): ErpItemDetails['salesUnit'] {
  return { name: filled(name), entry: unitEntry(entry), inStockUnits: unitFactor(perUnit) };
}

/** -1 and 0 stand for a unit written by hand. */
export function unitEntry(entry: number | null | undefined): number | null {
  return entry !== null && entry !== undefined && entry > 0 ? entry : null;
}

const TREES: Readonly<Record<string, ErpItemDetails['tree']>> = {
  iAssemblyTree: 'assembly',
  iSalesTree: 'sales_kit',
  iProductionTree: 'production',
  iTemplateTree: 'template',
};

function treeOf(value: string | null | undefined): ErpItemDetails['tree'] {
  return (value ? TREES[value] : undefined) ?? 'none';
}

const Component = z.object({
  ItemCode: OptionalText,
  Quantity: OptionalNumber,
  Warehouse: OptionalText,
} satisfies ShapeOf<'ProductTreeLine'>);

export const KitRow = z.object({
  TreeCode: z.string().min(1),
  TreeType: OptionalText,
  Quantity: OptionalNumber,
  ProductTreeLines: z.array(Component).nullish(),
} satisfies ShapeOf<'ProductTree'>);

/** Lines without an item are texts and resources: nothing that could run out. */
export function toKit(row: z.infer<typeof KitRow>): ErpKit {
  return {
    itemCode: row.TreeCode,
    kind: treeOf(row.TreeType),
    makes: unitFactor(row.Quantity),
    components: (row.ProductTreeLines ?? []).flatMap(({ ItemCode, Quantity, Warehouse }) => {
      const itemCode = filled(ItemCode);
      return itemCode === null ? [] : [{ itemCode, quantity: amount(Quantity), warehouse: filled(Warehouse) }];
    }),
  };
}
