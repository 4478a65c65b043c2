import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import { round } from './amounts.ts';
import type { Company } from './model.ts';
import { rowKey } from './model.ts';
import type { ItemUnit } from './units.ts';
import { priceFactor } from './units.ts';

export interface PriceAnswer {
  /** For one of the unit, before the discount. */
  readonly price: number;
  readonly discount: number;
  readonly currency: string;
  /** Member of DocumentPriceSourceEnum. */
  readonly source: string;
  /** Whether the price is with tax: that of a gross price list. */
  readonly gross: boolean;
  readonly agreement?: { readonly number: number; readonly line: number };
}

/** Whose price for what is looked for; quantities are in `unit`. */
export interface PriceCase {
  readonly company: Company;
  readonly partner: Fields | undefined;
  readonly item: Fields;
  readonly unit: ItemUnit;
  readonly list: number;
  readonly date: string;
  readonly quantity: number;
  /** A frame contract that the question names; 0: none. */
  readonly agreement: { readonly number: number; readonly line: number };
}

const codeOf = (row: Fields | undefined): string => textOf(row ?? {}, 'CardCode');

export function covers(row: Fields, from: string, to: string, date: string): boolean {
  const start = textOf(row, from);
  const end = textOf(row, to);
  return (start === '' || start <= date) && (end === '' || date <= end);
}

/** A frame contract with this partner that is approved and holds that day. */
export function agreementPrice(asked: PriceCase): PriceAnswer | undefined {
  const { company, partner, item, date, agreement, unit } = asked;
  for (const row of company.table('BlanketAgreements').all()) {
    const named = agreement.number === 0 || numberOf(row, 'AgreementNo') === agreement.number;
    const holds =
      textOf(row, 'BPCode') === codeOf(partner) &&
      textOf(row, 'Status') === 'asApproved' &&
      textOf(row, 'IgnorePricesInAgreement') !== 'tYES' &&
      covers(row, 'StartDate', 'EndDate', date);
    if (!named || !holds) continue;
    const line = recordsOf(row, 'BlanketAgreements_ItemsLines').find(
      (entry) => textOf(entry, 'ItemNo') === textOf(item, 'ItemCode'),
    );
    if (line === undefined) continue;
    return {
      price: round(numberOf(line, 'UnitPrice') * priceFactor(unit), 6),
      discount: numberOf(line, 'LineDiscount'),
      currency: textOf(line, 'PriceCurrency') || company.settings.localCurrency,
      source: 'dpsBlanketAgreement',
      gross: false,
      agreement: { number: numberOf(row, 'AgreementNo'), line: numberOf(line, 'AgreementRowNumber') },
    };
  }
  return undefined;
}

/** What is agreed with this very partner. */
export function specialPrice(asked: PriceCase): PriceAnswer | undefined {
  if (asked.partner === undefined) return undefined;
  const row = validRow(asked, codeOf(asked.partner));
  if (row === undefined) return undefined;
  const found = periodOf(asked, row);
  return found === undefined
    ? answer(asked, row, numberOf(row, 'Price'), numberOf(row, 'DiscountPercent'), 'dpsSpecialPricesForBusinessPartner')
    : answer(asked, row, found.after, found.discount, 'dpsPeriodAndVolumeDiscounts');
}

/** Discounts by period and volume on a whole price list: rows whose partner is `*1`, `*2`, …; outside of a period they say nothing. */
export function periodPrice(asked: PriceCase): PriceAnswer | undefined {
  const row = validRow(asked, `*${asked.list}`);
  const found = row === undefined ? undefined : periodOf(asked, row);
  if (row === undefined || found === undefined) return undefined;
  const alone = answer(asked, row, found.after, found.discount, 'dpsPeriodAndVolumeDiscounts');
  const group = asked.company.settings.discountGroupsOnPeriods ? groupDiscount(asked) : undefined;
  if (group === undefined) return alone;
  return {
    ...alone,
    price: round(found.after * priceFactor(asked.unit), 6),
    discount: group,
    source: 'dpsPeriodAndVolumeDiscountsDiscountGroups',
  };
}

function validRow({ company, item, date }: PriceCase, cardCode: string): Fields | undefined {
  const key = rowKey('SpecialPrices', { ItemCode: textOf(item, 'ItemCode'), CardCode: cardCode });
  const row = company.table('SpecialPrices').get(key);
  const holds = row !== undefined && covers(row, 'ValidFrom', 'ValidTo', date) && textOf(row, 'Valid') !== 'tNO';
  return holds ? row : undefined;
}

function periodOf({ date, quantity, unit }: PriceCase, row: Fields): { after: number; discount: number } | undefined {
  const period = recordsOf(row, 'SpecialPriceDataAreas').find((area) => covers(area, 'DateFrom', 'Dateto', date));
  if (period === undefined) return undefined;
  const inBase = (quantity * unit.base) / unit.alternate;
  const reached = (area: Fields) =>
    numberOf(area, 'Quantity') <= (unit.entry === -1 || numberOf(area, 'UoMEntry') === unit.entry ? quantity : inBase);
  const scale = recordsOf(period, 'SpecialPriceQuantityAreas')
    .filter(reached)
    .sort((a, b) => numberOf(b, 'Quantity') - numberOf(a, 'Quantity'))[0];
  return scale === undefined
    ? { after: numberOf(period, 'SpecialPrice'), discount: numberOf(period, 'Discount') }
    : { after: numberOf(scale, 'SpecialPrice'), discount: numberOf(scale, 'Discountin') };
}

function answer(asked: PriceCase, row: Fields, after: number, discount: number, source: string): PriceAnswer {
  const before = discount > 0 && discount < 100 ? round(after / (1 - discount / 100), 6) : after;
  return {
    price: round(before * priceFactor(asked.unit), 6),
    discount,
    currency: textOf(row, 'Currency') || asked.company.settings.localCurrency,
    source,
    gross: isGross(asked.company, asked.list),
  };
}

export function isGross(company: Company, list: number): boolean {
  return textOf(company.table('PriceLists').get(String(list)) ?? {}, 'IsGrossPrice') === 'tYES';
}

/** In percent; undefined where no group is about this partner and item. The narrowest kind of group decides. */
export function groupDiscount({ company, partner, item, date }: PriceCase): number | undefined {
  if (partner === undefined || textOf(partner, 'NoDiscounts') === 'tYES') return undefined;
  const groups = company
    .table('EnhancedDiscountGroups')
    .all()
    .filter((row) => textOf(row, 'Active') !== 'tNO' && covers(row, 'ValidFrom', 'ValidTo', date));
  const whose = [
    ['dgt_SpecificBP', textOf(partner, 'CardCode')],
    ['dgt_CustomerGroup', textOf(partner, 'GroupCode')],
    ['dgt_AllBPs', undefined],
  ] as const;
  for (const [type, code] of whose) {
    const group = groups.find(
      (row) => textOf(row, 'Type') === type && (code === undefined || textOf(row, 'ObjectCode') === code),
    );
    const own = type === 'dgt_SpecificBP' ? recordsOf(partner, 'DiscountGroups').map(asLine) : [];
    const lines = [...recordsOf(group ?? {}, 'DiscountGroupLineCollection'), ...own].filter((line) =>
      isAbout(line, item),
    );
    if (lines.length > 0) {
      const relation = textOf(group ?? partner, 'DiscountRelations');
      return combined(
        lines.map((line) => numberOf(line, 'Discount')),
        relation,
      );
    }
  }
  return undefined;
}

/** The older kind, kept on the partner itself. */
function asLine(row: Fields): Fields {
  return {
    ObjectType: textOf(row, 'BaseObjectType'),
    ObjectCode: textOf(row, 'ObjectEntry'),
    Discount: numberOf(row, 'DiscountPercentage'),
  };
}

function isAbout(line: Fields, item: Fields): boolean {
  const code = textOf(line, 'ObjectCode');
  switch (textOf(line, 'ObjectType')) {
    case 'dgboItems':
      return code === textOf(item, 'ItemCode');
    case 'dgboItemGroups':
      return code === textOf(item, 'ItemsGroupCode');
    case 'dgboManufacturer':
      return code === textOf(item, 'Manufacturer');
    case 'dgboItemProperties':
      return textOf(item, `Properties${code}`) === 'tYES';
    default:
      return false;
  }
}

function combined(discounts: readonly number[], relation: string): number {
  switch (relation) {
    case 'dgrHighestDiscount':
      return Math.max(...discounts);
    case 'dgrAverageDiscount':
      return round(discounts.reduce((total, one) => total + one, 0) / discounts.length, 6);
    case 'dgrDiscountTotals':
      return Math.min(
        100,
        round(
          discounts.reduce((total, one) => total + one, 0),
          6,
        ),
      );
    case 'dgrMultipliedDiscount':
      return round(100 - discounts.reduce((left, one) => (left * (100 - one)) / 100, 100), 6);
    default:
      return Math.min(...discounts);
  }
}
