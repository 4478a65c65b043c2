import { z } from 'zod';
import type { Crm, CrmOrganization, OrganizationValues } from '../../app/ports/crm.ts';
import type { Api } from '../api.ts';
import { readByIds } from '../by-ids.ts';
import { changedRows } from '../changed-rows.ts';
import { one } from '../envelopes.ts';
import { operation } from '../operations.ts';
import { CustomFieldValues, clearedByNull, Flag, Id, Text } from '../values.ts';

const Organization = z
  .object({
    id: Id,
    name: Text,
    address: z.object({ value: z.string().nullish(), postal_code: z.string().nullish() }).nullish().catch(null),
    update_time: Text,
    is_deleted: Flag,
    custom_fields: CustomFieldValues,
    people_count: z.int().nonnegative().optional().catch(undefined),
  })
  .transform(
    (organization): CrmOrganization => ({
      id: organization.id,
      name: organization.name,
      postalCode: organization.address?.postal_code ?? null,
      address: organization.address?.value || null,
      updateTime: organization.update_time,
      isDeleted: organization.is_deleted,
      customFields: organization.custom_fields,
      ...(organization.people_count !== undefined && { people: organization.people_count }),
    }),
  );

const Written = one(z.object({ id: Id }));
/** Whatever else it shows: that it was written is certain. */
const Shown = one(z.looseObject({ id: Id }));

/** Pipedrive lets a query name no more custom fields than these. */
const MOST_CUSTOM_FIELDS = 15;

type OrganizationCalls =
  | 'getOrganization'
  | 'listOrganizations'
  | 'listOrganizationsByIds'
  | 'createOrganization'
  | 'updateOrganization';

export function createOrganizations(api: Api): Pick<Crm, OrganizationCalls> {
  return {
    async getOrganization(caller, id) {
      const query = { include_fields: 'people_count' };
      const { data } = await api.call(caller, operation('getOrganization'), { id, query }, one(Organization));
      return data;
    },

    listOrganizations(caller, { updatedSince, customFields }) {
      const query = onlyCustomFields(customFields);
      return changedRows(api, caller, operation('listOrganizations'), { updatedSince, query, row: Organization });
    },

    listOrganizationsByIds(caller, ids, customFields) {
      const read = { row: Organization, query: onlyCustomFields(customFields) };
      return readByIds(api, caller, operation('listOrganizations'), ids, read);
    },

    async createOrganization(caller, values) {
      const body = toBody(values);
      const { data } = await api.call(caller, operation('createOrganization'), { body }, Written);
      return data.id;
    },

    async updateOrganization(caller, id, values) {
      const input = { id, body: toBody(values) };
      const { data } = await api.call(caller, operation('updateOrganization'), input, Shown);
      return Organization.safeParse(data).data ?? null;
    },
  };
}

/** Of no field named, and of more than can be named, all come. */
function onlyCustomFields(codes: readonly string[]): { custom_fields?: string } {
  return codes.length > 0 && codes.length <= MOST_CUSTOM_FIELDS ? { custom_fields: codes.join(',') } : {};
}

/** Of an address Pipedrive empties every part that is not sent, which is what an absent part means here too. */
function toBody({ name, address, customFields }: OrganizationValues) {
  return {
    ...(name !== undefined && { name }),
    ...(address && {
      address: {
        value: address.value,
        ...(address.postalCode !== null && { postal_code: address.postalCode }),
        ...(address.locality !== null && { locality: address.locality }),
        ...(address.country !== null && { country: address.country }),
      },
    }),
    ...(customFields && { custom_fields: clearedByNull(customFields) }),
  };
}
