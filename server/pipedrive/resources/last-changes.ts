import { z } from 'zod';
import type { Crm, CrmChangingList } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { page } from '../envelopes.ts';
import type { OperationName } from '../operation-list.ts';
import { operation } from '../operations.ts';
import { Text } from '../values.ts';

const LISTS = {
  deals: 'listDeals',
  archived_deals: 'listArchivedDeals',
  organizations: 'listOrganizations',
  persons: 'listPersons',
  products: 'listProducts',
} as const satisfies Record<CrmChangingList, OperationName>;

const Changed = z.object({ update_time: Text });

export function createLastChanges(api: Api): Pick<Crm, 'findLastChange'> {
  return {
    async findLastChange(caller, list) {
      const query = { sort_by: 'update_time', sort_direction: 'desc', limit: 1 };
      const { data } = await api.call(caller, operation(LISTS[list]), { query }, page(Changed));
      return data[0]?.update_time;
    },
  };
}
