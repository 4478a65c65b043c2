import { z } from 'zod';
import type { ListFacts, UnitAsked } from '../../domain/price-facts.ts';
import { inStockUnits, takeOff } from '../../domain/price-rule.ts';
import { SAP_NAMES } from '../names.generated.ts';
import type { FieldOfType } from '../odata.ts';
import { unitEntry } from './item-details.ts';
import type { ItemMarks } from './price-rows.ts';
import type { ShapeOf } from './reference-rows.ts';
import { amount, filled, isYes, OptionalNumber, OptionalText, YesNo } from './values.ts';

const UnitPrice = z.object({
  UoMEntry: OptionalNumber,
  ReduceBy: OptionalNumber,
  Price: OptionalNumber,
  Currency: OptionalText,
  Auto: YesNo,
} satisfies ShapeOf<'UoMPrice'>);

const ListPrice = z.object({
  PriceList: z.number().int(),
  Price: OptionalNumber,
  Currency: OptionalText,
  UoMPrices: z.array(UnitPrice).nullish(),
} satisfies ShapeOf<'ItemPrice'>);

const PriceItem = z.object({
  ItemCode: z.string().min(1),
  ItemsGroupCode: OptionalNumber,
  Manufacturer: OptionalNumber,
  NoDiscounts: YesNo,
  UoMGroupEntry: OptionalNumber,
  DefaultSalesUoMEntry: OptionalNumber,
  InventoryUoMEntry: OptionalNumber,
  PricingUnit: OptionalNumber,
  ItemPrices: z.array(ListPrice).nullish(),
} satisfies ShapeOf<'Item'>);

const isProperty = (name: string): name is FieldOfType<'Item'> & `Properties${number}` => /^Properties\d+$/.test(name);
const PROPERTIES = Object.keys(SAP_NAMES.types.Item).filter(isProperty);

/** What of an item decides its prices. */
export const PriceItemRow = z.intersection(PriceItem, z.record(z.string(), z.unknown()));
export type PriceItemRow = z.infer<typeof PriceItemRow>;
export const PRICE_ITEM_FIELDS: readonly FieldOfType<'Item'>[] = [...PriceItem.keyof().options, ...PROPERTIES];

export function marksOf(row: PriceItemRow): ItemMarks {
  const on = PROPERTIES.filter((name) => row[name] === 'tYES' || row[name] === 'Y');
  return {
    itemCode: row.ItemCode,
    group: row.ItemsGroupCode ?? null,
    manufacturer: row.Manufacturer ?? null,
    properties: new Set(on.map((name) => Number(name.replace('Properties', '')))),
  };
}

/** The item's own sales unit where none was asked for. */
export const unitOf = (row: PriceItemRow, asked: number | null): number | null =>
  asked ?? unitEntry(row.DefaultSalesUoMEntry);

/** Undefined where the item's group of units has to tell. */
export function ownUnit(row: PriceItemRow, entry: number | null): UnitAsked | undefined {
  if (hasUnitGroup(row) && entry !== null && entry !== unitEntry(row.InventoryUoMEntry)) return undefined;
  return { entry: hasUnitGroup(row) ? entry : null, base: '1', alternate: '1' };
}

export const hasUnitGroup = (row: PriceItemRow): boolean => unitEntry(row.UoMGroupEntry) !== null;
export const noDiscountGroups = (row: PriceItemRow): boolean => isYes(row.NoDiscounts);

/**
 * The item's price in a list for one of the unit asked for: the list's own for that unit where it has one, else the price
 * of a stock unit times the factor. Where units are written by hand, a price counts for the sales unit as it is.
 */
export function listFacts(row: PriceItemRow, list: number, unit: UnitAsked): ListFacts {
  const found = (row.ItemPrices ?? []).find((price) => price.PriceList === list);
  const currency = filled(found?.Currency);
  if (!found || currency === null) return { number: list, price: null };
  const ownPrice = (found.UoMPrices ?? []).find(({ UoMEntry }) => unit.entry !== null && UoMEntry === unit.entry);
  if (ownPrice?.Price && !isYes(ownPrice.Auto)) {
    return { number: list, price: { amount: amount(ownPrice.Price), currency: filled(ownPrice.Currency) ?? currency } };
  }
  const less = takeOff(perUnit(row, amount(found.Price), unit), amount(ownPrice?.ReduceBy));
  return { number: list, price: { amount: less, currency } };
}

function perUnit(row: PriceItemRow, price: string, unit: UnitAsked): string {
  const pricedIn = unitEntry(row.PricingUnit) ?? unitEntry(row.InventoryUoMEntry);
  return unit.entry === null || unit.entry === pricedIn ? price : inStockUnits(price, unit);
}
