import { z } from 'zod';
import type { Crm, CrmCaller, CrmDeal } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { readByIds } from '../by-ids.ts';
import { one, page } from '../envelopes.ts';
import { type Operation, operation } from '../operations.ts';
import { changedSince, onlyFitting } from '../plausibility.ts';
import {
  ComputedAmountOrNull,
  CustomFieldValues,
  clearedByNull,
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
    is_archived: Flag,
    won_time: Text,
    org_id: IdOrNull,
    person_id: IdOrNull,
    owner_id: IdOrNull,
    currency: Text,
    value: ComputedAmountOrNull,
    expected_close_date: TextOrNull,
    update_time: Text,
    custom_fields: CustomFieldValues,
  })
  .transform(
    (deal): CrmDeal => ({
      id: deal.id,
      title: deal.title,
      status: deal.is_deleted ? 'deleted' : deal.status,
      isDeleted: deal.is_deleted || deal.status === 'deleted',
      isArchived: deal.is_archived,
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
/** Read loosely first: one deal that cannot be read must not hide the others. */
const Loose = z.looseObject({ id: Id });

type DealCalls =
  | 'getDeal'
  | 'findArchivedDeal'
  | 'listDealsByIds'
  | 'listChangedDeals'
  | 'listDeletedDeals'
  | 'updateDealFields'
  | 'listDealsOfOrganization';

export function createDeals(api: Api): Pick<Crm, DealCalls> {
  async function* changed(
    caller: CrmCaller,
    list: Operation,
    { since, status }: { since: Date; status?: CrmDeal['status'] },
  ): AsyncGenerator<readonly CrmDeal[]> {
    const query = { status, updated_since: wholeSeconds(since), sort_by: 'update_time', sort_direction: 'asc' };
    for await (const rows of api.pages(caller, list, { query }, Loose)) {
      const deals = rows.flatMap((row) => readRow(api, row));
      // Whether a deal that was deleted after it was won still stands among the won ones is not told.
      const wanted = status === 'deleted' ? deals : deals.filter((deal) => !deal.isDeleted);
      yield onlyFitting(
        wanted,
        (deal) => (status === undefined || deal.status === status) && changedSince(deal.updateTime, since),
      );
    }
  }

  return {
    async getDeal(caller, dealId) {
      const { data } = await api.call(caller, operation('getDeal'), { id: dealId }, one(Deal));
      return data;
    },

    async findArchivedDeal(caller, dealId) {
      const rows = await readByIds(api, caller, operation('listArchivedDeals'), [dealId], { row: Loose });
      return rows.flatMap((row) => readRow(api, row)).find((deal) => !deal.isDeleted);
    },

    async listDealsByIds(caller, ids, from) {
      const list = from?.archived ? operation('listArchivedDeals') : operation('listDeals');
      const rows = await readByIds(api, caller, list, ids, { row: Loose });
      return rows.flatMap((row) => readRow(api, row));
    },

    listChangedDeals(caller, { updatedSince, archived }) {
      return changed(caller, operation(archived ? 'listArchivedDeals' : 'listDeals'), { since: updatedSince });
    },

    listDeletedDeals(caller, since) {
      return changed(caller, operation('listDeals'), { since, status: 'deleted' });
    },

    async listDealsOfOrganization(caller, organizationId) {
      const query = {
        org_id: organizationId,
        status: 'open,won',
        sort_by: 'add_time',
        sort_direction: 'desc',
        limit: 500,
      };
      const answer = await api.call(caller, operation('listDeals'), { query }, page(Loose));
      const deals = answer.data.flatMap((row) => readRow(api, row)).filter((deal) => !deal.isDeleted);
      return {
        deals: onlyFitting(deals, (deal) => deal.organizationId === organizationId && deal.status !== 'lost'),
        more: Boolean(answer.additional_data?.next_cursor),
      };
    },

    async updateDealFields(caller, dealId, customFields) {
      const body = { custom_fields: clearedByNull(customFields) };
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
