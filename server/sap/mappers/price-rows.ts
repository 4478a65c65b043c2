import { z } from 'zod';
import type { ErpPriceList } from '../../app/ports/erp-prices.ts';
import type {
  AgreementFacts,
  DiscountGroupFacts,
  Offer,
  PeriodFacts,
  SpecialPriceFacts,
} from '../../domain/price-facts.ts';
import type { LocalDate } from '../../kernel/local-date.ts';
import { unitFactor } from './item.ts';
import { unitEntry } from './item-details.ts';
import { relationOf } from './partner-details.ts';
import { isOnUnlessSaid, type ShapeOf } from './reference-rows.ts';
import { amount, day, filled, isYes, OptionalNumber, OptionalText, YesNo } from './values.ts';

export const PriceListRow = z.object({
  PriceListNo: z.number().int(),
  PriceListName: OptionalText,
  BasePriceList: OptionalNumber,
  Factor: OptionalNumber,
  Active: YesNo,
  IsGrossPrice: YesNo,
  ValidFrom: OptionalText,
  ValidTo: OptionalText,
  DefaultPrimeCurrency: OptionalText,
} satisfies ShapeOf<'PriceList'>);

/** A list based on itself is a list of its own. */
export function toPriceList(row: z.infer<typeof PriceListRow>): ErpPriceList {
  const base = row.BasePriceList ?? null;
  return {
    number: row.PriceListNo,
    name: filled(row.PriceListName) ?? String(row.PriceListNo),
    active: isOnUnlessSaid(row.Active),
    from: day(row.ValidFrom),
    to: day(row.ValidTo),
    gross: isYes(row.IsGrossPrice),
    baseList: base === row.PriceListNo ? null : base,
    factor: unitFactor(row.Factor),
    currency: filled(row.DefaultPrimeCurrency),
  };
}

const Scale = z.object({
  Quantity: OptionalNumber,
  SpecialPrice: OptionalNumber,
  Discountin: OptionalNumber,
  UoMEntry: OptionalNumber,
} satisfies ShapeOf<'SpecialPriceQuantityArea'>);

const Period = z.object({
  DateFrom: OptionalText,
  Dateto: OptionalText,
  SpecialPrice: OptionalNumber,
  Discount: OptionalNumber,
  SpecialPriceQuantityAreas: z.array(Scale).nullish(),
} satisfies ShapeOf<'SpecialPriceDataArea'>);

export const SpecialPriceRow = z.object({
  ItemCode: z.string().min(1),
  CardCode: z.string().min(1),
  Price: OptionalNumber,
  Currency: OptionalText,
  DiscountPercent: OptionalNumber,
  Valid: YesNo,
  ValidFrom: OptionalText,
  ValidTo: OptionalText,
  SpecialPriceDataAreas: z.array(Period).nullish(),
} satisfies ShapeOf<'SpecialPrice'>);

/** The partner code that stands for "everybody with this price list". */
export const everybodyWith = (priceList: number): string => `*${priceList}`;

export function toSpecialPrice(row: z.infer<typeof SpecialPriceRow>): SpecialPriceFacts {
  return {
    of: row.CardCode.startsWith('*') ? 'list' : 'partner',
    active: isOnUnlessSaid(row.Valid),
    from: day(row.ValidFrom),
    to: day(row.ValidTo),
    currency: filled(row.Currency),
    offer: offer(row.Price, row.DiscountPercent),
    periods: (row.SpecialPriceDataAreas ?? []).map(toPeriod),
  };
}

function toPeriod(row: z.infer<typeof Period>): PeriodFacts {
  return {
    from: day(row.DateFrom),
    to: day(row.Dateto),
    offer: offer(row.SpecialPrice, row.Discount),
    scales: (row.SpecialPriceQuantityAreas ?? []).map((scale) => ({
      from: amount(scale.Quantity),
      unit: unitEntry(scale.UoMEntry),
      offer: offer(scale.SpecialPrice, scale.Discountin),
    })),
  };
}

function offer(price: number | null | undefined, percent: number | null | undefined): Offer {
  return { price: amount(price), discountPercent: amount(percent) };
}

const GroupLine = z.object({
  ObjectType: OptionalText,
  ObjectCode: OptionalText,
  DiscountType: OptionalText,
  Discount: OptionalNumber,
} satisfies ShapeOf<'DiscountGroupLine'>);

export const DiscountGroupRow = z.object({
  AbsEntry: z.number().int(),
  Type: OptionalText,
  DiscountRelations: OptionalText,
  Active: YesNo,
  ValidFrom: OptionalText,
  ValidTo: OptionalText,
  DiscountGroupLineCollection: z.array(GroupLine).nullish(),
} satisfies ShapeOf<'EnhancedDiscountGroup'>);

/** What of an item discount groups look at. */
export interface ItemMarks {
  readonly itemCode: string;
  readonly group: number | null;
  readonly manufacturer: number | null;
  /** Numbers of the properties that are on. */
  readonly properties: ReadonlySet<number>;
}

export function toDiscountGroup(row: z.infer<typeof DiscountGroupRow>, item: ItemMarks): DiscountGroupFacts {
  // Lines of the other kind give goods free of charge, not a price.
  const lines = (row.DiscountGroupLineCollection ?? []).filter((line) => line.DiscountType !== 'dgdt_Variable');
  const of = (fits: (line: z.infer<typeof GroupLine>) => boolean) =>
    lines.filter(fits).map(({ Discount }) => amount(Discount));
  return {
    of: widthOf(row.Type),
    active: isOnUnlessSaid(row.Active),
    from: day(row.ValidFrom),
    to: day(row.ValidTo),
    relation: relationOf(row.DiscountRelations),
    byItem: of((line) => line.ObjectType === 'dgboItems' && line.ObjectCode === item.itemCode),
    byKind: of((line) => fitsKind(line, item)),
  };
}

function widthOf(type: string | null | undefined): DiscountGroupFacts['of'] {
  if (type === 'dgt_SpecificBP') return 'partner';
  return type === 'dgt_AllBPs' ? 'everybody' : 'partner_group';
}

function fitsKind({ ObjectType, ObjectCode }: z.infer<typeof GroupLine>, item: ItemMarks): boolean {
  switch (ObjectType) {
    case 'dgboItemGroups':
      return item.group !== null && ObjectCode === String(item.group);
    case 'dgboManufacturer':
      return item.manufacturer !== null && ObjectCode === String(item.manufacturer);
    case 'dgboItemProperties':
      return item.properties.has(Number(ObjectCode));
    default:
      return false;
  }
}

const AgreementLine = z.object({
  AgreementRowNumber: OptionalNumber,
  ItemNo: OptionalText,
  UnitPrice: OptionalNumber,
  PriceCurrency: OptionalText,
  LineDiscount: OptionalNumber,
  UoMEntry: OptionalNumber,
} satisfies ShapeOf<'BlanketAgreements_ItemsLine'>);

export const AgreementRow = z.object({
  AgreementNo: z.number().int(),
  StartDate: OptionalText,
  EndDate: OptionalText,
  TerminateDate: OptionalText,
  Status: OptionalText,
  AgreementMethod: OptionalText,
  IgnorePricesInAgreement: YesNo,
  BPCurrency: OptionalText,
  BlanketAgreements_ItemsLines: z.array(AgreementLine).nullish(),
} satisfies ShapeOf<'BlanketAgreement'>);

export type AgreementRow = z.infer<typeof AgreementRow>;

/** Lines about the item, where the agreement holds on that day and its prices count. */
export function toAgreements(row: AgreementRow, itemCode: string, date: LocalDate): AgreementFacts[] {
  const from = day(row.StartDate);
  const ends = [day(row.EndDate), day(row.TerminateDate)];
  const holds = (from === null || from <= date) && ends.every((end) => end === null || date <= end);
  const approved = row.Status === 'asApproved' || row.Status === 'A';
  if (!holds || !approved || row.AgreementMethod === 'amMonetary' || isYes(row.IgnorePricesInAgreement)) return [];
  return (row.BlanketAgreements_ItemsLines ?? [])
    .filter((line) => line.ItemNo === itemCode)
    .map((line) => ({
      agreement: row.AgreementNo,
      row: line.AgreementRowNumber ?? 0,
      price: amount(line.UnitPrice),
      currency: filled(line.PriceCurrency) ?? filled(row.BPCurrency),
      discountPercent: amount(line.LineDiscount),
      unit: unitEntry(line.UoMEntry),
    }));
}
