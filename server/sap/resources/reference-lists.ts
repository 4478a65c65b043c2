import type { z } from 'zod';
import type { ErpSalesPerson } from '../../app/ports/erp-reference-data.ts';
import {
  BranchRow,
  DimensionRow,
  DistributionRuleRow,
  PartnerGroupRow,
  PaymentTermsRow,
  ProfitCenterRow,
  SalesPersonRow,
  toBranch,
  toDimension,
  toDistributionRule,
  toPartnerGroup,
  toPaymentTerms,
  toProfitCenter,
  toSalesPerson,
  toWarehouse,
  WarehouseRow,
} from '../mappers/reference-rows.ts';
import {
  CurrencyRow,
  SalesTaxCodeRow,
  TaxGroupRow,
  toCurrency,
  toSalesTaxCode,
  toTaxGroup,
} from '../mappers/tax-rows.ts';
import { toUnit, toUnitGroup, UnitGroupRow, UnitRow } from '../mappers/unit-rows.ts';
import { compare, integer, text } from '../odata.ts';
import type { WholeList } from './whole-list.ts';

export const PARTNER_GROUPS: WholeList<
  'BusinessPartnerGroups',
  z.infer<typeof PartnerGroupRow>,
  ReturnType<typeof toPartnerGroup>
> = {
  set: 'BusinessPartnerGroups',
  select: PartnerGroupRow.keyof().options,
  key: 'Code',
  row: PartnerGroupRow,
  map: toPartnerGroup,
  behind: (row) => compare('Code', 'gt', integer(row.Code)),
};
export const WAREHOUSES: WholeList<'Warehouses', z.infer<typeof WarehouseRow>, ReturnType<typeof toWarehouse>> = {
  set: 'Warehouses',
  select: WarehouseRow.keyof().options,
  key: 'WarehouseCode',
  row: WarehouseRow,
  map: toWarehouse,
  behind: (row) => compare('WarehouseCode', 'gt', text(row.WarehouseCode)),
};
export const DIMENSIONS: WholeList<'Dimensions', z.infer<typeof DimensionRow>, ReturnType<typeof toDimension>> = {
  set: 'Dimensions',
  select: DimensionRow.keyof().options,
  key: 'DimensionCode',
  row: DimensionRow,
  map: toDimension,
  behind: (row) => compare('DimensionCode', 'gt', integer(row.DimensionCode)),
};
export const PROFIT_CENTERS: WholeList<
  'ProfitCenters',
  z.infer<typeof ProfitCenterRow>,
  ReturnType<typeof toProfitCenter>
> = {
  set: 'ProfitCenters',
  select: ProfitCenterRow.keyof().options,
  key: 'CenterCode',
  row: ProfitCenterRow,
  map: toProfitCenter,
  behind: (row) => compare('CenterCode', 'gt', text(row.CenterCode)),
};
export const DISTRIBUTION_RULES: WholeList<
  'DistributionRules',
  z.infer<typeof DistributionRuleRow>,
  ReturnType<typeof toDistributionRule>
> = {
  set: 'DistributionRules',
  select: DistributionRuleRow.keyof().options,
  key: 'FactorCode',
  row: DistributionRuleRow,
  map: toDistributionRule,
  behind: (row) => compare('FactorCode', 'gt', text(row.FactorCode)),
};
export const SALES_PERSONS: WholeList<'SalesPersons', z.infer<typeof SalesPersonRow>, ErpSalesPerson> = {
  set: 'SalesPersons',
  select: SalesPersonRow.keyof().options,
  key: 'SalesEmployeeCode',
  row: SalesPersonRow,
  map: toSalesPerson,
  behind: (row) => compare('SalesEmployeeCode', 'gt', integer(row.SalesEmployeeCode)),
};
export const PAYMENT_TERMS: WholeList<
  'PaymentTermsTypes',
  z.infer<typeof PaymentTermsRow>,
  ReturnType<typeof toPaymentTerms>
> = {
  set: 'PaymentTermsTypes',
  select: PaymentTermsRow.keyof().options,
  key: 'GroupNumber',
  row: PaymentTermsRow,
  map: toPaymentTerms,
  behind: (row) => compare('GroupNumber', 'gt', integer(row.GroupNumber)),
};
export const BRANCHES: WholeList<'BusinessPlaces', z.infer<typeof BranchRow>, ReturnType<typeof toBranch>> = {
  set: 'BusinessPlaces',
  select: BranchRow.keyof().options,
  key: 'BPLID',
  row: BranchRow,
  map: toBranch,
  behind: (row) => compare('BPLID', 'gt', integer(row.BPLID)),
};
export const TAX_GROUPS: WholeList<'VatGroups', z.infer<typeof TaxGroupRow>, ReturnType<typeof toTaxGroup>> = {
  set: 'VatGroups',
  select: TaxGroupRow.keyof().options,
  key: 'Code',
  row: TaxGroupRow,
  map: toTaxGroup,
  behind: (row) => compare('Code', 'gt', text(row.Code)),
};
export const SALES_TAX_CODES: WholeList<
  'SalesTaxCodes',
  z.infer<typeof SalesTaxCodeRow>,
  ReturnType<typeof toSalesTaxCode>
> = {
  set: 'SalesTaxCodes',
  select: SalesTaxCodeRow.keyof().options,
  key: 'Code',
  row: SalesTaxCodeRow,
  map: toSalesTaxCode,
  behind: (row) => compare('Code', 'gt', text(row.Code)),
};
export const CURRENCIES: WholeList<'Currencies', z.infer<typeof CurrencyRow>, ReturnType<typeof toCurrency>> = {
  set: 'Currencies',
  select: CurrencyRow.keyof().options,
  key: 'Code',
  row: CurrencyRow,
  map: toCurrency,
  behind: (row) => compare('Code', 'gt', text(row.Code)),
};
export const UNITS: WholeList<'UnitOfMeasurements', z.infer<typeof UnitRow>, ReturnType<typeof toUnit>> = {
  set: 'UnitOfMeasurements',
  select: UnitRow.keyof().options,
  key: 'AbsEntry',
  row: UnitRow,
  map: toUnit,
  behind: (row) => compare('AbsEntry', 'gt', integer(row.AbsEntry)),
};
export const UNIT_GROUPS: WholeList<
  'UnitOfMeasurementGroups',
  z.infer<typeof UnitGroupRow>,
  ReturnType<typeof toUnitGroup>
> = {
  set: 'UnitOfMeasurementGroups',
  select: UnitGroupRow.keyof().options,
  key: 'AbsEntry',
  row: UnitGroupRow,
  map: toUnitGroup,
  behind: (row) => compare('AbsEntry', 'gt', integer(row.AbsEntry)),
};
