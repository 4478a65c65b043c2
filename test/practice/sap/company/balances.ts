import type { Fields } from '../../kernel/json.ts';
import { numberOf, recordsOf, textOf } from '../../kernel/json.ts';
import { round, sum } from './amounts.ts';
import type { Company } from './model.ts';

/** What a document, as it stands, adds to its partner's balances and to its items' committed and ordered stock. */
export interface Weight {
  readonly cardCode: string;
  readonly account: number;
  readonly openOrders: number;
  readonly openDeliveries: number;
  readonly stock: readonly { itemCode: string; warehouse: string; committed: number; ordered: number }[];
}

const NOTHING: Weight = { cardCode: '', account: 0, openOrders: 0, openDeliveries: 0, stock: [] };

/** Closing a document by hand leaves its remaining quantities as they are; only open lines count. */
function openLines(document: Fields): readonly Fields[] {
  return recordsOf(document, 'DocumentLines').filter((line) => textOf(line, 'LineStatus') !== 'bost_Close');
}

/** The open part of the document with tax and after its own discount, in local currency. */
export function openGross(document: Fields): number {
  const lines = openLines(document);
  const share = 1 - numberOf(document, 'DiscountPercent') / 100;
  const open = lines.map((line) => {
    const quantity = numberOf(line, 'Quantity');
    if (quantity === 0) return 0;
    const gross = numberOf(line, 'LineTotal') * share + numberOf(line, 'TaxTotal');
    return round((gross * numberOf(line, 'RemainingOpenQuantity')) / quantity);
  });
  return sum(open);
}

function reservation(document: Fields, kind: 'committed' | 'ordered'): Weight['stock'] {
  return openLines(document)
    .filter((line) => textOf(line, 'ItemCode') !== '' && numberOf(line, 'RemainingOpenQuantity') > 0)
    .map((line) => ({
      itemCode: textOf(line, 'ItemCode'),
      warehouse: textOf(line, 'WarehouseCode'),
      committed: kind === 'committed' ? numberOf(line, 'RemainingOpenInventoryQuantity') : 0,
      ordered: kind === 'ordered' ? numberOf(line, 'RemainingOpenInventoryQuantity') : 0,
    }));
}

export function weightOf(set: string, row: Fields | undefined): Weight {
  if (row === undefined || textOf(row, 'Cancelled') === 'tYES' || textOf(row, 'CancelStatus') === 'csCancellation')
    return NOTHING;
  const cardCode = textOf(row, 'CardCode');
  const open = textOf(row, 'DocumentStatus') === 'bost_Open';
  const unsettled = round(numberOf(row, 'DocTotal') - numberOf(row, 'PaidToDate'));
  switch (set) {
    case 'Orders':
      return open
        ? { ...NOTHING, cardCode, openOrders: openGross(row), stock: reservation(row, 'committed') }
        : NOTHING;
    case 'PurchaseOrders':
      return open ? { ...NOTHING, cardCode, openOrders: -openGross(row), stock: reservation(row, 'ordered') } : NOTHING;
    case 'DeliveryNotes':
      return open ? { ...NOTHING, cardCode, openDeliveries: openGross(row) } : NOTHING;
    case 'Invoices':
      return { ...NOTHING, cardCode, account: unsettled };
    case 'CreditNotes':
      return { ...NOTHING, cardCode, account: -unsettled };
    case 'IncomingPayments':
      return { ...NOTHING, cardCode, account: -unapplied(row) };
    default:
      return NOTHING;
  }
}

/** What a payment holds beyond the invoices it settles. */
function unapplied(payment: Fields): number {
  const paid = numberOf(payment, 'CashSum') + numberOf(payment, 'TransferSum');
  return round(paid - sum(recordsOf(payment, 'PaymentInvoices').map((row) => numberOf(row, 'SumApplied'))));
}

const WEIGHED = ['Orders', 'PurchaseOrders', 'DeliveryNotes', 'Invoices', 'CreditNotes', 'IncomingPayments'];

/** Puts a company's opening balances into its partners and items, from the documents it starts with. */
export function loadBalances(company: Company): void {
  const partners = new Map<string, { account: number[]; openOrders: number[]; openDeliveries: number[] }>();
  for (const set of WEIGHED) {
    for (const row of company.table(set).all()) {
      const weight = weightOf(set, row);
      if (weight.cardCode === '') continue;
      const of = partners.get(weight.cardCode) ?? { account: [], openOrders: [], openDeliveries: [] };
      partners.set(weight.cardCode, of);
      of.account.push(weight.account);
      of.openOrders.push(weight.openOrders);
      of.openDeliveries.push(weight.openDeliveries);
      moveReservations(company, weight, 1);
    }
  }
  const table = company.table('BusinessPartners');
  for (const partner of table.all()) {
    const of = partners.get(textOf(partner, 'CardCode'));
    table.put(textOf(partner, 'CardCode'), {
      ...partner,
      CurrentAccountBalance: sum(of?.account ?? []),
      OpenOrdersBalance: sum(of?.openOrders ?? []),
      OpenDeliveryNotesBalance: sum(of?.openDeliveries ?? []),
      OpenChecksBalance: 0,
    });
  }
}

/**
 * Moves the partner and the items from what the document weighed before to what it weighs now. The partner's version
 * rises but its stamp stays, and items are not stamped at all: that is what makes polling hard.
 */
export function reweigh(company: Company, set: string, before: Fields | undefined, after: Fields | undefined): void {
  const old = weightOf(set, before);
  const now = weightOf(set, after);
  moveReservations(company, old, -1);
  moveReservations(company, now, 1);
  movePartner(company, old, -1);
  movePartner(company, now, 1);
}

function movePartner(company: Company, weight: Weight, sign: 1 | -1): void {
  const table = company.table('BusinessPartners');
  const partner = table.get(weight.cardCode);
  if (partner === undefined) return;
  const moved = (name: string, by: number) => round(numberOf(partner, name) + sign * by);
  table.put(weight.cardCode, {
    ...partner,
    CurrentAccountBalance: moved('CurrentAccountBalance', weight.account),
    OpenOrdersBalance: moved('OpenOrdersBalance', weight.openOrders),
    OpenDeliveryNotesBalance: moved('OpenDeliveryNotesBalance', weight.openDeliveries),
    DataVersion: numberOf(partner, 'DataVersion') + 1,
  });
}

function moveReservations(company: Company, weight: Weight, sign: 1 | -1): void {
  for (const { itemCode, warehouse, committed, ordered } of weight.stock) {
    moveStock(company, itemCode, warehouse, { Committed: sign * committed, Ordered: sign * ordered });
  }
}

/** Adds to an item's quantities in one warehouse and to its totals. Items that are not kept in stock stay as they are. */
export function moveStock(
  company: Company,
  itemCode: string,
  warehouse: string,
  by: { InStock?: number; Committed?: number; Ordered?: number },
): void {
  const table = company.table('Items');
  const item = table.get(itemCode);
  if (item === undefined || textOf(item, 'InventoryItem') === 'tNO') return;
  const { InStock = 0, Committed = 0, Ordered = 0 } = by;
  const add = (row: Fields, name: string, amount: number) => round(numberOf(row, name) + amount, 6);
  const rows = recordsOf(item, 'ItemWarehouseInfoCollection').map((row) =>
    textOf(row, 'WarehouseCode') === warehouse
      ? {
          ...row,
          InStock: add(row, 'InStock', InStock),
          Committed: add(row, 'Committed', Committed),
          Ordered: add(row, 'Ordered', Ordered),
        }
      : row,
  );
  table.put(itemCode, {
    ...item,
    ItemWarehouseInfoCollection: rows,
    QuantityOnStock: add(item, 'QuantityOnStock', InStock),
    QuantityOrderedByCustomers: add(item, 'QuantityOrderedByCustomers', Committed),
    QuantityOrderedFromVendors: add(item, 'QuantityOrderedFromVendors', Ordered),
  });
}
