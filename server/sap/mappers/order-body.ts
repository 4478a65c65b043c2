import type { OrderDraft } from '../../domain/order-handoff.ts';
import { toJsonNumber } from '../../kernel/money.ts';
import type { FieldOfType } from '../odata.ts';

type Body<T extends 'Document' | 'DocumentLine'> = Partial<Record<FieldOfType<T>, unknown>>;

/**
 * The order as SAP takes it, without the key. Warehouse and tax are left to SAP; `NumAtCard` belongs to the customer. The
 * deal's lines are the price that was agreed: without a word about it SAP would take the partner's own discount off once
 * more, over the whole document.
 */
export function orderBody(draft: OrderDraft): Body<'Document'> {
  return {
    CardCode: draft.cardCode,
    DocDate: draft.documentDate,
    DocDueDate: draft.dueDate,
    DocCurrency: draft.currency,
    DiscountPercent: 0,
    Comments: draft.comments,
    DocumentLines: draft.lines.map(
      (line): Body<'DocumentLine'> => ({
        ItemCode: line.itemCode,
        Quantity: toJsonNumber(line.quantity),
        UnitPrice: toJsonNumber(line.unitPrice),
        DiscountPercent: toJsonNumber(line.discountPercent),
      }),
    ),
  };
}
