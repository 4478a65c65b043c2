import { z } from 'zod';
import type { ErpCompanyRules } from '../../app/ports/erp-reference-data.ts';
import type { ShapeOf } from './reference-rows.ts';
import { filled, isYes, OptionalNumber, OptionalText, YesNo } from './values.ts';

export const AdminInfoRow = z.object({
  CompanyName: OptionalText,
  Country: OptionalText,
  LocalCurrency: OptionalText,
  SystemCurrency: OptionalText,
  TotalsAccuracy: OptionalNumber,
  PriceAccuracy: OptionalNumber,
  RateAccuracy: OptionalNumber,
  AccuracyofQuantities: OptionalNumber,
  PercentageAccuracy: OptionalNumber,
  CreditRestriction: YesNo,
  CommitmentRestriction: YesNo,
  RestrictOrders: YesNo,
  ConsiderDelNotesinSalesR: YesNo,
  BlockStockNegativeQuantity: YesNo,
  EnableApprovalProcedureInDI: YesNo,
  EnableBranches: YesNo,
  DefaultCustomerPriceList: OptionalNumber,
  DefaultWarehouse: OptionalText,
} satisfies ShapeOf<'AdminInfo'>);

/** @param localCurrency of the connection, for servers that leave it out */
export function toCompanyRules(row: z.infer<typeof AdminInfoRow>, localCurrency: string): ErpCompanyRules {
  return {
    companyName: filled(row.CompanyName) ?? '',
    country: filled(row.Country),
    localCurrency: filled(row.LocalCurrency) ?? localCurrency,
    systemCurrency: filled(row.SystemCurrency),
    decimals: {
      totals: row.TotalsAccuracy ?? 2,
      prices: row.PriceAccuracy ?? 6,
      rates: row.RateAccuracy ?? 6,
      quantities: row.AccuracyofQuantities ?? 6,
      percentages: row.PercentageAccuracy ?? 6,
    },
    credit: {
      checksLimit: isYes(row.CreditRestriction),
      checksCommitment: isYes(row.CommitmentRestriction),
      countsDeliveries: isYes(row.ConsiderDelNotesinSalesR),
      countsOrders: isYes(row.RestrictOrders),
    },
    blocksNegativeStock: isYes(row.BlockStockNegativeQuantity),
    approvalsForInterfaces: isYes(row.EnableApprovalProcedureInDI),
    branches: isYes(row.EnableBranches),
    defaultPriceList: row.DefaultCustomerPriceList ?? null,
    defaultWarehouse: filled(row.DefaultWarehouse),
  };
}
