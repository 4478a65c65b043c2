import { z } from 'zod';
import type { ErpCurrency, ErpSalesTaxCode, ErpTaxGroup } from '../../app/ports/erp-reference-data.ts';
import { isOnUnlessSaid, type ShapeOf } from './reference-rows.ts';
import { amount, day, filled, isYes, OptionalNumber, OptionalText, YesNo } from './values.ts';

const Code = z.string().min(1);
/** For rates that SAP keeps without a first day. */
const ALWAYS = '0001-01-01';

const TaxLine = z.object({ Effectivefrom: OptionalText, Rate: OptionalNumber } satisfies ShapeOf<'VatGroups_Line'>);

export const TaxGroupRow = z.object({
  Code,
  Name: OptionalText,
  Category: OptionalText,
  Inactive: YesNo,
  VatGroups_Lines: z.array(TaxLine).nullish(),
} satisfies ShapeOf<'VatGroup'>);

export function toTaxGroup(row: z.infer<typeof TaxGroupRow>): ErpTaxGroup {
  const purchases = row.Category === 'bovcInputTax' || row.Category === 'I';
  const rates = (row.VatGroups_Lines ?? []).map(({ Effectivefrom, Rate }) => ({
    from: day(Effectivefrom) ?? ALWAYS,
    percent: amount(Rate),
  }));
  return {
    code: row.Code,
    name: filled(row.Name) ?? row.Code,
    on: purchases ? 'purchases' : 'sales',
    active: !isYes(row.Inactive),
    rates: rates.sort((left, right) => (left.from < right.from ? -1 : 1)),
  };
}

export const SalesTaxCodeRow = z.object({
  Code,
  Name: OptionalText,
  Rate: OptionalNumber,
  ValidForAR: YesNo,
  Inactive: YesNo,
} satisfies ShapeOf<'SalesTaxCode'>);

export function toSalesTaxCode(row: z.infer<typeof SalesTaxCodeRow>): ErpSalesTaxCode {
  return {
    code: row.Code,
    name: filled(row.Name) ?? row.Code,
    percent: amount(row.Rate),
    forSales: isOnUnlessSaid(row.ValidForAR),
    active: !isYes(row.Inactive),
  };
}

export const CurrencyRow = z.object({
  Code,
  Name: OptionalText,
  DocumentsCode: OptionalText,
  Decimals: OptionalText,
} satisfies ShapeOf<'Currency'>);

export function toCurrency(row: z.infer<typeof CurrencyRow>): ErpCurrency {
  const named = filled(row.DocumentsCode) ?? row.Code;
  return {
    code: row.Code,
    iso: /^[A-Z]{3}$/.test(named) ? named : null,
    name: filled(row.Name) ?? row.Code,
    decimals: decimalsOf(row.Decimals),
  };
}

/** Members of `CurrenciesDecimalsEnum`. */
const DECIMALS: Readonly<Record<string, number>> = {
  cdWithoutDecimals: 0,
  cd1Digit: 1,
  cd2Digits: 2,
  cd3Digits: 3,
  cd4Digits: 4,
  cd5Digits: 5,
  cd6Digits: 6,
};

function decimalsOf(value: string | null | undefined): number | null {
  return (value ? DECIMALS[value] : undefined) ?? null;
}
