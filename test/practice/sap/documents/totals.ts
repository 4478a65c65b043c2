import type { Fields, Json } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import { extended, percentOf, round, sum } from '../company/amounts.ts';

/** What a document's sums depend on beside its lines. */
export interface SumRules {
  readonly localCurrency: string;
  readonly vatRates: ReadonlyMap<string, number>;
}

/**
 * The document with everything that follows from quantities, unit prices and discounts: lines rounded to the cent in
 * document currency, tax per line after the header's discount, totals in local currency (and in foreign, where it is one).
 */
export function withTotals(document: Fields, rules: SumRules): Fields {
  const foreign = textOf(document, 'DocCurrency') !== rules.localCurrency;
  const rate = foreign ? numberOf(document, 'DocRate') : 1;
  const headDiscount = numberOf(document, 'DiscountPercent');
  const lines = recordsOf(document, 'DocumentLines').map((line) =>
    withLineTotals(line, { rate, foreign, headDiscount, rules }),
  );
  const net = sum(lines.map((line) => numberOf(line, 'LineTotal')));
  const netForeign = sum(lines.map((line) => numberOf(line, 'RowTotalFC')));
  const tax = sum(lines.map((line) => numberOf(line, 'TaxTotal')));
  const taxForeign = foreign
    ? sum(lines.map((line) => taxOn(numberOf(line, 'RowTotalFC'), headDiscount, rules, line)))
    : 0;
  const discount = percentOf(net, headDiscount);
  const discountForeign = percentOf(netForeign, headDiscount);
  return {
    ...document,
    DocumentLines: lines,
    TotalDiscount: discount,
    TotalDiscountFC: discountForeign,
    VatSum: tax,
    VatSumFc: taxForeign,
    VatSumSys: tax,
    DocTotal: round(net - discount + tax),
    DocTotalFc: foreign ? round(netForeign - discountForeign + taxForeign) : 0,
    DocTotalSys: round(net - discount + tax),
  };
}

interface LineRules {
  readonly rate: number;
  readonly foreign: boolean;
  readonly headDiscount: number;
  readonly rules: SumRules;
}

function withLineTotals(line: Fields, { rate, foreign, headDiscount, rules }: LineRules): Fields {
  const quantity = numberOf(line, 'Quantity');
  const discount = numberOf(line, 'DiscountPercent');
  const total = extended(quantity, numberOf(line, 'UnitPrice'), discount);
  const local = foreign ? round(total * rate) : total;
  const vat = rules.vatRates.get(textOf(line, 'VatGroup')) ?? 0;
  const tax = taxOn(local, headDiscount, rules, line);
  const price = extended(1, numberOf(line, 'UnitPrice'), discount, 6);
  const open = quantity === 0 ? 0 : numberOf(line, 'RemainingOpenQuantity') / quantity;
  const computed: Record<string, Json> = {
    Price: price,
    PriceAfterVAT: round(price * (1 + vat / 100), 6),
    GrossPrice: round(price * (1 + vat / 100), 6),
    LineTotal: local,
    RowTotalFC: foreign ? total : 0,
    TaxPercentagePerRow: vat,
    TaxTotal: tax,
    NetTaxAmount: tax,
    GrossTotal: round(local + tax),
    OpenAmount: round(local * open),
  };
  return { ...line, ...computed };
}

function taxOn(amount: number, headDiscount: number, rules: SumRules, line: Fields): number {
  const taxable = amount - percentOf(amount, headDiscount, 6);
  return percentOf(taxable, rules.vatRates.get(textOf(line, 'VatGroup')) ?? 0);
}
