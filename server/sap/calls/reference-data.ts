import type { ErpReferenceData } from '../../app/ports/erp-reference-data.ts';
import type { On } from '../on.ts';
import { getCompanyRules, getDefaultSeries, getExchangeRate, listSeries } from '../resources/company-rules.ts';
import { listItemGroups } from '../resources/item-details.ts';
import {
  BRANCHES,
  CURRENCIES,
  DIMENSIONS,
  DISTRIBUTION_RULES,
  PAYMENT_TERMS,
  PROFIT_CENTERS,
  SALES_PERSONS,
  SALES_TAX_CODES,
  TAX_GROUPS,
  UNIT_GROUPS,
  UNITS,
  WAREHOUSES,
} from '../resources/reference-lists.ts';
import { readWhole, readWholeIfKnown } from '../resources/whole-list.ts';

export function referenceDataCalls(on: On): ErpReferenceData {
  return {
    getCompanyRules: on(getCompanyRules),
    listItemGroups: on(listItemGroups),
    listUnits: on((company) => readWhole(company, UNITS)),
    listUnitGroups: on((company) => readWhole(company, UNIT_GROUPS)),
    listWarehouses: on((company) => readWhole(company, WAREHOUSES)),
    listDimensions: on((company) => readWhole(company, DIMENSIONS)),
    listProfitCenters: on((company) => readWhole(company, PROFIT_CENTERS)),
    listDistributionRules: on((company) => readWhole(company, DISTRIBUTION_RULES)),
    listSalesPersons: on((company) => readWhole(company, SALES_PERSONS)),
    listPaymentTerms: on((company) => readWhole(company, PAYMENT_TERMS)),
    listTaxGroups: on((company) => readWholeIfKnown(company, TAX_GROUPS)),
    listSalesTaxCodes: on((company) => readWholeIfKnown(company, SALES_TAX_CODES)),
    listCurrencies: on((company) => readWhole(company, CURRENCIES)),
    getExchangeRate: on(getExchangeRate),
    listSeries: on(listSeries),
    getDefaultSeries: on(getDefaultSeries),
    listBranches: on((company) => readWholeIfKnown(company, BRANCHES)),
  };
}
