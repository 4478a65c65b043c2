import { add, type Decimal, multiply, percentOf, round } from '../../kernel/money.ts';
import { partLines } from '../listed-lines.ts';
import type { CrmDeal, CrmDealLine, CrmListedLine } from '../ports/crm.ts';
import type { ErpOrder } from '../ports/erp.ts';
import type { Handoff } from '../ports/handoff-store.ts';
import { type DealGross, netUnitPrice } from './figures.ts';

/**
 * What the deal would add to the customer's exposure, with tax, in local currency: nothing once its order is in SAP, where
 * it counts among the open orders.
 * @param listed null: the lines were not read
 * @param preview SAP's own total of the order that the deal would become; null where SAP gave none
 * @param orders as SAP has them now: one that was cancelled there counts no longer
 */
export function grossOfDeal(
  deal: CrmDeal,
  listed: readonly CrmListedLine[] | null,
  handoffs: readonly Handoff[],
  localCurrency: string,
  preview: Decimal | null,
  orders: readonly ErpOrder[] = [],
): DealGross {
  if (isInSap(handoffs.filter(({ key }) => !isCancelled(key, orders))))
    return { amount: '0', note: 'This deal’s order is in SAP and no longer counted apart.' };
  if (preview !== null) return { amount: preview, note: null };
  const { lines, unreadable } = partLines(listed ?? []);
  if (listed === null || unreadable.some((line) => line.enabled)) {
    return { amount: null, note: 'This deal’s lines could not all be read, so it is not part of these figures.' };
  }
  if (deal.currency !== localCurrency) {
    return {
      amount: null,
      note: `This deal is in ${deal.currency} and not part of these figures, which are in ${localCurrency}.`,
    };
  }
  const enabled = lines.filter((line) => line.enabled);
  const untaxed = enabled.some((line) => line.taxMethod === 'none' || Number(line.taxPercent) === 0);
  const note = untaxed ? 'This deal is counted as it stands in Pipedrive; SAP adds tax where lines have none.' : null;
  return { amount: round(add('0', ...enabled.map(grossOfLine)), 2), note };
}

/** As an order. A draft that waits for approval is not among SAP's open orders, so the deal still counts. */
export function isInSap(handoffs: readonly Handoff[]): boolean {
  return handoffs.some((handoff) => handoff.docEntry !== null && handoff.document === 'order');
}

function isCancelled(key: string, orders: readonly ErpOrder[]): boolean {
  const own = orders.filter((order) => order.key === key && order.document === 'order');
  return own.length > 0 && own.every(({ status }) => status === 'cancelled');
}

function grossOfLine(line: CrmDealLine): Decimal {
  const net = multiply(netUnitPrice(line) ?? '0', line.quantity);
  return line.taxMethod === 'none' ? net : add(net, percentOf(net, line.taxPercent));
}
