import { z } from 'zod';
import type { Crm, CrmDealLine } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { operation } from '../operations.ts';
import { Amount, ComputedAmount, Id, Text } from '../values.ts';

const Line = z
  .object({
    id: Id,
    product_id: Id,
    name: Text,
    quantity: Amount,
    item_price: Amount,
    discount: Amount,
    discount_type: z.enum(['percentage', 'amount']).nullish(),
    tax: Amount,
    tax_method: z.enum(['exclusive', 'inclusive', 'none']).nullish(),
    is_enabled: z.boolean().nullish(),
    billing_frequency: z.string().nullish(),
    sum: ComputedAmount,
  })
  .transform(
    (line): CrmDealLine => ({
      id: line.id,
      productId: line.product_id,
      name: line.name,
      quantity: line.quantity,
      unitPrice: line.item_price,
      discount: line.discount,
      discountType: line.discount_type ?? 'percentage',
      taxPercent: line.tax,
      taxMethod: line.tax_method ?? 'none',
      enabled: line.is_enabled ?? true,
      billingFrequency: line.billing_frequency ?? 'one-time',
      sum: line.sum,
    }),
  );

export function createDealLines(api: Api): Pick<Crm, 'listDealLines'> {
  return {
    async listDealLines(caller, dealId) {
      const lines: CrmDealLine[] = [];
      const input = { id: dealId, query: { sort_by: 'order_nr', sort_direction: 'asc' } };
      for await (const rows of api.pages(caller, operation('listDealLines'), input, Line)) lines.push(...rows);
      return lines;
    },
  };
}
