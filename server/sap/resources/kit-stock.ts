import type { ErpStock } from '../../app/ports/erp.ts';
import type { ErpKit } from '../../app/ports/erp-master-data.ts';
import { kitAvailability } from '../../domain/kit-availability.ts';
import { subtract } from '../../kernel/money.ts';
import type { SapCompany } from '../company.ts';
import { readPage } from '../lists.ts';
import { isSalesKit, STOCK_FIELDS, StockRow, toStock } from '../mappers/item.ts';
import { anyOf, compare, inPieces, text } from '../odata.ts';
import { getKits } from './item-details.ts';
import { todayAt } from './partners.ts';
import { unlessRefused } from './price-lists.ts';
import { orWords } from './readable.ts';

/**
 * The stock of sales kits, worked out from their parts: in each warehouse so many whole kits as the scarcest part allows.
 * Kits whose parts SAP does not tell are left out: nobody knows whether they are there.
 */
export async function kitStock(
  company: SapCompany,
  kits: readonly ErpStock[],
  names: ReadonlyMap<string, string>,
  closed: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ErpStock>> {
  const trees =
    (await unlessRefused(
      getKits(
        company,
        kits.map(({ itemCode }) => itemCode),
      ),
    )) ?? [];
  const codes = new Set(trees.flatMap(({ components }) => components.map(({ itemCode }) => itemCode)));
  const parts = await unlessRefused(stockOf(company, [...codes], names, closed));
  if (parts === null) return new Map();
  return new Map(
    kits.flatMap((kit) => {
      const tree = trees.find(({ itemCode }) => itemCode === kit.itemCode);
      const made = tree && assembled(kit, tree, parts);
      return made ? [[kit.itemCode, made] as const] : [];
    }),
  );
}

async function stockOf(
  company: SapCompany,
  itemCodes: readonly string[],
  names: ReadonlyMap<string, string>,
  closed: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ErpStock>> {
  const today = todayAt(company);
  const found = new Map<string, ErpStock>();
  for (const codes of inPieces(itemCodes)) {
    const filter = anyOf<'Items'>(...codes.map((code) => compare<'Items'>('ItemCode', 'eq', text(code))));
    const query = { select: STOCK_FIELDS, filter, orderBy: ['ItemCode'] as const, top: codes.length };
    const { rows } = await readPage(company, 'Items', query, StockRow);
    for (const row of rows) {
      // A kit within a kit keeps no stock either: what it is made of would have to be asked for in turn.
      const stock = isSalesKit(row) ? { words: '' } : orWords(() => toStock(row, today, names, closed));
      if (!('words' in stock)) found.set(row.ItemCode, stock);
    }
  }
  return found;
}

/** Undefined where a part is not known. */
function assembled(kit: ErpStock, tree: ErpKit, parts: ReadonlyMap<string, ErpStock>): ErpStock | undefined {
  const known = tree.components.flatMap(({ itemCode, quantity }) => {
    const stock = parts.get(itemCode);
    return stock ? [{ stock, quantity }] : [];
  });
  if (known.length < tree.components.length) return undefined;
  if (!known.some(({ stock }) => stock.stocked)) return { ...kit, stocked: false };
  // A kit may have no rows for warehouses of its own: its parts do.
  const places = new Map(
    [kit, ...known.map(({ stock }) => stock)].flatMap(({ warehouses: at }) =>
      at.map((one) => [one.code, one] as const),
    ),
  );
  const warehouses = [...places.values()].map((warehouse) => {
    const inHere = known.map(({ stock, quantity }) => ({ quantity, available: availableIn(stock, warehouse.code) }));
    return { ...warehouse, onHand: kitAvailability(inHere, tree.makes) ?? '0', committed: '0', ordered: '0' };
  });
  return { ...kit, stocked: true, stockUnitsPerSalesUnit: '1', warehouses };
}

function availableIn({ stocked, warehouses }: ErpStock, code: string): string | null {
  if (!stocked) return null;
  const found = warehouses.find((warehouse) => warehouse.code === code);
  return found ? subtract(found.onHand, found.committed) : '0';
}
