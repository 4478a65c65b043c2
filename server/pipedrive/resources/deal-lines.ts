import { z } from 'zod';
import type { Crm, CrmDealLine, CrmListedLine } from '../../app/ports/crm.ts';
import type { UnreadableAmount } from '../../domain/unreadable-line.ts';
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

/** Read loosely first: one line that cannot be read must not hide the others, nor make the deal a dead end. */
const ListedLine = z.looseObject({ id: Id }).transform(readLine);
const LineOfDeal = z
  .looseObject({ id: Id, deal_id: Id })
  .transform((row) => ({ dealId: row.deal_id, line: readLine(row) }));

type LooseRow = { readonly id: number; readonly [field: string]: unknown };

function readLine(row: LooseRow): CrmListedLine {
  const line = Line.safeParse(row);
  if (line.success) return line.data;
  const name = typeof row['name'] === 'string' && row['name'] !== '' ? row['name'] : `Line ${row.id}`;
  return { id: row.id, name, enabled: row['is_enabled'] !== false, unreadable: unreadableAmounts(row) };
}

const AMOUNTS = [
  { what: 'price', field: 'item_price', amount: Amount },
  { what: 'quantity', field: 'quantity', amount: Amount },
  { what: 'discount', field: 'discount', amount: Amount },
  { what: 'tax', field: 'tax', amount: Amount },
  { what: 'total', field: 'sum', amount: ComputedAmount },
] as const;

function unreadableAmounts(row: LooseRow): UnreadableAmount[] {
  return AMOUNTS.filter(({ field, amount }) => !amount.safeParse(row[field]).success).map(({ what, field }) => ({
    what,
    ...asItCame(row[field]),
  }));
}

/** Far longer than any amount that somebody means. */
const MOST_SHOWN = 40;

function asItCame(value: unknown): { text: string; tooLong: boolean } {
  const tooLong = typeof value === 'number' || (typeof value === 'string' && value !== '' && Number.isFinite(+value));
  const text = typeof value === 'number' ? inDigits(value) : String(value);
  return { text: text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text, tooLong };
}

/** As the number stands in an answer, but never `1e+21`. */
function inDigits(value: number): string {
  return value.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 20 });
}

const IN_ORDER = { sort_by: 'order_nr', sort_direction: 'asc' };

export function createDealLines(api: Api): Pick<Crm, 'listDealLines' | 'listDealLinesOf'> {
  return {
    async listDealLines(caller, dealId) {
      const lines = new Map<number, CrmListedLine>();
      const input = { id: dealId, query: IN_ORDER };
      for await (const rows of api.pages(caller, operation('listDealLines'), input, ListedLine)) addEach(lines, rows);
      return [...lines.values()];
    },

    async listDealLinesOf(caller, dealIds) {
      const lines = new Map(dealIds.map((id) => [id, new Map<number, CrmListedLine>()]));
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

type Lines = Map<number, CrmListedLine>;

/** Pages shift while somebody edits the deal: a line that comes again is the same one, in its first place. */
function addEach(lines: Lines, rows: readonly CrmListedLine[]): void {
  for (const line of rows) lines.set(line.id, line);
}

function linesAsked(lines: ReadonlyMap<number, Lines>, dealId: number): Lines {
  const found = lines.get(dealId);
  if (!found) throw notAskedFor();
  return found;
}
