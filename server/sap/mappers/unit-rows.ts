import { z } from 'zod';
import type { ErpUnit, ErpUnitGroup } from '../../app/ports/erp-reference-data.ts';
import { isOnUnlessSaid, type ShapeOf } from './reference-rows.ts';
import { amount, filled, OptionalNumber, OptionalText, YesNo } from './values.ts';

const Int = z.number().int();

export const UnitRow = z.object({
  AbsEntry: Int,
  Code: OptionalText,
  Name: OptionalText,
} satisfies ShapeOf<'UnitOfMeasurement'>);

export function toUnit(row: z.infer<typeof UnitRow>): ErpUnit {
  const code = filled(row.Code) ?? String(row.AbsEntry);
  return { entry: row.AbsEntry, code, name: filled(row.Name) ?? code };
}

const Definition = z.object({
  AlternateUoM: OptionalNumber,
  AlternateQuantity: OptionalNumber,
  BaseQuantity: OptionalNumber,
  Active: YesNo,
} satisfies ShapeOf<'UoMGroupDefinition'>);

export const UnitGroupRow = z.object({
  AbsEntry: Int,
  Code: OptionalText,
  Name: OptionalText,
  BaseUoM: OptionalNumber,
  UoMGroupDefinitionCollection: z.array(Definition).nullish(),
} satisfies ShapeOf<'UnitOfMeasurementGroup'>);

export function toUnitGroup(row: z.infer<typeof UnitGroupRow>): ErpUnitGroup {
  const code = filled(row.Code) ?? String(row.AbsEntry);
  return {
    entry: row.AbsEntry,
    code,
    name: filled(row.Name) ?? code,
    baseUnit: row.BaseUoM ?? -1,
    units: (row.UoMGroupDefinitionCollection ?? []).flatMap((unit) => {
      if (unit.AlternateUoM === null || unit.AlternateUoM === undefined) return [];
      return [
        {
          unit: unit.AlternateUoM,
          alternateQuantity: amount(unit.AlternateQuantity ?? 1),
          baseQuantity: amount(unit.BaseQuantity ?? 1),
          active: isOnUnlessSaid(unit.Active),
        },
      ];
    }),
  };
}
