import type { ErpOrder } from '../ports/erp.ts';
import type { Handoff } from '../ports/handoff-store.ts';
import type { LineDetail } from '../ports/link-store.ts';

/** SAP keeps the lines in the order they were sent in. */
export function pairLines(handoff: Handoff, order: ErpOrder): readonly LineDetail[] {
  return (handoff.draft?.lines ?? []).flatMap((line, index) => {
    const posted = order.lines[index];
    if (!posted || posted.itemCode !== line.itemCode) return [];
    return [
      {
        dealId: handoff.dealId,
        lineId: line.lineId,
        itemCode: line.itemCode,
        docEntry: order.docEntry,
        lineNum: posted.lineNum,
      },
    ];
  });
}
