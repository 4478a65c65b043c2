import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import type { Company } from './model.ts';

/** Every tax group's percentage on that day; groups that are not dated keep the one they have. */
export function vatRatesOn(company: Company, date: string): ReadonlyMap<string, number> {
  const rates = new Map(company.vatRates);
  for (const group of company.table('VatGroups').all()) {
    const started = recordsOf(group, 'VatGroups_Lines').filter((line) => textOf(line, 'Effectivefrom') <= date);
    const newest = started.sort((a, b) => (textOf(a, 'Effectivefrom') < textOf(b, 'Effectivefrom') ? 1 : -1))[0];
    if (newest !== undefined) rates.set(textOf(group, 'Code'), numberOf(newest, 'Rate'));
    if (textOf(group, 'Inactive') === 'tYES') rates.delete(textOf(group, 'Code'));
  }
  return rates;
}
