import { z } from 'zod';
import type { ErpItem, ErpStock } from '../../app/ports/erp.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { compare, type Decimal } from '../../kernel/money.ts';
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
  Locked: YesNo,
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
  TreeType: OptionalText,
  SalesItemsPerUnit: OptionalNumber,
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

/** Sold as one, kept as its parts: it has no stock of its own. */
export const isSalesKit = ({ TreeType }: Pick<StockRow, 'TreeType'>): boolean =>
  TreeType === 'iSalesTree' || TreeType === 'S';

/** SAP leaves 0 or nothing where a unit is one stock unit. */
export function unitFactor(perUnit: number | null | undefined): Decimal {
  const factor = amount(perUnit);
  return compare(factor, '0') > 0 ? factor : '1';
}

/** @param closed warehouses that nothing is sold from; neither is anything where the item itself is locked */
export function toStock(
  row: StockRow,
  today: LocalDate,
  warehouseNames: ReadonlyMap<string, string>,
  closed: ReadonlySet<string> = new Set(),
): ErpStock {
  const open = (row.ItemWarehouseInfoCollection ?? []).filter(
    ({ WarehouseCode, Locked }) => !closed.has(WarehouseCode) && !isYes(Locked),
  );
  return {
    itemCode: row.ItemCode,
    name: filled(row.ItemName) ?? row.ItemCode,
    active: isActiveOn(row, today),
    // What SAP does not call otherwise is taken to be able to run out.
    stocked: row.InventoryItem !== 'tNO',
    stockUnitsPerSalesUnit: unitFactor(row.SalesItemsPerUnit),
    warehouses: open.map((entry) => ({
      code: entry.WarehouseCode,
      name: warehouseNames.get(entry.WarehouseCode) ?? entry.WarehouseCode,
      onHand: amount(entry.InStock),
      committed: amount(entry.Committed),
      ordered: amount(entry.Ordered),
    })),
  };
}
