import { z } from 'zod';
import type { Crm, CrmDealLine } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { inHundreds } from '../by-ids.ts';
import { operation } from '../operations.ts';
import { notAskedFor } from '../plausibility.ts';
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

const LineOfDeal = z.looseObject({ deal_id: Id }).transform((row, context) => {
  const line = Line.safeParse(row);
  if (line.success) return { dealId: row.deal_id, line: line.data };
  context.addIssue({ code: 'custom', message: `a line that cannot be read: ${line.error.message}` });
  return z.NEVER;
});

const IN_ORDER = { sort_by: 'order_nr', sort_direction: 'asc' };

export function createDealLines(api: Api): Pick<Crm, 'listDealLines' | 'listDealLinesOf'> {
  return {
    async listDealLines(caller, dealId) {
      const lines = new Map<number, CrmDealLine>();
      const input = { id: dealId, query: IN_ORDER };
      for await (const rows of api.pages(caller, operation('listDealLines'), input, Line)) addEach(lines, rows);
      return [...lines.values()];
    },

    async listDealLinesOf(caller, dealIds) {
      const lines = new Map(dealIds.map((id) => [id, new Map<number, CrmDealLine>()]));
      for (const hundred of inHundreds(dealIds)) {
        const input = { query: { ...IN_ORDER, deal_ids: hundred.join(',') } };
        for await (const rows of api.pages(caller, operation('listLinesOfDeals'), input, LineOfDeal)) {
          for (const { dealId, line } of rows) addEach(linesAsked(lines, dealId), [line]);
        }
      }
      return new Map([...lines].map(([dealId, own]) => [dealId, [...own.values()]]));
    },
  };
}

type Lines = Map<number, CrmDealLine>;

/** Pages shift while somebody edits the deal: a line that comes again is the same one, in its first place. */
function addEach(lines: Lines, rows: readonly CrmDealLine[]): void {
  for (const line of rows) lines.set(line.id, line);
}

function linesAsked(lines: ReadonlyMap<number, Lines>, dealId: number): Lines {
  const found = lines.get(dealId);
  if (!found) throw notAskedFor();
  return found;
}
