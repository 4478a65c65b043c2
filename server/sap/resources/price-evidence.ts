import type { ErpPartnerPricing } from '../../app/ports/erp-master-data.ts';
import type { PriceFacts, UnitAsked } from '../../domain/price-facts.ts';
import { type AnsweredPrice, type FoundRule, priceCandidates, ruleBehind } from '../../domain/price-rule.ts';
import type { SapCompany } from '../company.ts';
import { PAGE_SIZE, readPage } from '../lists.ts';
import type { PriceAsked } from '../mappers/item-price.ts';
import {
  listFacts,
  marksOf,
  noDiscountGroups,
  ownUnit,
  PRICE_ITEM_FIELDS,
  PriceItemRow,
  unitOf,
} from '../mappers/price-item.ts';
import {
  DiscountGroupRow,
  everybodyWith,
  SpecialPriceRow,
  toAgreements,
  toDiscountGroup,
  toSpecialPrice,
} from '../mappers/price-rows.ts';
import { toUnitGroup, UnitGroupRow } from '../mappers/unit-rows.ts';
import { allOf, anyOf, type Condition, compare, integer, text } from '../odata.ts';
import { readAgreements } from './agreed-prices.ts';
import { getCompanyRules } from './company-rules.ts';
import { unlessRefused } from './price-lists.ts';

export interface PricedPartner {
  readonly groupCode: number | null;
  readonly pricing: ErpPartnerPricing;
}

export interface WorkedOut {
  /** Null: none of the rules that may be read gives the price. */
  readonly found: FoundRule | null;
  /** As asked; asked anew where an agreement counts. */
  readonly answer: AnsweredPrice;
}

/** Asks SAP for the same price in another way. */
export type AskAgain = (change: Pick<PriceAsked, 'currency' | 'agreement'>) => Promise<AnsweredPrice | null>;

/**
 * Which rule of the master data gives the answered price. What the user may not read is left out: then a rule may not be
 * found, and none is made up. Where the customer has an agreement about the item, its price is asked for by name.
 */
export async function workOutRule(
  company: SapCompany,
  asked: PriceAsked,
  partner: PricedPartner,
  plain: AnsweredPrice,
  askAgain: AskAgain,
): Promise<WorkedOut> {
  const [facts, rules] = await Promise.all([
    priceFacts(company, asked, partner),
    unlessRefused(getCompanyRules(company)),
  ]);
  if (facts === null) return { found: null, answer: plain };
  const [line] = facts.agreements;
  const named = line && { agreement: { number: line.agreement, row: line.row } };
  const answer = (named && (await askAgain({ currency: asked.currency, ...named }))) ?? plain;
  const candidates = priceCandidates(facts);
  const known = candidates.some(({ currency }) => currency === answer.currency);
  const compared = known ? answer : await askAgain({ currency: null, ...named });
  return { found: compared && ruleBehind(candidates, compared, rules?.decimals.prices ?? 6), answer };
}

/** Side by side; what is refused counts as not there. */
async function priceFacts(
  company: SapCompany,
  asked: PriceAsked,
  { groupCode, pricing }: PricedPartner,
): Promise<PriceFacts | null> {
  const [item, specials, groups, agreements] = await Promise.all([
    readItem(company, asked.itemCode),
    unlessRefused(readSpecialPrices(company, asked, pricing.priceList)),
    unlessRefused(readDiscountGroups(company, asked.cardCode, groupCode)),
    unlessRefused(readAgreements(company, asked.cardCode, asked.date)),
  ]);
  if (!item) return null;
  const entry = unitOf(item, asked.unit);
  const unit = ownUnit(item, entry) ?? (await unitOfGroup(company, item, entry));
  const marks = marksOf(item);
  return {
    date: asked.date,
    quantity: asked.quantity,
    unit,
    partner: { ...pricing, generalDiscountPercent: pricing.documentDiscountPercent },
    item: { noDiscountGroups: noDiscountGroups(item) },
    list: pricing.priceList === null ? null : listFacts(item, pricing.priceList, unit),
    specialPrices: (specials ?? []).map(toSpecialPrice),
    discountGroups: (groups ?? []).map((row) => toDiscountGroup(row, marks)),
    agreements: (agreements ?? []).flatMap((row) => toAgreements(row, asked.itemCode, asked.date)),
  };
}

async function readItem(company: SapCompany, itemCode: string): Promise<PriceItemRow | undefined> {
  const filter = compare<'Items'>('ItemCode', 'eq', text(itemCode));
  const query = { select: PRICE_ITEM_FIELDS, filter, orderBy: ['ItemCode'] as const, top: 1 };
  return (await readPage(company, 'Items', query, PriceItemRow)).rows[0];
}

async function unitOfGroup(company: SapCompany, item: PriceItemRow, entry: number | null): Promise<UnitAsked> {
  const filter = compare<'UnitOfMeasurementGroups'>('AbsEntry', 'eq', integer(item.UoMGroupEntry ?? -1));
  const query = { select: UnitGroupRow.keyof().options, filter, orderBy: ['AbsEntry'] as const, top: 1 };
  const found = await unlessRefused(readPage(company, 'UnitOfMeasurementGroups', query, UnitGroupRow));
  const own = found?.rows.flatMap((row) => toUnitGroup(row).units).find((one) => one.unit === entry);
  return { entry, base: own?.baseQuantity ?? '1', alternate: own?.alternateQuantity ?? '1' };
}

async function readSpecialPrices(company: SapCompany, { itemCode, cardCode }: PriceAsked, priceList: number | null) {
  const cardCodes = priceList === null ? [cardCode] : [cardCode, everybodyWith(priceList)];
  const filter = allOf<'SpecialPrices'>(
    compare('ItemCode', 'eq', text(itemCode)),
    anyOf<'SpecialPrices'>(...cardCodes.map((code) => compare<'SpecialPrices'>('CardCode', 'eq', text(code)))),
  );
  const query = {
    select: SpecialPriceRow.keyof().options,
    filter,
    orderBy: ['CardCode', 'ItemCode'] as const,
    top: cardCodes.length,
  };
  return (await readPage(company, 'SpecialPrices', query, SpecialPriceRow)).rows;
}

/** Groups for everybody, for the partner's group and for the partner. */
async function readDiscountGroups(company: SapCompany, cardCode: string, groupCode: number | null) {
  const of = (type: string, code: string | null): Condition<'EnhancedDiscountGroups'> => {
    const kind = compare<'EnhancedDiscountGroups'>('Type', 'eq', text(type));
    return code === null ? kind : allOf(kind, compare<'EnhancedDiscountGroups'>('ObjectCode', 'eq', text(code)));
  };
  const filter = anyOf<'EnhancedDiscountGroups'>(
    of('dgt_AllBPs', null),
    of('dgt_SpecificBP', cardCode),
    ...(groupCode === null ? [] : [of('dgt_CustomerGroup', String(groupCode))]),
  );
  const query = {
    select: DiscountGroupRow.keyof().options,
    filter,
    orderBy: ['AbsEntry'] as const,
    top: PAGE_SIZE,
  };
  return (await readPage(company, 'EnhancedDiscountGroups', query, DiscountGroupRow)).rows;
}
