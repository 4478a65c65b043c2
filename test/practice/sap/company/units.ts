import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import { refused } from '../errors.ts';
import type { Company } from './model.ts';

/** A unit that an item may be sold in, and how many stock units one of it is: `base` pieces for `alternate` of it. */
export interface ItemUnit {
  /** -1: by hand, without a group. */
  readonly entry: number;
  readonly code: string;
  readonly base: number;
  readonly alternate: number;
}

/**
 * The unit asked for, or the item's usual sales unit where none is (0).
 * @throws SapError where the unit is not in the item's group.
 */
export function itemUnit(company: Company, item: Fields, asked: number, at: string): ItemUnit {
  const group = numberOf(item, 'UoMGroupEntry');
  if (group > 0 && asked === -1) return { entry: -1, code: 'Manuell', base: 1, alternate: 1 };
  if (group <= 0) {
    if (asked > 0) throw refused(`Unit of measurement does not belong to the item  ${at}`);
    return { entry: -1, code: 'Manuell', base: numberOf(item, 'SalesItemsPerUnit') || 1, alternate: 1 };
  }
  const entry = asked > 0 ? asked : numberOf(item, 'DefaultSalesUoMEntry') || numberOf(item, 'InventoryUoMEntry');
  const definition = definitions(company, group).find((row) => numberOf(row, 'AlternateUoM') === entry);
  if (definition === undefined) throw refused(`Unit of measurement does not belong to the item  ${at}`);
  return {
    entry,
    code: textOf(company.table('UnitOfMeasurements').get(String(entry)) ?? {}, 'Code'),
    base: numberOf(definition, 'BaseQuantity'),
    alternate: numberOf(definition, 'AlternateQuantity') || 1,
  };
}

function definitions(company: Company, group: number): readonly Fields[] {
  const row = company.table('UnitOfMeasurementGroups').get(String(group));
  return recordsOf(row ?? {}, 'UoMGroupDefinitionCollection').filter((entry) => textOf(entry, 'Active') !== 'tNO');
}

/** What the price of one stock unit is multiplied by. A manual unit's price is entered for that unit already. */
export function priceFactor(unit: ItemUnit): number {
  return unit.entry === -1 ? 1 : unit.base / unit.alternate;
}
