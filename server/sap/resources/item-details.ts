import { z } from 'zod';
import type { ErpItemDetails, ErpKit, ErpReceipt } from '../../app/ports/erp-master-data.ts';
import type { SapCompany } from '../company.ts';
import { PAGE_SIZE, readAll, readPage } from '../lists.ts';
import { ItemDetailsRow, KitRow, toItemDetails, toKit } from '../mappers/item-details.ts';
import { PurchaseOrderRow, toReceipts } from '../mappers/receipt-rows.ts';
import { allOf, anyOf, compare, inPieces, integer, text } from '../odata.ts';
import { todayAt } from './partners.ts';

export async function getItemDetails(
  company: SapCompany,
  itemCodes: readonly string[],
): Promise<readonly ErpItemDetails[]> {
  const today = todayAt(company);
  const found: ErpItemDetails[] = [];
  for (const codes of inPieces(itemCodes)) {
    const filter = anyOf<'Items'>(...codes.map((code) => compare<'Items'>('ItemCode', 'eq', text(code))));
    const query = { select: ItemDetailsRow.keyof().options, filter, orderBy: ['ItemCode'] as const, top: codes.length };
    const { rows } = await readPage(company, 'Items', query, ItemDetailsRow);
    found.push(...rows.map((row) => toItemDetails(row, today)));
  }
  return found;
}

export async function getKits(company: SapCompany, itemCodes: readonly string[]): Promise<readonly ErpKit[]> {
  const found: ErpKit[] = [];
  for (const codes of inPieces(itemCodes)) {
    const filter = anyOf<'ProductTrees'>(...codes.map((code) => compare<'ProductTrees'>('TreeCode', 'eq', text(code))));
    const query = { select: KitRow.keyof().options, filter, orderBy: ['TreeCode'] as const, top: codes.length };
    const { rows } = await readPage(company, 'ProductTrees', query, KitRow);
    found.push(...rows.map(toKit));
  }
  return found;
}

/** Purchase orders come with all their lines: small pages keep an answer within what is read at once. */
const ORDERS_PER_PAGE = 50;

export async function nextReceipts(
  company: SapCompany,
  itemCodes: readonly string[],
): Promise<ReadonlyMap<string, readonly ErpReceipt[]>> {
  const wanted = new Set(itemCodes);
  const found = new Map<string, ErpReceipt[]>();
  if (wanted.size === 0) return found;
  for (const order of await openPurchaseOrders(company)) {
    for (const [itemCode, receipt] of toReceipts(order)) {
      if (wanted.has(itemCode)) found.set(itemCode, [...(found.get(itemCode) ?? []), receipt]);
    }
  }
  for (const receipts of found.values()) receipts.sort((left, right) => (left.date < right.date ? -1 : 1));
  return found;
}

function openPurchaseOrders(company: SapCompany): Promise<readonly PurchaseOrderRow[]> {
  const open = compare<'PurchaseOrders'>('DocumentStatus', 'eq', text('bost_Open'));
  return readAll<PurchaseOrderRow>((last) =>
    readPage(
      company,
      'PurchaseOrders',
      {
        select: PurchaseOrderRow.keyof().options,
        filter: last ? allOf(open, compare('DocEntry', 'gt', integer(last.DocEntry))) : open,
        orderBy: ['DocEntry'],
        top: ORDERS_PER_PAGE,
      },
      PurchaseOrderRow,
    ),
  );
}

const GroupRow = z.object({ Number: z.number().int(), GroupName: z.string().nullish() });

export async function listItemGroups(company: SapCompany): Promise<ReadonlyMap<number, string>> {
  const rows = await readAll<z.infer<typeof GroupRow>>((last) =>
    readPage(
      company,
      'ItemGroups',
      {
        select: ['Number', 'GroupName'],
        filter: last && compare('Number', 'gt', integer(last.Number)),
        orderBy: ['Number'],
        top: PAGE_SIZE,
      },
      GroupRow,
    ),
  );
  return new Map(rows.map(({ Number: number, GroupName }) => [number, GroupName ?? String(number)]));
}
