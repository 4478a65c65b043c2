import { z } from 'zod';
import type { ErpPartnerGroup } from '../../app/ports/erp-master-data.ts';
import type {
  ErpBranch,
  ErpDimension,
  ErpDistributionRule,
  ErpPaymentTerms,
  ErpProfitCenter,
  ErpSalesPerson,
  ErpWarehouse,
} from '../../app/ports/erp-reference-data.ts';
import type { FieldOfType, TypeName } from '../odata.ts';
import { amount, day, filled, isYes, OptionalNumber, OptionalText, YesNo } from './values.ts';

/** Rows whose names are all in the official description. */
export type ShapeOf<T extends TypeName> = Partial<Record<FieldOfType<T>, z.ZodType>>;
const Code = z.string().min(1);
const Int = z.number().int();

/** A switch that some servers leave out where it is on. */
export function isOnUnlessSaid(value: string | null | undefined): boolean {
  return value === undefined || value === null || isYes(value);
}

export const PartnerGroupRow = z.object({
  Code: Int,
  Name: OptionalText,
  Type: OptionalText,
} satisfies ShapeOf<'BusinessPartnerGroup'>);

export function toPartnerGroup(row: z.infer<typeof PartnerGroupRow>): ErpPartnerGroup {
  const vendors = row.Type === 'bbpgt_VendorGroup' || row.Type === 'S';
  return { code: row.Code, name: filled(row.Name) ?? String(row.Code), kind: vendors ? 'vendors' : 'customers' };
}

export const WarehouseRow = z.object({
  WarehouseCode: Code,
  WarehouseName: OptionalText,
  Inactive: YesNo,
  DropShip: YesNo,
  BusinessPlaceID: OptionalNumber,
  EnableBinLocations: YesNo,
} satisfies ShapeOf<'Warehouse'>);

export function toWarehouse(row: z.infer<typeof WarehouseRow>): ErpWarehouse {
  return {
    code: row.WarehouseCode,
    name: filled(row.WarehouseName) ?? row.WarehouseCode,
    active: !isYes(row.Inactive),
    dropShip: isYes(row.DropShip),
    branch: row.BusinessPlaceID ?? null,
    bins: isYes(row.EnableBinLocations),
  };
}

export const DimensionRow = z.object({
  DimensionCode: Int,
  DimensionName: OptionalText,
  DimensionDescription: OptionalText,
  IsActive: YesNo,
} satisfies ShapeOf<'Dimension'>);

/** The description is what people call it; the name is SAP's own, e.g. `Dimension 1`. */
export function toDimension(row: z.infer<typeof DimensionRow>): ErpDimension {
  const name = filled(row.DimensionDescription) ?? filled(row.DimensionName) ?? String(row.DimensionCode);
  return { number: row.DimensionCode, name, active: isOnUnlessSaid(row.IsActive) };
}

export const ProfitCenterRow = z.object({
  CenterCode: Code,
  CenterName: OptionalText,
  InWhichDimension: OptionalNumber,
  EffectiveFrom: OptionalText,
  EffectiveTo: OptionalText,
  Active: YesNo,
} satisfies ShapeOf<'ProfitCenter'>);

export function toProfitCenter(row: z.infer<typeof ProfitCenterRow>): ErpProfitCenter {
  return {
    code: row.CenterCode,
    name: filled(row.CenterName) ?? row.CenterCode,
    dimension: row.InWhichDimension ?? 1,
    from: day(row.EffectiveFrom),
    to: day(row.EffectiveTo),
    active: isOnUnlessSaid(row.Active),
  };
}

const RuleLine = z.object({
  CenterCode: OptionalText,
  TotalInCenter: OptionalNumber,
} satisfies ShapeOf<'DistributionRuleLine'>);

export const DistributionRuleRow = z.object({
  FactorCode: Code,
  FactorDescription: OptionalText,
  InWhichDimension: OptionalNumber,
  Direct: YesNo,
  Active: YesNo,
  TotalFactor: OptionalNumber,
  DistributionRuleLines: z.array(RuleLine).nullish(),
} satisfies ShapeOf<'DistributionRule'>);

export function toDistributionRule(row: z.infer<typeof DistributionRuleRow>): ErpDistributionRule {
  return {
    code: row.FactorCode,
    name: filled(row.FactorDescription) ?? row.FactorCode,
    dimension: row.InWhichDimension ?? 1,
    direct: isYes(row.Direct),
    active: isOnUnlessSaid(row.Active),
    total: amount(row.TotalFactor),
    centers: (row.DistributionRuleLines ?? []).flatMap(({ CenterCode, TotalInCenter }) => {
      const code = filled(CenterCode);
      return code === null ? [] : [{ code, share: amount(TotalInCenter) }];
    }),
  };
}

export const SalesPersonRow = z.object({
  SalesEmployeeCode: Int,
  SalesEmployeeName: OptionalText,
  Email: OptionalText,
  Active: YesNo,
} satisfies ShapeOf<'SalesPerson'>);

/** Undefined for -1, SAP's own "nobody". */
export function toSalesPerson(row: z.infer<typeof SalesPersonRow>): ErpSalesPerson | undefined {
  if (row.SalesEmployeeCode < 0) return undefined;
  return {
    code: row.SalesEmployeeCode,
    name: filled(row.SalesEmployeeName) ?? String(row.SalesEmployeeCode),
    email: filled(row.Email),
    active: isOnUnlessSaid(row.Active),
  };
}

export const PaymentTermsRow = z.object({
  GroupNumber: Int,
  PaymentTermsGroupName: OptionalText,
  StartFrom: OptionalText,
  NumberOfAdditionalMonths: OptionalNumber,
  NumberOfAdditionalDays: OptionalNumber,
  PriceListNo: OptionalNumber,
} satisfies ShapeOf<'PaymentTermsType'>);

export function toPaymentTerms(row: z.infer<typeof PaymentTermsRow>): ErpPaymentTerms {
  return {
    code: row.GroupNumber,
    name: filled(row.PaymentTermsGroupName) ?? String(row.GroupNumber),
    startFrom: startOf(row.StartFrom),
    months: row.NumberOfAdditionalMonths ?? 0,
    days: row.NumberOfAdditionalDays ?? 0,
    priceList: row.PriceListNo ?? null,
  };
}

/** Database values of `BoPayTermDueTypes` are accepted beside the names. */
function startOf(value: string | null | undefined): ErpPaymentTerms['startFrom'] {
  switch (value) {
    case 'pdt_MonthStart':
    case 'S':
      return 'month_start';
    case 'pdt_HalfMonth':
    case 'H':
      return 'half_month';
    case 'pdt_MonthEnd':
    case 'E':
      return 'month_end';
    default:
      return 'document_date';
  }
}

export const BranchRow = z.object({
  BPLID: Int,
  BPLName: OptionalText,
  MainBPL: YesNo,
  Disabled: YesNo,
  DefaultWarehouseID: OptionalText,
} satisfies ShapeOf<'BusinessPlace'>);

export function toBranch(row: z.infer<typeof BranchRow>): ErpBranch {
  return {
    id: row.BPLID,
    name: filled(row.BPLName) ?? String(row.BPLID),
    main: isYes(row.MainBPL),
    active: !isYes(row.Disabled),
    defaultWarehouse: filled(row.DefaultWarehouseID),
  };
}
