import { z } from 'zod';
import type { PriceRule } from '../../domain/price-rule.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { type Decimal, toJsonNumber } from '../../kernel/money.ts';
import type { BatchPart } from '../batch.ts';
import type { FieldOfType } from '../odata.ts';
import type { ShapeOf } from './reference-rows.ts';
import { OptionalNumber, OptionalText } from './values.ts';

export interface PriceAsked {
  readonly cardCode: string;
  readonly itemCode: string;
  readonly quantity: Decimal;
  readonly unit: number | null;
  readonly date: LocalDate;
  /** Null: the price's own. */
  readonly currency: string | null;
  /** A line of an agreement that counts; not every server looks for one by itself. */
  readonly agreement?: { readonly number: number; readonly row: number };
}

type Params = Partial<Record<FieldOfType<'ItemPriceParams'>, unknown>>;

/** One item's price for one customer; SAP offers no way to ask for several. */
export function itemPricePart(asked: PriceAsked): BatchPart {
  const params: Params = {
    CardCode: asked.cardCode,
    ItemCode: asked.itemCode,
    Date: asked.date,
    UoMQuantity: toJsonNumber(asked.quantity),
    ...(asked.unit === null ? {} : { UoMEntry: asked.unit }),
    ...(asked.currency === null ? {} : { Currency: asked.currency }),
    ...(asked.agreement === undefined
      ? {}
      : { BlanketAgreementNumber: asked.agreement.number, BlanketAgreementLine: asked.agreement.row }),
  };
  return { method: 'POST', target: 'CompanyService_GetItemPrice', body: JSON.stringify({ ItemPriceParams: params }) };
}

export const ItemPriceAnswer = z.object({
  Price: OptionalNumber,
  Currency: OptionalText,
  Discount: OptionalNumber,
} satisfies Record<FieldOfType<'ItemPriceReturnParams'>, z.ZodType>);

type Body<T extends 'Document' | 'DocumentLine'> = Partial<Record<FieldOfType<T>, unknown>>;

/**
 * An order of items without prices, computed and not saved: SAP fills in its own prices and says which rule gave them
 * (`PriceSource`). Not every server has the operation.
 */
export function pricingPreviewPart(lines: readonly PriceAsked[]): BatchPart {
  const [first] = lines;
  const document: Body<'Document'> = {
    CardCode: first?.cardCode,
    DocDate: first?.date,
    DocDueDate: first?.date,
    ...(first?.currency ? { DocCurrency: first.currency } : {}),
    DocumentLines: lines.map(
      ({ itemCode, quantity, unit }): Body<'DocumentLine'> => ({
        ItemCode: itemCode,
        Quantity: toJsonNumber(quantity),
        ...(unit === null ? {} : { UoMEntry: unit }),
      }),
    ),
  };
  return { method: 'POST', target: 'OrdersService_Preview', body: JSON.stringify({ Document: document }) };
}

const PreviewLine = z.object({
  ItemCode: OptionalText,
  Quantity: OptionalNumber,
  UnitPrice: OptionalNumber,
  DiscountPercent: OptionalNumber,
  Price: OptionalNumber,
  Currency: OptionalText,
  LineTotal: OptionalNumber,
  RowTotalFC: OptionalNumber,
  TaxTotal: OptionalNumber,
  PriceSource: OptionalText,
} satisfies ShapeOf<'DocumentLine'>);
export type PreviewLine = z.infer<typeof PreviewLine>;

export const PricingPreview = z.object({
  DocumentLines: z.array(PreviewLine).nullish(),
} satisfies ShapeOf<'Document'>);

const KINDS: readonly (readonly [RegExp, PriceRule['kind']])[] = [
  [/^dps(New)?SpecialPricesForBusinessPartner$/, 'special_price'],
  [/^dps(New)?BlanketAgreement$/, 'blanket_agreement'],
  [/^dps(New)?PeriodAndVolumeDiscounts(DiscountGroups)?$/, 'period_and_volume'],
  [/^dps(New)?(Active|Inactive)PriceList(DiscountGroups)?$/, 'price_list'],
  [/^dpsManual$/, 'manual'],
];

/** Members of `DocumentPriceSourceEnum`; null for one we do not know. */
export function ruleOf(source: string | null | undefined): PriceRule | null {
  const name = source ?? '';
  const kind = KINDS.find(([pattern]) => pattern.test(name))?.[1];
  if (kind === undefined) return null;
  const listActive = kind === 'price_list' ? !name.includes('Inactive') : null;
  return { kind, discountGroup: name.endsWith('DiscountGroups'), listActive };
}
