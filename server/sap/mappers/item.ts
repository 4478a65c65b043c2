import { z } from 'zod';
import type { ErpItem, ErpStock } from '../../app/ports/erp.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import type { FieldOfType } from '../odata.ts';
import { amount, filled, isActiveOn, isYes, OptionalNumber, OptionalText, stamp, Validity, YesNo } from './values.ts';

const Price = z.object({
  PriceList: z.number().int(),
  Price: OptionalNumber,
  Currency: OptionalText,
} satisfies Partial<Record<FieldOfType<'ItemPrice'>, z.ZodType>>);

const WarehouseInfo = z.object({
  WarehouseCode: z.string(),
  InStock: OptionalNumber,
  Committed: OptionalNumber,
  Ordered: OptionalNumber,
} satisfies Partial<Record<FieldOfType<'ItemWarehouseInfo'>, z.ZodType>>);

const itemShape = {
  ...Validity.shape,
  ItemCode: z.string().min(1),
  ItemName: OptionalText,
  SalesUnit: OptionalText,
  SalesItem: YesNo,
  ItemPrices: z.array(Price).nullish(),
  UpdateDate: OptionalText,
  UpdateTime: OptionalText,
  CreateDate: OptionalText,
  CreateTime: OptionalText,
} satisfies Partial<Record<FieldOfType<'Item'>, z.ZodType>>;

export const ItemRow = z.object(itemShape);
export type ItemRow = z.infer<typeof ItemRow>;
export const ITEM_FIELDS: readonly FieldOfType<'Item'>[] = ItemRow.keyof().options;

const stockShape = {
  ...Validity.shape,
  ItemCode: z.string().min(1),
  ItemName: OptionalText,
  InventoryItem: YesNo,
  ItemWarehouseInfoCollection: z.array(WarehouseInfo).nullish(),
} satisfies Partial<Record<FieldOfType<'Item'>, z.ZodType>>;

export const StockRow = z.object(stockShape);
export type StockRow = z.infer<typeof StockRow>;
export const STOCK_FIELDS: readonly FieldOfType<'Item'>[] = StockRow.keyof().options;

export function toItem(row: ItemRow, today: LocalDate): ErpItem {
  return {
    itemCode: row.ItemCode,
    name: filled(row.ItemName) ?? row.ItemCode,
    unit: filled(row.SalesUnit),
    sales: isYes(row.SalesItem),
    active: isActiveOn(row, today),
    // A list without a currency for the item has no price for it.
    prices: (row.ItemPrices ?? []).flatMap(({ PriceList, Price, Currency }) => {
      const currency = filled(Currency);
      return currency === null ? [] : [{ priceList: PriceList, price: amount(Price), currency }];
    }),
    updated: stamp(row.UpdateDate, row.UpdateTime) ?? stamp(row.CreateDate, row.CreateTime),
  };
}

export function toStock(row: StockRow, today: LocalDate, warehouseNames: ReadonlyMap<string, string>): ErpStock {
  return {
    itemCode: row.ItemCode,
    name: filled(row.ItemName) ?? row.ItemCode,
    active: isActiveOn(row, today),
    // What SAP does not call otherwise is taken to be able to run out.
    stocked: row.InventoryItem !== 'tNO',
    warehouses: (row.ItemWarehouseInfoCollection ?? []).map((entry) => ({
      code: entry.WarehouseCode,
      name: warehouseNames.get(entry.WarehouseCode) ?? entry.WarehouseCode,
      onHand: amount(entry.InStock),
      committed: amount(entry.Committed),
      ordered: amount(entry.Ordered),
    })),
  };
}
