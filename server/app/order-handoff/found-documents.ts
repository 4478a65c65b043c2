import type { ErpOrder } from '../ports/erp.ts';
import type { Finding } from '../ports/finding-store.ts';
import type { Handoff } from '../ports/handoff-store.ts';

type NewFinding = Pick<Finding, 'kind' | 'subject' | 'message' | 'action' | 'link'>;

export interface Found {
  /** The one that the deal shows. */
  readonly order: ErpOrder;
  /** All that count, when that is more than one. */
  readonly tooMany: readonly ErpOrder[];
}

/** What was cancelled in SAP counts only where there is nothing else, a draft that was turned down only before that. */
export function chooseDocument(found: readonly ErpOrder[]): Found | undefined {
  const live = found.filter(({ status }) => status !== 'cancelled' && status !== 'rejected');
  const order = live[0] ?? found.find(({ status }) => status !== 'cancelled') ?? found[0];
  return order && { order, tooMany: live.length > 1 ? live : [] };
}

export function duplicateFinding({ dealId }: Handoff, orders: readonly ErpOrder[]): NewFinding {
  return {
    kind: 'order_duplicate',
    subject: `deal:${dealId}`,
    message: `SAP has more than one order for one deal: ${orders.map(({ docNum }) => docNum).join(', ')}.`,
    action: 'Cancel the ones that are too many in SAP. The deal shows the first.',
    link: { resource: 'deal', id: dealId },
  };
}

/** It was made for this deal, so nothing is sent again. */
export function cancelledFinding({ dealId }: Handoff, { docNum }: ErpOrder): NewFinding {
  return {
    kind: 'order_refused',
    subject: `deal:${dealId}`,
    message: `Sales order ${docNum} of this deal was cancelled in SAP. It is not sent again by itself.`,
    action: 'If the goods are still to be delivered, ask your back office to enter the order in SAP. Then press Done.',
    link: { resource: 'deal', id: dealId },
  };
}

export function foreignOrderMessage({ docNum, cardCode }: ErpOrder): string {
  return `SAP has order ${docNum} for this deal, but under customer ${cardCode}. Ask your back office to correct one of them.`;
}
