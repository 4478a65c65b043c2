import { z } from 'zod';
import type { Crm, CrmDeal } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { one, page } from '../envelopes.ts';
import { operation } from '../operations.ts';
import {
  ComputedAmount,
  CustomFieldValues,
  Flag,
  Id,
  IdOrNull,
  instantOf,
  Text,
  TextOrNull,
  wholeSeconds,
} from '../values.ts';

const Deal = z
  .object({
    id: Id,
    title: Text,
    status: z.enum(['open', 'won', 'lost', 'deleted']),
    is_deleted: Flag,
    won_time: Text,
    org_id: IdOrNull,
    person_id: IdOrNull,
    owner_id: IdOrNull,
    currency: Text,
    value: ComputedAmount,
    expected_close_date: TextOrNull,
    update_time: Text,
    custom_fields: CustomFieldValues,
  })
  .transform(
    (deal): CrmDeal => ({
      id: deal.id,
      title: deal.title,
      status: deal.is_deleted ? 'deleted' : deal.status,
      wonAt: deal.status === 'won' ? (instantOf(deal.won_time) ?? null) : null,
      organizationId: deal.org_id,
      personId: deal.person_id,
      ownerId: deal.owner_id,
      currency: deal.currency,
      value: deal.value,
      expectedCloseDate: deal.expected_close_date?.slice(0, 10) ?? null,
      updateTime: deal.update_time,
      customFields: deal.custom_fields,
    }),
  );

const Written = one(z.object({ id: Id }));

type DealCalls = 'getDeal' | 'listWonDeals' | 'updateDealFields' | 'listDealsOfOrganization';

export function createDeals(api: Api): Pick<Crm, DealCalls> {
  return {
    async getDeal(caller, dealId) {
      const { data } = await api.call(caller, operation('getDeal'), { id: dealId }, one(Deal));
      return data;
    },

    async *listWonDeals(caller, updatedSince) {
      const query = {
        status: 'won',
        updated_since: wholeSeconds(updatedSince),
        sort_by: 'update_time',
        sort_direction: 'asc',
      };
      // Read loosely first: one deal with an amount that cannot be carried must not hide the others from the sweep.
      for await (const rows of api.pages(caller, operation('listDeals'), { query }, z.unknown())) {
        yield rows.flatMap((row) => readRow(api, row)).filter((deal) => deal.status === 'won');
      }
    },

    async listDealsOfOrganization(caller, organizationId) {
      const query = {
        org_id: organizationId,
        status: 'open,won',
        sort_by: 'add_time',
        sort_direction: 'desc',
        limit: 500,
      };
      const { data } = await api.call(caller, operation('listDeals'), { query }, page(z.unknown()));
      return data.flatMap((row) => readRow(api, row)).filter((deal) => deal.organizationId === organizationId);
    },

    async updateDealFields(caller, dealId, customFields) {
      const body = { custom_fields: customFields };
      await api.call(caller, operation('updateDeal'), { id: dealId, body }, Written);
    },
  };
}

function readRow(api: Api, row: unknown): CrmDeal[] {
  const parsed = Deal.safeParse(row);
  if (parsed.success) return [parsed.data];
  api.logger.warn('A deal in a list from Pipedrive cannot be read and is left out');
  return [];
}
