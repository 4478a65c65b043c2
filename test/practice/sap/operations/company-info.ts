import type { Fields } from '../../kernel/json.ts';
import { textOf } from '../../kernel/json.ts';
import type { Company } from '../company/model.ts';

const yesNo = (value: boolean): string => (value ? 'tYES' : 'tNO');

/** What a company tells about its own switches. EnableApprovalProcedureInDI is on where the practice asks for approvals. */
export function adminInfo(company: Company): Fields {
  const { settings } = company;
  return {
    Code: 1,
    CompanyName: settings.companyName,
    Address: 'Speicherstraße 12, 20457 Hamburg',
    Country: 'DE',
    eMail: 'verwaltung@nordlicht-buero.example',
    LocalCurrency: settings.localCurrency,
    SystemCurrency: settings.localCurrency,
    FederalTaxID: 'DE811907980',
    CreditRestriction: yesNo(settings.creditRestriction),
    CommitmentRestriction: yesNo(settings.commitmentRestriction),
    RestrictSales: yesNo(settings.creditRestriction),
    RestrictDelNotesPO: 'tNO',
    RestrictOrders: 'tNO',
    ConsiderDelNotesinSalesR: 'tYES',
    BlockStockNegativeQuantity: yesNo(settings.blocksNegativeStock),
    EnableApprovalProcedureInDI: 'tYES',
    EnableBranches: yesNo(settings.branches),
    TotalsAccuracy: 2,
    PriceAccuracy: 6,
    AccuracyofQuantities: 6,
    RateAccuracy: 6,
    PercentageAccuracy: 6,
    MeasuringAccuracy: 6,
    DecimalSeparator: ',',
    ThousandsSeparator: '.',
    DateSeparator: '.',
    DefaultWarehouse: textOf(company.table('Warehouses').all()[0] ?? {}, 'WarehouseCode'),
    SalesOrderConfirmed: 'tYES',
    DocConfirmation: 'tNO',
    DefaultCustomerPriceList: 1,
    UseDefaultPriceList: 'tNO',
    TaxRateDetermination: 'trd_PostingDate',
    QueryAccuracy: 6,
    DisplayInactivePriceListInDocuments: 'tYES',
    AutoAssignOnlyValidARBA: 'tYES',
    EnableSeparatePriceMode: 'tNO',
    DirectIndirectRate: 'tYES',
    RoundingMethod: 'tYES',
    UseNegativeAmounts: 'tNO',
    ...settings.adminInfo,
  };
}

export function companyInfo(company: Company): Fields {
  return {
    Version: 1000330,
    CompanyName: company.settings.companyName,
    EnableTransactionNotification: 'tYES',
    BlockStockNegativeQuantity: yesNo(company.settings.blocksNegativeStock),
    LanguageCode: 'ln_German',
    Localization: 'DE',
  };
}
