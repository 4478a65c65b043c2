import { z } from 'zod';
import type { CrmCaller } from '../../app/ports/crm.ts';
import type { CrmDealLineValues, CrmLineEditing } from '../../app/ports/crm-line-editing.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { toJsonNumber } from '../../kernel/money.ts';
import type { Api } from '../api.ts';
import { inHundreds } from '../by-ids.ts';
import { one, whole } from '../envelopes.ts';
import { operation } from '../operations.ts';
import { Id } from '../values.ts';
import { createDealLines } from './deal-lines.ts';

const Written = one(z.object({ id: Id }));
const WrittenMany = whole(z.object({ id: Id }));

/** 25 tokens for up to a hundred lines against 5 for one (reference pipedrive-api.md, section 2.2). */
const BULK_FROM = 6;
const MOST_IN_BULK = 100;
/** 15 tokens for many against 3 for one. */
const DELETE_MANY_FROM = 6;

export function createLineEditing(api: Api): CrmLineEditing {
  const { listDealLines } = createDealLines(api);

  async function addOneByOne(caller: CrmCaller, id: number, lines: readonly CrmDealLineValues[]): Promise<void> {
    for (const line of lines) {
      await api.call(caller, operation('addDealLine'), { id, body: toBody(line) }, Written);
    }
  }

  return {
    async addDealLines(caller, dealId, lines) {
      for (let start = 0; start < lines.length; start += MOST_IN_BULK) {
        const some = lines.slice(start, start + MOST_IN_BULK);
        if (some.length < BULK_FROM) await addOneByOne(caller, dealId, some);
        else {
          const input = { id: dealId, body: { data: some.map(toBody) } };
          await api.call(caller, operation('addDealLines'), input, WrittenMany);
        }
      }
      // Whether all of a bulk are added or some is not told (reference pipedrive-api.md, section 4.8).
      return listDealLines(caller, dealId);
    },

    async updateDealLine(caller, dealId, lineId, values) {
      const input = { id: dealId, part: lineId, body: toBody(values) };
      await api.call(caller, operation('updateDealLine'), input, Written);
    },

    async deleteDealLines(caller, dealId, lineIds) {
      for (const ids of inHundreds(lineIds)) {
        if (ids.length < DELETE_MANY_FROM) {
          for (const part of ids)
            await unlessGone(() => api.call(caller, operation('deleteDealLine'), { id: dealId, part }, z.unknown()));
        } else {
          // Without ids it would delete any hundred lines of the deal.
          const input = { id: dealId, query: { ids: ids.join(',') } };
          await unlessGone(() => api.call(caller, operation('deleteDealLines'), input, z.unknown()));
        }
      }
    },
  };
}

async function unlessGone(remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

function toBody(values: Partial<CrmDealLineValues>) {
  const number = (amount: string | undefined) => (amount === undefined ? undefined : toJsonNumber(amount));
  return {
    product_id: values.productId,
    item_price: number(values.unitPrice),
    quantity: number(values.quantity),
    discount: number(values.discount),
    discount_type: values.discountType,
    tax: number(values.taxPercent),
    tax_method: values.taxMethod,
    comments: values.comments,
    is_enabled: values.enabled,
  };
}
