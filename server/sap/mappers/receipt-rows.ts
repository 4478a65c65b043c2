import { z } from 'zod';
import type { ErpReceipt } from '../../app/ports/erp-master-data.ts';
import { compare, multiply } from '../../kernel/money.ts';
import { unitFactor } from './item.ts';
import type { ShapeOf } from './reference-rows.ts';
import { amount, day, filled, isYes, Key, OptionalNumber, OptionalText, YesNo } from './values.ts';

const Line = z.object({
  ItemCode: OptionalText,
  WarehouseCode: OptionalText,
  ShipDate: OptionalText,
  LineStatus: OptionalText,
  RemainingOpenQuantity: OptionalNumber,
  RemainingOpenInventoryQuantity: OptionalNumber,
  UnitsOfMeasurment: OptionalNumber,
} satisfies ShapeOf<'DocumentLine'>);

export const PurchaseOrderRow = z.object({
  DocEntry: Key,
  DocNum: Key,
  DocDueDate: OptionalText,
  Cancelled: YesNo,
  DocumentLines: z.array(Line).nullish(),
} satisfies ShapeOf<'Document'>);
export type PurchaseOrderRow = z.infer<typeof PurchaseOrderRow>;

/** What of this purchase order is still to come, by item. */
export function toReceipts(order: PurchaseOrderRow): readonly (readonly [string, ErpReceipt])[] {
  if (isYes(order.Cancelled)) return [];
  return (order.DocumentLines ?? []).flatMap((line): (readonly [string, ErpReceipt])[] => {
    const itemCode = filled(line.ItemCode);
    const date = day(line.ShipDate) ?? day(order.DocDueDate);
    const quantity = openInStockUnits(line);
    const closed = line.LineStatus === 'bost_Close' || line.LineStatus === 'C';
    if (itemCode === null || date === null || closed || compare(quantity, '0') <= 0) return [];
    return [[itemCode, { warehouse: line.WarehouseCode ?? '', date, quantity, purchaseOrder: order.DocNum }]];
  });
}

function openInStockUnits(line: z.infer<typeof Line>): string {
  const stated = line.RemainingOpenInventoryQuantity;
  if (stated !== null && stated !== undefined) return amount(stated);
  return multiply(amount(line.RemainingOpenQuantity), unitFactor(line.UnitsOfMeasurment));
}
