import { normaliseName } from '../../domain/entity-match.ts';
import { quoteFirstLoad } from '../../domain/token-quotes.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { Erp, ErpCaller, ErpItem, ErpPartner, Page } from '../ports/erp.ts';

export interface QuoteDeps {
  readonly erp: Pick<Erp, 'countPartners' | 'countItems' | 'listPartnersByKey' | 'listItemsByKey'>;
  readonly crm: Pick<Crm, 'listOrganizations'>;
}

export interface FirstLoadQuote {
  readonly tokens: number;
  /** Customers and leads in use, and items for sale; judged by a sample where there are many. */
  readonly partners: number;
  readonly items: number;
}

/** So many of each are looked at; the rest is taken to be like them. */
const SAMPLE = 200;
/** Pages of 500 organizations that are asked for, at 10 tokens each; where there are more, every customer may be there. */
const MOST_PAGES = 2;
const FULL_PAGE = 500;

/**
 * What a first load will cost, from two counts and two pages of SAP and a look at Pipedrive's organizations.
 * @param fields how many fields are still to be made in Pipedrive
 */
export async function askFirstLoadQuote(
  { erp, crm }: QuoteDeps,
  erpCaller: ErpCaller,
  crmCaller: CrmCaller,
  fields: number,
): Promise<FirstLoadQuote> {
  const partners = sampleOf(
    await erp.countPartners(erpCaller),
    await erp.listPartnersByKey(erpCaller, null, SAMPLE),
    (partner) => partner.active && partner.type !== 'supplier',
  );
  const items = sampleOf(
    await erp.countItems(erpCaller),
    await erp.listItemsByKey(erpCaller, null, SAMPLE),
    (item) => item.active && item.sales,
  );
  const { names, total, isWhole } = await listNames(crm, crmCaller);
  const known = isWhole
    ? countWhere(partners.chosen, ({ name }) => names.has(normaliseName(name)))
    : partners.chosen.length;
  const counts = {
    partners: partners.all,
    known: Math.round(known * partners.factor),
    contacts: Math.round(contactsIn(partners.chosen) * partners.factor),
    items: items.all,
    organizations: total,
    fields,
  };
  return { tokens: quoteFirstLoad(counts), partners: partners.all, items: items.all };
}

interface Sample<Row> {
  readonly chosen: readonly Row[];
  /** Rows of the whole for each row of the sample. */
  readonly factor: number;
  /** How many of the whole would be chosen. */
  readonly all: number;
}

function sampleOf<Row extends ErpPartner | ErpItem>(
  count: number,
  { rows, done }: Page<Row>,
  isWanted: (row: Row) => boolean,
): Sample<Row> {
  const chosen = rows.filter(isWanted);
  const factor = done || rows.length === 0 ? 1 : Math.max(1, count / rows.length);
  return { chosen, factor, all: Math.round(chosen.length * factor) };
}

function contactsIn(partners: readonly ErpPartner[]): number {
  return partners.reduce((sum, { contacts }) => sum + countWhere(contacts, isWritten), 0);
}

const isWritten = ({ active, name }: ErpPartner['contacts'][number]): boolean => active && name.trim() !== '';

function countWhere<T>(rows: readonly T[], counts: (row: T) => boolean): number {
  return rows.filter(counts).length;
}

async function listNames(crm: QuoteDeps['crm'], caller: CrmCaller) {
  const names = new Set<string>();
  let total = 0;
  let pages = 0;
  for await (const page of crm.listOrganizations(caller, { customFields: [] })) {
    pages += 1;
    total += page.length;
    for (const { name } of page) names.add(normaliseName(name));
    if (pages === MOST_PAGES) return { names, total, isWhole: page.length < FULL_PAGE };
  }
  return { names, total, isWhole: true };
}
