import { z } from 'zod';
import type { ErpItem, ErpStock, Page, Stamp } from '../../app/ports/erp.ts';
import type { SapCompany } from '../company.ts';
import { behind, PAGE_SIZE, type PageQuery, type Rows, readAll, readOne, readPage } from '../lists.ts';
import { ITEM_FIELDS, ItemRow, STOCK_FIELDS, StockRow, toItem, toStock } from '../mappers/item.ts';
import { isYes, stamp } from '../mappers/values.ts';
import { anyOf, compare, count, inPieces, integer, isNull, text } from '../odata.ts';
import { changedPage, changedRecords } from './changed-records.ts';
import { todayAt } from './partners.ts';
import { readablePage } from './readable.ts';
import type { Position } from './stamped-set.ts';

export async function listItemsByKey(
  company: SapCompany,
  afterKey: string | null,
  limit: number,
): Promise<Page<ErpItem>> {
  const query: PageQuery<'Items'> = {
    select: ITEM_FIELDS,
    filter: afterKey === null ? undefined : compare('ItemCode', 'gt', text(afterKey)),
    orderBy: ['ItemCode'],
    top: limit,
  };
  const page = await readPage(company, 'Items', query, ItemRow, undefined, 'ItemCode');
  return pageOf(company, behind(page, afterKey, keyOf));
}

const CHANGED = changedRecords<'Items', ItemRow>(
  { set: 'Items', key: 'ItemCode', select: ITEM_FIELDS, row: ItemRow, keyOf: (row) => row.ItemCode },
  {
    updated: { date: 'UpdateDate', time: 'UpdateTime' },
    created: { date: 'CreateDate', time: 'CreateTime' },
    unchanged: isNull('UpdateDate'),
  },
);

export async function listItemsChanged(
  company: SapCompany,
  from: Stamp,
  after: Position | null,
  limit: number,
): Promise<Page<ErpItem>> {
  return pageOf(company, await changedPage(company, CHANGED, from, after, limit));
}

/** Warehouses are named as far as their names are remembered, else by their code. Kits count as what they are in SAP. */
export async function listStockByKey(
  company: SapCompany,
  afterKey: string | null,
  limit: number,
): Promise<Page<ErpStock>> {
  const query: PageQuery<'Items'> = {
    select: STOCK_FIELDS,
    filter: afterKey === null ? undefined : compare('ItemCode', 'gt', text(afterKey)),
    orderBy: ['ItemCode'],
    top: limit,
  };
  const stockKey = (row: StockRow): string => row.ItemCode;
  const page = behind(await readPage(company, 'Items', query, StockRow, undefined, 'ItemCode'), afterKey, stockKey);
  const names = company.memory.get('warehouses') ?? new Map<string, string>();
  const today = todayAt(company);
  return readablePage(page, stockKey, (row) => toStock(row, today, names));
}

/** Those that exist and can be read, in pieces that fit into a request line. */
export async function getItems(company: SapCompany, itemCodes: readonly string[]): Promise<readonly ErpItem[]> {
  const found: ItemRow[] = [];
  for (const codes of inPieces(itemCodes)) {
    const filter = anyOf<'Items'>(...codes.map((code) => compare<'Items'>('ItemCode', 'eq', text(code))));
    const query = { select: ITEM_FIELDS, filter, orderBy: ['ItemCode'] as const, top: codes.length };
    found.push(...(await readPage(company, 'Items', query, ItemRow, undefined, 'ItemCode')).rows);
  }
  return pageOf(company, { rows: found, more: false, unreadable: [] }).rows;
}

export function countItems(company: SapCompany): Promise<number> {
  return company.read(
    () => ({ method: 'GET', target: count('Items') }),
    (answer) => readOne(answer, z.number().int()),
  );
}

const StampRow = ItemRow.pick({ UpdateDate: true, UpdateTime: true, CreateDate: true, CreateTime: true });

/** The newest change; where nothing was ever changed, the newest creation. */
export async function newestItemStamp(company: SapCompany): Promise<Stamp | null> {
  const newest = async (
    orderBy: readonly ['UpdateDate desc', 'UpdateTime desc'] | readonly ['CreateDate desc', 'CreateTime desc'],
  ) => {
    const select = ['ItemCode', 'UpdateDate', 'UpdateTime', 'CreateDate', 'CreateTime'] as const;
    return (await readPage(company, 'Items', { select, orderBy, top: 1 }, StampRow)).rows[0];
  };
  const updated = await newest(['UpdateDate desc', 'UpdateTime desc']);
  const found = stamp(updated?.UpdateDate, updated?.UpdateTime);
  if (found || !updated) return found;
  const created = await newest(['CreateDate desc', 'CreateTime desc']);
  return stamp(created?.CreateDate, created?.CreateTime);
}

const PriceListRow = z.object({
  PriceListNo: z.number().int(),
  PriceListName: z.string().nullish(),
  IsGrossPrice: z.string().nullish(),
  Active: z.string().nullish(),
});

export async function listPriceLists(
  company: SapCompany,
): Promise<readonly { number: number; name: string; gross: boolean; active: boolean }[]> {
  const rows = await readAll<z.infer<typeof PriceListRow>>((last) =>
    readPage(
      company,
      'PriceLists',
      {
        select: ['PriceListNo', 'PriceListName', 'IsGrossPrice', 'Active'],
        filter: last && compare('PriceListNo', 'gt', integer(last.PriceListNo)),
        orderBy: ['PriceListNo'],
        top: PAGE_SIZE,
      },
      PriceListRow,
    ),
  );
  return rows.map((row) => ({
    number: row.PriceListNo,
    name: row.PriceListName ?? String(row.PriceListNo),
    gross: isYes(row.IsGrossPrice),
    active: row.Active === undefined || row.Active === null || isYes(row.Active),
  }));
}

const keyOf = ({ ItemCode }: ItemRow): string => ItemCode;

function pageOf(company: SapCompany, rows: Rows<ItemRow>): Page<ErpItem> {
  const today = todayAt(company);
  return readablePage(rows, keyOf, (row) => toItem(row, today));
}
