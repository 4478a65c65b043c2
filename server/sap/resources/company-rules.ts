import { z } from 'zod';
import type { ErpCompanyRules, ErpSeries } from '../../app/ports/erp-reference-data.ts';
import { RejectedError } from '../../kernel/errors.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { compare, type Decimal } from '../../kernel/money.ts';
import type { SapCompany } from '../company.ts';
import { readOne } from '../lists.ts';
import { AdminInfoRow, toCompanyRules } from '../mappers/company-rules.ts';
import { SeriesRow, toSeries } from '../mappers/series-rows.ts';
import { amount } from '../mappers/values.ts';
import type { FieldOfType } from '../odata.ts';
import { isUnknownResource } from './unknown-resource.ts';

/** A function of v2 that some servers answer to POST alone, as v1 does. */
export async function getCompanyRules(company: SapCompany): Promise<ErpCompanyRules> {
  const read = (method?: 'POST') =>
    company.read(
      (dialect) => ({ method: method ?? dialect.functionMethod, target: 'CompanyService_GetAdminInfo' }),
      (answer) => toCompanyRules(readOne(answer, AdminInfoRow), company.access.localCurrency),
    );
  try {
    return await read();
  } catch (error) {
    if (isUnknownResource(error)) return read('POST');
    throw error;
  }
}

/** A bare number (manual); wrapped by servers that follow OData to the letter. */
const Rate = z.union([z.number(), z.object({ value: z.number() }).transform(({ value }) => value)]);

/**
 * Called by POST with a body in both dialects, as clients in the field do: how a v2 server takes a function's parameters
 * in the address is settled in no public document.
 */
export async function getExchangeRate(company: SapCompany, currency: string, date: LocalDate): Promise<Decimal> {
  if (currency === company.access.localCurrency) return '1';
  const body = JSON.stringify({ Currency: currency, Date: date.replaceAll('-', '') });
  const rate = await company.read(
    () => ({ method: 'POST', target: 'SBOBobService_GetCurrencyRate', body }),
    (answer) => amount(readOne(answer, Rate)),
  );
  if (compare(rate, '0') > 0) return rate;
  throw new RejectedError({
    system: 'sap',
    code: 'no_rate',
    words: '',
    message: `SAP has no exchange rate for ${currency} on ${date}. Enter it in SAP.`,
  });
}

const SeriesList = z.union([
  z.array(SeriesRow),
  z.object({ value: z.array(SeriesRow) }).transform(({ value }) => value),
]);

export function listSeries(company: SapCompany, objectType: number): Promise<readonly ErpSeries[]> {
  return company.read(
    () => ({ method: 'POST', target: 'SeriesService_GetDocumentSeries', body: seriesBody(objectType) }),
    (answer) => readOne(answer, SeriesList).map(toSeries),
  );
}

export async function getDefaultSeries(company: SapCompany, objectType: number): Promise<ErpSeries | null> {
  try {
    return await company.read(
      () => ({ method: 'POST', target: 'SeriesService_GetDefaultSeries', body: seriesBody(objectType) }),
      (answer) => toSeries(readOne(answer, SeriesRow)),
    );
  } catch (error) {
    if (error instanceof RejectedError && error.code === NO_MATCH) return null;
    throw error;
  }
}

const NO_MATCH = '-2028';

function seriesBody(objectType: number): string {
  const params: Partial<Record<FieldOfType<'DocumentTypeParams'>, string>> = { Document: String(objectType) };
  return JSON.stringify({ DocumentTypeParams: params });
}
