import { z } from 'zod';
import type { ErpItem, Page, Stamp } from '../../app/ports/erp.ts';
import type { SapCompany } from '../company.ts';
import { PAGE_SIZE, readAll, readOne, readPage } from '../lists.ts';
import { ITEM_FIELDS, ItemRow, toItem } from '../mappers/item.ts';
import { isYes, stamp } from '../mappers/values.ts';
import { anyOf, compare, count, inPieces, integer, isNull, text } from '../odata.ts';
import { todayAt } from './partners.ts';
import { type Position, type StampedWalk, stampedPage } from './stamped-walk.ts';

export async function listItemsByKey(
  company: SapCompany,
  afterKey: string | null,
  limit: number,
): Promise<Page<ErpItem>> {
  const { rows, more } = await readPage(
    company,
    'Items',
    {
      select: ITEM_FIELDS,
      filter: afterKey === null ? undefined : compare('ItemCode', 'gt', text(afterKey)),
      orderBy: ['ItemCode'],
      top: limit,
    },
    ItemRow,
  );
  return { rows: mapped(company, rows), done: !more };
}

const EPOCH: Stamp = { date: '0001-01-01', time: '00:00:00' };
const shared = { set: 'Items', key: 'ItemCode', select: ITEM_FIELDS, row: ItemRow } as const;

const UPDATED: StampedWalk<'Items', ItemRow> = {
  ...shared,
  date: 'UpdateDate',
  time: 'UpdateTime',
  positionOf: (row) => ({ stamp: stamp(row.UpdateDate, row.UpdateTime) ?? EPOCH, key: row.ItemCode }),
};

/** Some systems leave UpdateDate empty until an item is changed for the first time. */
const NEVER_UPDATED: StampedWalk<'Items', ItemRow> = {
  ...shared,
  date: 'CreateDate',
  time: 'CreateTime',
  only: isNull('UpdateDate'),
  positionOf: (row) => ({ stamp: stamp(row.CreateDate, row.CreateTime) ?? EPOCH, key: row.ItemCode }),
};

/**
 * Items never stamped come with the last page, all of them: the walk's position stays one of the stamped rows, and
 * whoever keeps the newest stamp seen is not led past pages that are still to come.
 */
export async function listItemsChanged(
  company: SapCompany,
  from: Stamp,
  after: Position | null,
  limit: number,
): Promise<Page<ErpItem>> {
  const { rows, more } = await stampedPage(company, UPDATED, from, after, limit);
  if (more) return { rows: mapped(company, rows), done: false };
  const fresh = await readAll<ItemRow>((last) =>
    stampedPage(company, NEVER_UPDATED, from, last ? NEVER_UPDATED.positionOf(last) : null, limit),
  );
  return { rows: mapped(company, [...rows, ...fresh]), done: true };
}

export async function getItems(company: SapCompany, itemCodes: readonly string[]): Promise<readonly ErpItem[]> {
  const found: ItemRow[] = [];
  for (const codes of inPieces(itemCodes)) {
    const filter = anyOf<'Items'>(...codes.map((code) => compare<'Items'>('ItemCode', 'eq', text(code))));
    const query = { select: ITEM_FIELDS, filter, orderBy: ['ItemCode'] as const, top: codes.length };
    found.push(...(await readPage(company, 'Items', query, ItemRow)).rows);
  }
  return mapped(company, found);
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

function mapped(company: SapCompany, rows: readonly ItemRow[]): readonly ErpItem[] {
  const today = todayAt(company);
  return rows.map((row) => toItem(row, today));
}
