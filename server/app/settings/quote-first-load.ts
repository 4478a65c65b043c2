import { normaliseName } from '../../domain/entity-match.ts';
import { quoteFirstLoad } from '../../domain/token-quotes.ts';
import type { Crm, CrmCaller } from '../ports/crm.ts';
import type { Erp, ErpCaller, ErpItem, ErpPartner, Page } from '../ports/erp.ts';

export interface QuoteDeps {
  readonly erp: Pick<Erp, 'countPartners' | 'countItems' | 'listPartnersByKey' | 'listItemsByKey'>;
  readonly crm: Pick<Crm, 'listOrganizations' | 'listProducts'>;
}

export interface FirstLoadQuote {
  readonly tokens: number;
  /** Customers and leads in use, and items for sale; judged by a sample where there are many. */
  readonly partners: number;
  readonly items: number;
}

/** So many of each are looked at; the rest is taken to be like them. */
const SAMPLE = 200;
/** Pages of 500 organizations or products that are asked for, at 10 tokens each; where there are more, all may be there. */
const MOST_PAGES = 2;
const FULL_PAGE = 500;

/**
 * What a first load will cost, from two counts and two pages of SAP and a look at Pipedrive's organizations and products.
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
  const organizations = await lookThrough(crm.listOrganizations(crmCaller, { customFields: [] }), ({ name }) =>
    normaliseName(name),
  );
  const products = await lookThrough(crm.listProducts(crmCaller, {}), ({ code }) => code?.trim() ?? '');
  const known = countKnown(partners.chosen, organizations, ({ name }) => normaliseName(name));
  const knownItems = countKnown(items.chosen, products, ({ itemCode }) => itemCode);
  const counts = {
    partners: partners.all,
    known: Math.round(known * partners.factor),
    contacts: Math.round(contactsIn(partners.chosen) * partners.factor),
    items: items.all,
    knownItems: Math.round(knownItems * items.factor),
    organizations: organizations.total,
    products: products.total,
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

/** What stands in Pipedrive before, as far as it was looked at. */
interface Seen {
  readonly marks: ReadonlySet<string>;
  readonly total: number;
  readonly isWhole: boolean;
}

/** Where not all was looked at, every row may be there. */
function countKnown<Row>(rows: readonly Row[], { marks, isWhole }: Seen, markOf: (row: Row) => string): number {
  return isWhole ? countWhere(rows, (row) => marks.has(markOf(row))) : rows.length;
}

async function lookThrough<Row>(rows: AsyncIterable<readonly Row[]>, markOf: (row: Row) => string): Promise<Seen> {
  const marks = new Set<string>();
  let total = 0;
  let pages = 0;
  for await (const page of rows) {
    pages += 1;
    total += page.length;
    for (const row of page) marks.add(markOf(row));
    if (pages === MOST_PAGES) return { marks, total, isWhole: page.length < FULL_PAGE };
  }
  return { marks, total, isWhole: true };
}
